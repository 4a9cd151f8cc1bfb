// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Mutations.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::moe;

bool moe::duplicate(Site &site) {
  SmallVector<Operation *> pure;
  for (Operation *op : site.getOps())
    if (isMemoryEffectFree(op) && op->getNumResults() > 0)
      pure.push_back(op);
  if (pure.empty())
    return false;
  Operation *op = site.pickFrom(pure);
  site.rewriter.setInsertionPointAfter(op);
  Operation *copy = site.rewriter.clone(*op);
  // Sometimes nobody reads the copy.
  if (site.toss())
    for (auto [from, to] : llvm::zip(op->getResults(), copy->getResults()))
      from.replaceUsesWithIf(to, [&](OpOperand &) { return site.toss(); });
  return true;
}

bool moe::simplify(Site &site) {
  DominanceInfo dominance(site.function);
  eliminateCommonSubExpressions(site.rewriter, dominance, site.function);
  (void)runRegionDCE(site.rewriter, site.function->getRegions());
  return true;
}

namespace {
/// What every function makes for itself. A tensor without contents that is
/// returned becomes a buffer with two names.
bool isRemade(Operation *op) {
  return op->hasTrait<OpTrait::ConstantLike>() ||
         (isa<tensor::EmptyOp>(op) && op->getNumOperands() == 0);
}

/// What a range of operations reads from outside, and gives to it.
struct Boundary {
  SetVector<Value> inputs, results;
  SetVector<Operation *> constants;

  explicit Boundary(ArrayRef<Operation *> range) {
    DenseSet<Operation *> inside(range.begin(), range.end());
    Block *block = range.front()->getBlock();
    auto isInside = [&](Operation *op) {
      Operation *top = block->findAncestorOpInBlock(*op);
      return top && inside.contains(top);
    };
    for (Operation *op : range) {
      op->walk([&](Operation *inner) {
        for (Value operand : inner->getOperands()) {
          Operation *definition = operand.getDefiningOp();
          Block *home = operand.getParentBlock();
          if (definition ? isInside(definition)
                         : home != block && isInside(home->getParentOp()))
            continue;
          if (definition && isRemade(definition))
            constants.insert(definition);
          else
            inputs.insert(operand);
        }
      });
      for (Value result : op->getResults())
        for (Operation *user : result.getUsers())
          if (!isInside(user))
            results.insert(result);
    }
  }
};
} // namespace

bool moe::outline(Site &site) {
  // Constants stay where they are read.
  SmallVector<Operation *> ops = site.getOps();
  llvm::erase_if(
      ops, [](Operation *op) { return op->hasTrait<OpTrait::ConstantLike>(); });
  if (ops.empty())
    return false;
  constexpr size_t kMost = 16;
  size_t begin = site.pick(ops.size());
  size_t count = 1 + site.pick(std::min<size_t>(kMost, ops.size() - begin));
  ArrayRef<Operation *> range = ArrayRef(ops).slice(begin, count);
  Boundary boundary(range);
  if (boundary.results.empty() ||
      llvm::any_of(boundary.results, [](Value value) {
        return isa<tensor::EmptyOp>(value.getDefiningOp());
      }))
    return false;

  IRRewriter &rewriter = site.rewriter;
  Location loc = range.front()->getLoc();
  SmallVector<Type> from, to;
  for (Value value : boundary.inputs)
    from.push_back(value.getType());
  for (Value value : boundary.results)
    to.push_back(value.getType());
  rewriter.setInsertionPoint(site.function);
  auto callee = func::FuncOp::create(rewriter, loc, "part",
                                     rewriter.getFunctionType(from, to));
  callee.setPrivate();
  SymbolTable(site.function->getParentOp()).insert(callee);
  IRMapping map;
  Block *body = callee.addEntryBlock();
  map.map(boundary.inputs.getArrayRef(), body->getArguments());
  rewriter.setInsertionPointToStart(body);
  for (Operation *constant : boundary.constants)
    rewriter.clone(*constant, map);
  for (Operation *op : range)
    rewriter.clone(*op, map);
  SmallVector<Value> returned;
  for (Value value : boundary.results)
    returned.push_back(map.lookup(value));
  func::ReturnOp::create(rewriter, loc, returned);

  rewriter.setInsertionPointAfter(range.back());
  auto call = func::CallOp::create(rewriter, loc, callee,
                                   boundary.inputs.getArrayRef());
  for (auto [value, result] : llvm::zip(boundary.results, call.getResults()))
    rewriter.replaceAllUsesWith(value, result);
  for (Operation *op : llvm::reverse(range))
    rewriter.eraseOp(op);
  return true;
}
