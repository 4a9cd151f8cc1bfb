// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/DenseSet.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEINLINECALLSPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Puts the bodies of private functions where they are called, callees before
/// callers.
class Inliner {
public:
  explicit Inliner(ModuleOp module) : symbols(module), rewriter(module) {}

  void inlineInto(func::FuncOp function);

private:
  /// The function to inline; null where the call stays.
  func::FuncOp calleeOf(func::CallOp call);

  SymbolTable symbols;
  IRRewriter rewriter;
  DenseSet<Operation *> done, open;
};
} // namespace

func::FuncOp Inliner::calleeOf(func::CallOp call) {
  auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
  if (!callee || !callee.isPrivate() || callee.isExternal() ||
      !callee.getBody().hasOneBlock() || open.contains(callee) ||
      !llvm::equal(callee.getResultTypes(), call.getResultTypes()))
    return {};
  return callee;
}

void Inliner::inlineInto(func::FuncOp function) {
  if (!done.insert(function).second)
    return;
  open.insert(function);
  SmallVector<func::CallOp> calls;
  function.walk([&](func::CallOp call) { calls.push_back(call); });
  for (func::CallOp call : calls) {
    func::FuncOp callee = calleeOf(call);
    if (!callee)
      continue;
    inlineInto(callee);
    IRMapping map;
    map.map(callee.getArguments(), call.getOperands());
    rewriter.setInsertionPoint(call);
    Block &body = callee.getBody().front();
    for (Operation &op : body.without_terminator())
      rewriter.clone(op, map);
    SmallVector<Value> results = llvm::map_to_vector(
        body.getTerminator()->getOperands(),
        [&](Value value) { return map.lookupOrDefault(value); });
    rewriter.replaceOp(call, results);
  }
  open.erase(function);
}

namespace {
struct InlineCalls : moe::impl::MoEInlineCallsPassBase<InlineCalls> {
  void runOnOperation() override {
    Inliner inliner(getOperation());
    SmallVector<func::FuncOp> callees;
    bool hasCalls = false;
    getOperation().walk([&](func::CallOp call) {
      hasCalls = true;
      if (auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
              call, call.getCalleeAttr()))
        if (!llvm::is_contained(callees, callee))
          callees.push_back(callee);
    });
    if (!hasCalls)
      return markAllAnalysesPreserved();
    for (auto function : getOperation().getOps<func::FuncOp>())
      inliner.inlineInto(function);
    // Callers are done first: a callee is needed as long as one calls it.
    for (bool changed = true; changed;) {
      changed = false;
      for (func::FuncOp &callee : callees)
        if (callee && callee.isPrivate() &&
            SymbolTable::symbolKnownUseEmpty(callee, getOperation())) {
          callee.erase();
          callee = {};
          changed = true;
        }
    }
  }
};
} // namespace
