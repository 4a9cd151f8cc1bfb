// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Every region has one block that takes `arguments` and returns `results`.
LogicalResult checkRegions(Operation *op, MutableArrayRef<Region> regions,
                           TypeRange arguments, TypeRange results) {
  for (Region &region : regions)
    if (!region.hasOneBlock() || region.getArgumentTypes() != arguments ||
        region.front().empty() || !hlo::isReturn(&region.front().back()) ||
        region.front().back().getOperandTypes() != results)
      return hlo::malformed(op, "regions of one block that take ")
             << arguments.size() << " values and return " << results.size();
  return success();
}

/// Moves the only block of `from`, which scf.yield ends from now on.
void moveRegion(RewriterBase &rewriter, Region &from, Region &to) {
  to.getBlocks().clear();
  rewriter.inlineRegionBefore(from, to, to.end());
  Operation *end = &to.front().back();
  rewriter.setInsertionPoint(end);
  rewriter.replaceOpWithNewOp<scf::YieldOp>(end, end->getOperands());
}

/// The only element of the only operand, an integer.
FailureOr<Value> selector(Operation *op, RewriterBase &rewriter) {
  auto type = op->getNumOperands() == 1
                  ? dyn_cast<RankedTensorType>(op->getOperand(0).getType())
                  : RankedTensorType();
  if (!type || type.getRank() != 0 || !isa<IntegerType>(type.getElementType()))
    return hlo::malformed(op, "one operand of rank 0, an integer"), failure();
  rewriter.setInsertionPoint(op);
  return hlo::scalarOf(rewriter, op->getLoc(), op->getOperand(0));
}

///   "stablehlo.while"(%x) { cond } { body }  =>  scf.while
LogicalResult importWhile(Operation *op, RewriterBase &rewriter) {
  Type condition = RankedTensorType::get({}, rewriter.getI1Type());
  TypeRange types = op->getOperandTypes();
  if (op->getNumRegions() != 2 || types != op->getResultTypes())
    return hlo::malformed(op, "a condition, a body and as many results as "
                              "operands");
  if (failed(checkRegions(op, op->getRegion(0), types, condition)) ||
      failed(checkRegions(op, op->getRegion(1), types, types)))
    return failure();
  rewriter.setInsertionPoint(op);
  auto loop = scf::WhileOp::create(rewriter, op->getLoc(), op->getResultTypes(),
                                   op->getOperands());
  moveRegion(rewriter, op->getRegion(1), loop.getAfter());
  rewriter.inlineRegionBefore(op->getRegion(0), loop.getBefore(),
                              loop.getBefore().end());
  Operation *end = &loop.getBefore().front().back();
  rewriter.setInsertionPoint(end);
  Value goOn = tensor::ExtractOp::create(rewriter, end->getLoc(),
                                         end->getOperand(0), ValueRange());
  rewriter.replaceOpWithNewOp<scf::ConditionOp>(
      end, goOn, loop.getBefore().getArguments());
  rewriter.replaceOp(op, loop);
  return success();
}

LogicalResult importIf(Operation *op, RewriterBase &rewriter) {
  FailureOr<Value> condition = selector(op, rewriter);
  if (failed(condition))
    return failure();
  if (op->getNumRegions() != 2 || !condition->getType().isInteger(1))
    return hlo::malformed(op, "an i1 and two regions");
  if (failed(checkRegions(op, op->getRegions(), {}, op->getResultTypes())))
    return failure();
  auto branch = scf::IfOp::create(rewriter, op->getLoc(), op->getResultTypes(),
                                  *condition, /*withElseRegion=*/true);
  moveRegion(rewriter, op->getRegion(0), branch.getThenRegion());
  moveRegion(rewriter, op->getRegion(1), branch.getElseRegion());
  rewriter.replaceOp(op, branch);
  return success();
}

/// An index that is no branch takes the last one.
LogicalResult importCase(Operation *op, RewriterBase &rewriter) {
  FailureOr<Value> index = selector(op, rewriter);
  if (failed(index))
    return failure();
  unsigned last = op->getNumRegions() - 1;
  if (op->getNumRegions() == 0)
    return hlo::malformed(op, "a branch");
  if (failed(checkRegions(op, op->getRegions(), {}, op->getResultTypes())))
    return failure();
  Value number = arith::IndexCastOp::create(rewriter, op->getLoc(),
                                            rewriter.getIndexType(), *index);
  SmallVector<int64_t> cases = llvm::to_vector(llvm::seq<int64_t>(0, last));
  auto branch = scf::IndexSwitchOp::create(
      rewriter, op->getLoc(), op->getResultTypes(), number, cases, last);
  for (unsigned i = 0; i < last; ++i)
    moveRegion(rewriter, op->getRegion(i), branch.getCaseRegions()[i]);
  moveRegion(rewriter, op->getRegion(last), branch.getDefaultRegion());
  rewriter.replaceOp(op, branch);
  return success();
}

LogicalResult importBarrier(Operation *op, RewriterBase &rewriter) {
  if (op->getOperandTypes() != op->getResultTypes())
    return hlo::malformed(op, "as many results as operands");
  rewriter.replaceOp(op, op->getOperands());
  return success();
}

bool isTuple(Operation *op) {
  return op && op->getName().getStringRef() == "stablehlo.tuple";
}

/// With the tuples in it that nothing else uses.
void eraseDeadTuple(Operation *op, RewriterBase &rewriter) {
  if (!isTuple(op) || !op->use_empty())
    return;
  SmallVector<Value> elements(op->getOperands());
  rewriter.eraseOp(op);
  for (Value element : elements)
    eraseDeadTuple(element.getDefiningOp(), rewriter);
}

/// Goes with the last op that takes it apart.
LogicalResult importTuple(Operation *op, RewriterBase &rewriter) {
  if (op->use_empty()) {
    rewriter.eraseOp(op);
    return success();
  }
  for (Operation *user : op->getUsers())
    if (!isTuple(user) &&
        user->getName().getStringRef() != "stablehlo.get_tuple_element")
      return op->emitOpError("is passed on as a whole; pass its elements "
                             "before moe-import");
  return success();
}

LogicalResult importTupleElement(Operation *op, RewriterBase &rewriter) {
  std::optional<int64_t> index = hlo::integer(op, "index");
  if (op->getNumOperands() != 1 || op->getNumResults() != 1 || !index)
    return hlo::malformed(op, "one operand, one result and an index");
  Operation *tuple = op->getOperand(0).getDefiningOp();
  if (!isTuple(tuple))
    return op->emitOpError("takes a tuple that was not made here; pass its "
                           "elements before moe-import");
  if (*index < 0 || *index >= tuple->getNumOperands() ||
      tuple->getOperand(*index).getType() != op->getResult(0).getType())
    return hlo::malformed(op, "an index of the tuple");
  rewriter.replaceOp(op, tuple->getOperand(*index));
  eraseDeadTuple(tuple, rewriter);
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::controlImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.case", importCase},
      {"stablehlo.get_tuple_element", importTupleElement},
      {"stablehlo.if", importIf},
      {"stablehlo.optimization_barrier", importBarrier},
      {"stablehlo.tuple", importTuple},
      {"stablehlo.while", importWhile},
  };
  return table;
}
