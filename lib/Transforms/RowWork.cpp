// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "RowWork.h"

#include "FuseUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

RowWork::RowWork(OpBuilder &builder, ExpertsOp op, const ExpertValues &values,
                 IRMapping &outside)
    : builder(builder), values(values), outside(outside),
      extent(op.getResult().getType().getDimSize(0)),
      numRows(
          tensor::getMixedSize(builder, op.getLoc(), op.getRows().front(), 0)) {
  for (OpOperand &operand : op->getOpOperands())
    if (operand.get() != op.getOffsets())
      outside.map(op.getBlockArgument(operand), operand.get());
  // One type for all of them, or elementwise ops would not fit together.
  for (OpOperand &operand : op.getRowsMutable()) {
    RankedTensorType type = onAllRows(operand.get().getType());
    if (type != operand.get().getType())
      outside.map(
          op.getBlockArgument(operand),
          tensor::CastOp::create(builder, op.getLoc(), type, operand.get()));
  }
}

RankedTensorType RowWork::onAllRows(Type type) const {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  shape.front() = extent;
  return RankedTensorType::get(shape, tensor.getElementType());
}

Value RowWork::createDestination(Location loc, int64_t columns, Type element) {
  auto type = RankedTensorType::get({extent, columns}, element);
  return moe::createDestination(builder, loc, type,
                                {numRows, builder.getIndexAttr(columns)});
}

/// What a tensor that only lends its shape, or one constant, is on all rows.
Value RowWork::createBlank(Value value) {
  Location loc = value.getLoc();
  RankedTensorType type = onAllRows(value.getType());
  SmallVector<OpFoldResult> sizes{numRows};
  auto empty = value.getDefiningOp<tensor::EmptyOp>();
  for (int64_t dim = 1; dim < type.getRank(); ++dim)
    sizes.push_back(
        type.isDynamicDim(dim)
            ? OpFoldResult(outside.lookup(empty.getDynamicSize(dim)))
            : builder.getIndexAttr(type.getDimSize(dim)));
  Value blank = moe::createDestination(builder, loc, type, sizes);
  TypedAttr constant = constantElement(value);
  if (!constant)
    return blank;
  Value element = arith::ConstantOp::create(builder, loc, constant);
  return linalg::FillOp::create(builder, loc, element, blank).getResult(0);
}

Value RowWork::repeatReshape(Operation *inner) {
  Location loc = inner->getLoc();
  Value source = outside.lookup(inner->getOperand(0));
  RankedTensorType type = onAllRows(inner->getResult(0).getType());
  if (isa<tensor::CastOp>(inner))
    return type == source.getType()
               ? source
               : tensor::CastOp::create(builder, loc, type, source);
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(inner)) {
    auto map = [&](ArrayRef<OpFoldResult> mixed) {
      SmallVector<OpFoldResult> mapped;
      for (OpFoldResult value : mixed)
        mapped.push_back(
            isa<Value>(value)
                ? OpFoldResult(outside.lookupOrDefault(cast<Value>(value)))
                : value);
      return mapped;
    };
    SmallVector<OpFoldResult> sizes = map(slice.getMixedSizes());
    sizes.front() = numRows;
    return tensor::ExtractSliceOp::create(builder, loc, type, source,
                                          map(slice.getMixedOffsets()), sizes,
                                          map(slice.getMixedStrides()));
  }
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(inner))
    return tensor::ExpandShapeOp::create(builder, loc, type, source,
                                         expand.getReassociationIndices());
  auto collapse = cast<tensor::CollapseShapeOp>(inner);
  return tensor::CollapseShapeOp::create(builder, loc, type, source,
                                         collapse.getReassociationIndices());
}

/// An op whose results have the types of its operands.
void RowWork::repeatTyped(Operation *inner) {
  IRMapping mapping = outside;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(inner);
  for (OpOperand &operand : inner->getOpOperands()) {
    Value value = operand.get();
    if (!isa<RankedTensorType>(value.getType()) ||
        values[value].spread == Spread::rows)
      continue;
    bool isPerRow = true;
    if (linalgOp && !linalgOp.isDpsInit(&operand)) {
      AffineExpr rowLoop =
          linalgOp.getIndexingMapMatchingResult(linalgOp->getResult(0))
              .getResult(0);
      AffineMap map = linalgOp.getMatchingIndexingMap(&operand);
      isPerRow = map.getNumResults() > 0 && map.getResult(0) == rowLoop;
    }
    if (isPerRow)
      mapping.map(value, createBlank(value));
  }
  Operation *repeated = builder.clone(*inner, mapping);
  for (OpResult result : repeated->getResults())
    result.setType(linalgOp ? cast<linalg::LinalgOp>(repeated)
                                  .getDpsInitOperand(result.getResultNumber())
                                  ->get()
                                  .getType()
                            : Type(onAllRows(result.getType())));
  outside.map(inner->getResults(), repeated->getResults());
}

void RowWork::repeat(Operation *inner) {
  if (values[inner->getResult(0)].spread == Spread::shared) {
    builder.clone(*inner, outside);
    return;
  }
  if (isa<tensor::EmptyOp>(inner))
    outside.map(inner->getResult(0), createBlank(inner->getResult(0)));
  else if (isa<tensor::CastOp, tensor::ExtractSliceOp, tensor::ExpandShapeOp,
               tensor::CollapseShapeOp>(inner))
    outside.map(inner->getResult(0), repeatReshape(inner));
  else
    repeatTyped(inner);
}
