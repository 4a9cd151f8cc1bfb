// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// The numbers of the places along the last dimension.
Value buildPlaces(OpBuilder &b, Location loc, RankedTensorType type,
                  Value like) {
  return hlo::buildElements(
      b, loc, type, {}, {}, like,
      [&](OpBuilder &b, Location loc, ValueRange) -> Value {
        Value index = linalg::IndexOp::create(b, loc, type.getRank() - 1);
        return arith::IndexCastOp::create(b, loc, type.getElementType(), index);
      });
}

Value isLarger(Operation *op, OpBuilder &b, Location loc, Value lhs,
               Value rhs) {
  if (isa<FloatType>(lhs.getType())) {
    lhs = hlo::totalOrder(b, loc, lhs);
    rhs = hlo::totalOrder(b, loc, rhs);
  }
  return arith::CmpIOp::create(b, loc,
                               hlo::isUnsigned(op) || lhs.getType().isInteger(1)
                                   ? arith::CmpIPredicate::ugt
                                   : arith::CmpIPredicate::sgt,
                               lhs, rhs);
}

/// The k largest along the last dimension and their places, floats in total
/// order, the lower place first among equals.
LogicalResult importTopK(Operation *op, RewriterBase &rewriter,
                         std::optional<int64_t> k) {
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  FailureOr<SmallVector<RankedTensorType>> results =
      hlo::tensorTypes(op, op->getResultTypes());
  if (failed(inputs) || failed(results))
    return failure();
  if (!k || inputs->size() != 1 || results->size() != 2 ||
      inputs->front().getRank() < 1)
    return hlo::malformed(op, "k, one operand and two results");
  RankedTensorType type = inputs->front();
  int64_t last = type.getRank() - 1;
  SmallVector<int64_t> front(type.getShape());
  front[last] = *k;
  if (*k < 0 || type.isDynamicDim(last) || *k > type.getDimSize(last) ||
      (*results)[0].getShape() != ArrayRef<int64_t>(front) ||
      (*results)[1].getShape() != ArrayRef<int64_t>(front) ||
      (*results)[0].getElementType() != type.getElementType() ||
      !isa<IntegerType>((*results)[1].getElementType()) ||
      !type.getElementType().isIntOrFloat())
    return hlo::malformed(op, "k values and k integers of the last dimension "
                              "of ")
           << type;

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  Value keys = op->getOperand(0);
  auto placeType = type.clone((*results)[1].getElementType());
  Value places = buildPlaces(rewriter, loc, placeType, keys);
  auto sort = SortOp::create(rewriter, loc, TypeRange{type, placeType},
                             ValueRange{keys, places}, last);
  Type key = type.getElementType(), place = placeType.getElementType();
  SmallVector<Location> locs(4, loc);
  Block *block = rewriter.createBlock(&sort.getComparator(), {},
                                      {key, key, place, place}, locs);
  Value before =
      isLarger(op, rewriter, loc, block->getArgument(0), block->getArgument(1));
  moe::YieldOp::create(rewriter, loc, before);
  rewriter.setInsertionPoint(op);
  SmallVector<OpFoldResult> offsets(type.getRank(), rewriter.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(type.getRank(), rewriter.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, keys);
  sizes[last] = rewriter.getIndexAttr(*k);
  SmallVector<Value> fronts;
  for (auto [sorted, result] : llvm::zip(sort.getResults(), *results))
    fronts.push_back(hlo::buildSlice(rewriter, loc, result, sorted, offsets,
                                     sizes, strides));
  rewriter.replaceOp(op, fronts);
  return success();
}

LogicalResult importTopKOp(Operation *op, RewriterBase &rewriter) {
  return importTopK(op, rewriter, hlo::integer(op, "k"));
}

/// k, if the composite says nothing else.
std::optional<int64_t> topKOfComposite(Operation *op) {
  auto attributes = op->getAttrOfType<DictionaryAttr>("composite_attributes");
  auto name = op->getAttrOfType<StringAttr>("name");
  if (!name || name.getValue() != "chlo.top_k" || !attributes)
    return std::nullopt;
  auto k = attributes.getAs<IntegerAttr>("k");
  auto largest = attributes.getAs<BoolAttr>("largest");
  unsigned known = (k ? 1 : 0) + (largest && largest.getValue() ? 1 : 0);
  if (!k || attributes.size() != known)
    return std::nullopt;
  return k.getValue().getSExtValue();
}

/// Known composites by what they mean, others by their decomposition.
LogicalResult importComposite(Operation *op, RewriterBase &rewriter) {
  if (std::optional<int64_t> k = topKOfComposite(op))
    return importTopK(op, rewriter, k);
  if (std::optional<hlo::RaggedDimensions> dims = hlo::raggedOfComposite(op))
    return hlo::importRaggedDot(op, rewriter, *dims);
  auto decomposition = op->getAttrOfType<FlatSymbolRefAttr>("decomposition");
  if (!decomposition)
    return hlo::malformed(op, "a decomposition");
  auto function =
      SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, decomposition);
  if (!function ||
      TypeRange(function.getArgumentTypes()) != op->getOperandTypes() ||
      TypeRange(function.getResultTypes()) != op->getResultTypes())
    return hlo::malformed(op, "a function of its types called @")
           << decomposition.getValue();
  rewriter.setInsertionPoint(op);
  rewriter.replaceOpWithNewOp<func::CallOp>(op, function, op->getOperands());
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::compositeImporters() {
  static constexpr ImporterEntry table[] = {
      {"chlo.top_k", importTopKOp},
      {"stablehlo.composite", importComposite},
  };
  return table;
}
