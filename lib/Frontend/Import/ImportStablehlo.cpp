// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "moe/Frontend/Passes.h"
#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEIMPORTSTABLEHLOPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-import-stablehlo";

/// Foreign ops on whole tensors, outer ones first.
SmallVector<Operation *> collectForeign(Operation *root) {
  SmallVector<Operation *> foreign;
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!hlo::isForeign(op))
      return WalkResult::advance();
    // Its parent takes it along.
    if (hlo::isReturn(op) && op->getParentOp() &&
        hlo::isForeign(op->getParentOp()))
      return WalkResult::advance();
    foreign.push_back(op);
    return hlo::hasTensorRegions(op) ? WalkResult::advance()
                                     : WalkResult::skip();
  });
  return foreign;
}

/// The function that a call or a composite stands for.
func::FuncOp calledFunction(Operation *op) {
  StringRef name = op->getName().getStringRef();
  StringRef attribute = name == "func.call"             ? "callee"
                        : name == "stablehlo.composite" ? "decomposition"
                                                        : "";
  auto symbol = attribute.empty()
                    ? FlatSymbolRefAttr()
                    : op->getAttrOfType<FlatSymbolRefAttr>(attribute);
  if (!symbol)
    return nullptr;
  return SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, symbol);
}

/// Calls in scalar bodies, while what they call is still foreign.
LogicalResult inlineCallsInBodies(ArrayRef<Operation *> foreign,
                                  RewriterBase &rewriter) {
  for (Operation *op : foreign) {
    if (hlo::hasTensorRegions(op))
      continue;
    // Deeper nesting than this is a function that calls itself.
    constexpr unsigned maxDepth = 64;
    for (unsigned depth = 0;; ++depth) {
      SmallVector<Operation *> calls;
      op->walk([&](Operation *inner) {
        if (inner != op && calledFunction(inner))
          calls.push_back(inner);
      });
      if (calls.empty())
        break;
      if (depth == maxDepth)
        return op->emitOpError("has a body that calls a function which calls "
                               "itself");
      for (Operation *call : calls) {
        func::FuncOp function = calledFunction(call);
        if (!function.getBody().hasOneBlock() ||
            TypeRange(function.getArgumentTypes()) != call->getOperandTypes() ||
            TypeRange(function.getResultTypes()) != call->getResultTypes())
          return hlo::malformed(call, "a function of its types and one block");
        IRMapping mapping;
        mapping.map(function.getArguments(), call->getOperands());
        rewriter.setInsertionPoint(call);
        Block &body = function.getBody().front();
        for (Operation &inner : body.without_terminator())
          rewriter.clone(inner, mapping);
        SmallVector<Value> results = llvm::map_to_vector(
            body.getTerminator()->getOperands(),
            [&](Value value) { return mapping.lookupOrDefault(value); });
        rewriter.replaceOp(call, results);
      }
    }
  }
  return success();
}

bool isComposite(Operation *op) {
  return op->getName().getStringRef() == "stablehlo.composite";
}

/// The functions that an op names, in properties also.
void collectNames(Operation *op, llvm::StringSet<> &names) {
  op->walk([&](Operation *inner) {
    auto add = [&](SymbolRefAttr symbol) {
      names.insert(symbol.getRootReference().getValue());
    };
    inner->getDiscardableAttrDictionary().walk(add);
    if (Attribute properties = inner->getPropertiesAsAttribute())
      properties.walk(add);
  });
}

/// Erases private functions that nothing names, the decompositions of
/// composites above all: they may be much longer than what they say.
void eraseUnnamed(ModuleOp module) {
  for (bool changed = true; changed;) {
    changed = false;
    llvm::StringSet<> names;
    collectNames(module, names);
    for (auto function :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (function.isPrivate() && !names.contains(function.getSymName())) {
        function.erase();
        changed = true;
      }
  }
}

struct ImportStablehlo
    : moe::impl::MoEImportStablehloPassBase<ImportStablehlo> {
  LogicalResult initialize(MLIRContext *) override {
    // What is inlined stays as it was imported.
    inlining = OpPassManager(ModuleOp::getOperationName());
    inlining.addPass(createInlinerPass({}, [](OpPassManager &) {}));
    return success();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    failedOnce = false;
    named.clear();
    SmallVector<Operation *> foreign = collectForeign(module);
    if (llvm::none_of(foreign, hlo::findImporter)) {
      for (Operation *op : foreign)
        leave(op);
      if (failedOnce)
        signalPassFailure();
      return markAllAnalysesPreserved();
    }
    hlo::dropSigns(module);
    IRRewriter rewriter(&getContext());
    if (failed(inlineCallsInBodies(foreign, rewriter)))
      return signalPassFailure();
    for (Operation *op : collectForeign(module))
      if (isComposite(op))
        import(op, rewriter);
    if (failedOnce)
      return signalPassFailure();
    eraseUnnamed(module);
    for (Operation *op : collectForeign(module))
      import(op, rewriter);
    if (failedOnce || failed(runPipeline(inlining, module)))
      return signalPassFailure();
    eraseUnnamed(module);
  }

  void import(Operation *op, RewriterBase &rewriter) {
    if (hlo::Importer importer = hlo::findImporter(op))
      failedOnce |= failed(importer(op, rewriter));
    else
      leave(op);
  }

  /// What a host registered, it may lower itself; nobody could lower text.
  void leave(Operation *op) {
    // Once for each kind: a model may hold hundreds.
    bool isNew = named.insert(op->getName().getStringRef()).second;
    if (op->isRegistered() && !hlo::hasUnsigned(op)) {
      if (isNew)
        (void)missed(op, passName,
                     op->getName().getStringRef() + " is not imported");
      return;
    }
    failedOnce = true;
    if (isNew)
      op->emitOpError("is not imported; lower it to other operations before "
                      "moe-import");
  }

  OpPassManager inlining;
  bool failedOnce = false;
  llvm::StringSet<> named;
};
} // namespace
