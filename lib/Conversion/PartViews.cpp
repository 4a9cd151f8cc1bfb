// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/PartViews.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
Value index(ImplicitLocOpBuilder &b, int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

/// a + b * c.
Value addTimes(ImplicitLocOpBuilder &b, int64_t a, Value x, int64_t c) {
  Value product = arith::MulIOp::create(b, x, index(b, c));
  return arith::AddIOp::create(b, product, index(b, a));
}

/// A subview that drops all dimensions before those in `shape`.
Value buildView(ImplicitLocOpBuilder &b, Value buffer, ArrayRef<int64_t> shape,
                ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                int64_t stride) {
  SmallVector<OpFoldResult> strides(offsets.size(), b.getIndexAttr(1));
  strides[offsets.size() - shape.size()] = b.getIndexAttr(stride);
  auto type = memref::SubViewOp::inferRankReducedResultType(
      shape, cast<MemRefType>(buffer.getType()), offsets, sizes, strides);
  return memref::SubViewOp::create(b, cast<MemRefType>(type), buffer, offsets,
                                   sizes, strides);
}

/// `always` or `routed`, as what the types of both can be cast to.
Value choose(ImplicitLocOpBuilder &b, Value isAlways, Value always,
             Value routed) {
  auto type = cast<MemRefType>(routed.getType());
  auto [strides, offset] = type.getStridesAndOffset();
  auto [others, otherOffset] =
      cast<MemRefType>(always.getType()).getStridesAndOffset();
  for (auto [stride, other] : llvm::zip_equal(strides, others))
    if (stride != other)
      stride = ShapedType::kDynamic;
  auto layout =
      StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, strides);
  auto common = MemRefType::get(type.getShape(), type.getElementType(), layout,
                                type.getMemorySpace());
  auto as = [&](Value view) -> Value {
    return view.getType() == common ? view
                                    : memref::CastOp::create(b, common, view);
  };
  return arith::SelectOp::create(b, isAlways, as(always), as(routed));
}
} // namespace

ExpertKind moe::buildExpertKind(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                                Value expert) {
  Value first = index(b, op.getNumRoutedExperts());
  Value last = index(b, op.getNumRoutedExperts() - 1);
  return {arith::CmpIOp::create(b, arith::CmpIPredicate::uge, expert, first),
          arith::MinUIOp::create(b, expert, last),
          arith::SubIOp::create(b, arith::MaxUIOp::create(b, expert, first),
                                first)};
}

AlwaysStart moe::buildAlwaysStart(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                                  Value which, int64_t part) {
  auto type = cast<MemRefType>(op.getAlwaysWeights(part).getType());
  int64_t number = op.getNumParts() + part;
  int64_t offset = op.getPartOffsets()[number];
  if (type.getDimSize(1) != op.getDepth())
    return {b.getIndexAttr(offset), addTimes(b, 0, which, op.getDepth())};
  int64_t width = op.getInit().getType().getDimSize(1);
  return {addTimes(b, offset, which, op.getPartStrides()[number] * width),
          b.getIndexAttr(0)};
}

Value moe::buildPartView(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                         Value expert, int64_t part) {
  ExpertKind kind = buildExpertKind(b, op, expert);
  SmallVector<int64_t> shape{op.getInit().getType().getDimSize(1),
                             op.getDepth()};
  OpFoldResult width = b.getIndexAttr(shape[0]);
  OpFoldResult depth = b.getIndexAttr(shape[1]);
  Value routed =
      buildView(b, op.getWeights()[op.getPartWeights()[part]], shape,
                {kind.routed, b.getIndexAttr(op.getPartOffsets()[part]),
                 b.getIndexAttr(0)},
                {b.getIndexAttr(1), width, depth}, op.getPartStrides()[part]);
  AlwaysStart start = buildAlwaysStart(b, op, kind.always, part);
  Value always = buildView(b, op.getAlwaysWeights(part), shape,
                           {start.column, start.depth}, {width, depth},
                           op.getPartStrides()[op.getNumParts() + part]);
  return choose(b, kind.isAlways, always, routed);
}

Value moe::buildVectorPartView(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                               Value expert, int64_t part) {
  ExpertKind kind = buildExpertKind(b, op, expert);
  SmallVector<int64_t> shape{op.getInit().getType().getDimSize(1)};
  OpFoldResult width = b.getIndexAttr(shape[0]);
  Value vectors = op.getVectors()[op.getVectorParts()[part]];
  bool isShared = cast<MemRefType>(vectors.getType()).getDimSize(0) == 1;
  OpFoldResult from = kind.routed;
  if (isShared)
    from = b.getIndexAttr(0);
  Value routed = buildView(
      b, vectors, shape, {from, b.getIndexAttr(op.getVectorOffsets()[part])},
      {b.getIndexAttr(1), width}, op.getVectorStrides()[part]);
  int64_t number = op.getNumVectorParts() + part;
  int64_t stride = op.getVectorStrides()[number];
  Value start = addTimes(b, op.getVectorOffsets()[number], kind.always,
                         stride * shape[0]);
  Value always = buildView(b, op.getAlwaysVectors(part), shape,
                           OpFoldResult(start), width, stride);
  return choose(b, kind.isAlways, always, routed);
}
