// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
SmallVector<OpFoldResult> asIndices(RewriterBase &rewriter,
                                    ArrayRef<int64_t> values) {
  return getAsIndexOpFoldResult(rewriter.getContext(), values);
}

LogicalResult importSlice(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(type) || failed(inputs))
    return failure();
  SmallVector<int64_t> starts = hlo::integers(op, "start_indices");
  SmallVector<int64_t> limits = hlo::integers(op, "limit_indices");
  SmallVector<int64_t> strides = hlo::integers(op, "strides");
  size_t rank = type->getRank();
  if (inputs->size() != 1 || inputs->front().getRank() != type->getRank() ||
      starts.size() != rank || limits.size() != rank || strides.size() != rank)
    return hlo::malformed(op, "a start, limit and stride for each dimension");
  RankedTensorType input = inputs->front();
  SmallVector<int64_t> sizes;
  for (auto [dim, start, limit, stride] :
       llvm::enumerate(starts, limits, strides)) {
    if (start < 0 || limit < start || stride < 1 ||
        (!input.isDynamicDim(dim) && limit > input.getDimSize(dim)) ||
        type->getDimSize(dim) != llvm::divideCeil(limit - start, stride))
      return hlo::malformed(op, "starts, limits and strides within ")
             << input << " that give " << *type;
    sizes.push_back(type->getDimSize(dim));
  }
  rewriter.setInsertionPoint(op);
  rewriter.replaceOp(op, hlo::buildSlice(rewriter, op->getLoc(), *type,
                                         op->getOperand(0),
                                         asIndices(rewriter, starts),
                                         asIndices(rewriter, sizes),
                                         asIndices(rewriter, strides)));
  return success();
}

/// min(max(start, 0), size - sliceSize) for every start.
SmallVector<OpFoldResult> clampStarts(Operation *op, RewriterBase &rewriter,
                                      unsigned firstStart,
                                      ArrayRef<int64_t> shape,
                                      ArrayRef<int64_t> sliceShape) {
  Location loc = op->getLoc();
  SmallVector<OpFoldResult> starts;
  for (auto [dim, size, sliceSize] : llvm::enumerate(shape, sliceShape)) {
    int64_t last = size - sliceSize;
    unsigned number = firstStart + dim;
    Value start = op->getOperand(number);
    bool isUnsigned = hlo::isUnsigned(op, number);
    if (last == 0) {
      starts.push_back(rewriter.getIndexAttr(0));
      continue;
    }
    if (auto known = dyn_cast_or_null<IntegerAttr>(hlo::splatOf(start))) {
      APInt value = known.getValue();
      // Unsigned ones beyond the signed range are beyond the end, too.
      int64_t index = value.isNegative() ? (isUnsigned ? last : 0)
                                         : value.getLimitedValue(last);
      starts.push_back(rewriter.getIndexAttr(index));
      continue;
    }
    Value scalar = hlo::scalarOf(rewriter, loc, start);
    Type index = rewriter.getIndexType();
    Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
    Value end = arith::ConstantIndexOp::create(rewriter, loc, last);
    if (isUnsigned) {
      scalar = arith::IndexCastUIOp::create(rewriter, loc, index, scalar);
      scalar = arith::MinUIOp::create(rewriter, loc, scalar, end);
    } else {
      scalar = arith::IndexCastOp::create(rewriter, loc, index, scalar);
      scalar = arith::MaxSIOp::create(rewriter, loc, scalar, zero);
      scalar = arith::MinSIOp::create(rewriter, loc, scalar, end);
    }
    starts.push_back(scalar);
  }
  return starts;
}

/// Checks one slice in one tensor, and a start for every dimension.
LogicalResult checkDynamic(Operation *op, RankedTensorType type,
                           RankedTensorType slice, unsigned firstStart) {
  int64_t rank = type.getRank();
  if (op->getNumOperands() != firstStart + rank || slice.getRank() != rank)
    return hlo::malformed(op, "a start for each dimension");
  for (Value start : op->getOperands().drop_front(firstStart)) {
    auto scalar = dyn_cast<RankedTensorType>(start.getType());
    if (!scalar || scalar.getRank() != 0 ||
        !isa<IntegerType>(scalar.getElementType()))
      return hlo::malformed(op, "starts that are integers of rank 0");
  }
  if (!type.hasStaticShape() || !slice.hasStaticShape())
    return op->emitOpError("is imported on static shapes only, found ")
           << type << " and " << slice;
  for (auto [size, sliceSize] : llvm::zip(type.getShape(), slice.getShape()))
    if (sliceSize > size)
      return hlo::malformed(op, "a slice that fits into ") << type;
  return success();
}

LogicalResult importDynamicSlice(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(type) || failed(inputs))
    return failure();
  if (inputs->empty() ||
      ArrayRef<int64_t>(hlo::integers(op, "slice_sizes")) != type->getShape())
    return hlo::malformed(op, "slice_sizes that are those of the result");
  RankedTensorType input = inputs->front();
  if (failed(checkDynamic(op, input, *type, 1)))
    return failure();
  rewriter.setInsertionPoint(op);
  SmallVector<OpFoldResult> starts =
      clampStarts(op, rewriter, 1, input.getShape(), type->getShape());
  SmallVector<int64_t> ones(type->getRank(), 1);
  rewriter.replaceOp(op, hlo::buildSlice(rewriter, op->getLoc(), *type,
                                         op->getOperand(0), starts,
                                         asIndices(rewriter, type->getShape()),
                                         asIndices(rewriter, ones)));
  return success();
}

LogicalResult importDynamicUpdateSlice(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(type) || failed(inputs))
    return failure();
  if (inputs->size() < 2 || (*inputs)[0] != *type)
    return hlo::malformed(op, "an operand, an update and starts");
  RankedTensorType update = (*inputs)[1];
  if (failed(checkDynamic(op, *type, update, 2)))
    return failure();
  if (update.getNumElements() == 0) {
    rewriter.replaceOp(op, op->getOperand(0));
    return success();
  }
  rewriter.setInsertionPoint(op);
  SmallVector<OpFoldResult> starts =
      clampStarts(op, rewriter, 2, type->getShape(), update.getShape());
  SmallVector<int64_t> ones(type->getRank(), 1);
  rewriter.replaceOpWithNewOp<tensor::InsertSliceOp>(
      op, op->getOperand(1), op->getOperand(0), starts,
      asIndices(rewriter, update.getShape()), asIndices(rewriter, ones));
  return success();
}

/// What of one dimension of the operand stays, and where it goes.
struct Kept {
  int64_t first, count, offset;
};

/// Element i goes to low + i * step; those that fall outside are cut off.
Kept keptElements(int64_t size, int64_t low, int64_t step, int64_t result) {
  int64_t first = low < 0 ? llvm::divideCeil(-low, step) : 0;
  int64_t room = result - low;
  int64_t end = room <= 0 ? 0 : std::min<int64_t>(size, (room - 1) / step + 1);
  if (first >= end)
    return {0, 0, 0};
  return {first, end - first, low + first * step};
}

/// Padding before, after and between elements; negative padding cuts off.
///
///   "stablehlo.pad"(%x, %v)  =>  linalg.fill %v, then tensor.insert_slice of
///                                what stays of %x
LogicalResult importPad(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(type) || failed(inputs))
    return failure();
  SmallVector<int64_t> low = hlo::integers(op, "edge_padding_low");
  SmallVector<int64_t> high = hlo::integers(op, "edge_padding_high");
  SmallVector<int64_t> interior = hlo::integers(op, "interior_padding");
  size_t rank = type->getRank();
  if (inputs->size() != 2 || (*inputs)[1].getRank() != 0 ||
      (*inputs)[0].getRank() != type->getRank() || low.size() != rank ||
      high.size() != rank || interior.size() != rank)
    return hlo::malformed(op, "an operand, a value of rank 0 and three "
                              "paddings for each dimension");
  RankedTensorType input = inputs->front();
  if (!input.hasStaticShape() || !type->hasStaticShape())
    return op->emitOpError("is imported on static shapes only, found ")
           << input;
  SmallVector<int64_t> firsts, counts, offsets, steps;
  SmallVector<int64_t> ones(rank, 1);
  for (auto [dim, size] : llvm::enumerate(input.getShape())) {
    int64_t result = low[dim] + size + high[dim] +
                     std::max<int64_t>(size - 1, 0) * interior[dim];
    if (interior[dim] < 0 || result != type->getDimSize(dim))
      return hlo::malformed(op, "paddings that give ") << *type;
    Kept kept = keptElements(size, low[dim], interior[dim] + 1, result);
    firsts.push_back(kept.first);
    counts.push_back(kept.count);
    offsets.push_back(kept.offset);
    steps.push_back(interior[dim] + 1);
  }
  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  Value empty = tensor::EmptyOp::create(rewriter, loc, *type, ValueRange());
  Value result = hlo::buildFilled(rewriter, loc, op->getOperand(1), empty);
  if (!llvm::is_contained(counts, 0)) {
    Value kept = op->getOperand(0);
    if (ArrayRef<int64_t>(counts) != input.getShape())
      kept = hlo::buildSlice(
          rewriter, loc, RankedTensorType::get(counts, type->getElementType()),
          kept, asIndices(rewriter, firsts), asIndices(rewriter, counts),
          asIndices(rewriter, ones));
    result = tensor::InsertSliceOp::create(
        rewriter, loc, kept, result, asIndices(rewriter, offsets),
        asIndices(rewriter, counts), asIndices(rewriter, steps));
  }
  rewriter.replaceOp(op, result);
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::sliceImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.dynamic_slice", importDynamicSlice},
      {"stablehlo.dynamic_update_slice", importDynamicUpdateSlice},
      {"stablehlo.pad", importPad},
      {"stablehlo.slice", importSlice},
  };
  return table;
}
