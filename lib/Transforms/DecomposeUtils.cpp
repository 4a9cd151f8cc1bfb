// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "DecomposeUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

Value moe::castFloat(OpBuilder &builder, Location loc, Value value, Type type) {
  auto from = cast<FloatType>(value.getType());
  auto to = cast<FloatType>(type);
  if (from == to)
    return value;
  if (from.getWidth() < to.getWidth())
    return arith::ExtFOp::create(builder, loc, to, value);
  if (from.getWidth() > to.getWidth())
    return arith::TruncFOp::create(builder, loc, to, value);
  // f16 and bf16 convert through a type that holds both.
  Value wide = arith::ExtFOp::create(builder, loc, builder.getF32Type(), value);
  return arith::TruncFOp::create(builder, loc, to, wide);
}

Value moe::constantFloat(OpBuilder &builder, Location loc, Type type,
                         double value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getFloatAttr(type, value));
}

Value moe::emptyTensor(OpBuilder &builder, Location loc, RankedTensorType type,
                       ArrayRef<OpFoldResult> sizes) {
  SmallVector<Value> dynamicSizes;
  for (auto [i, size] : llvm::enumerate(sizes))
    if (type.isDynamicDim(i))
      dynamicSizes.push_back(
          getValueOrCreateConstantIndexOp(builder, loc, size));
  return tensor::EmptyOp::create(builder, loc, type, dynamicSizes);
}

Value moe::buildSigmoid(OpBuilder &b, Location loc, Value x) {
  Value one = constantFloat(b, loc, x.getType(), 1.0);
  Value e = math::ExpOp::create(b, loc, arith::NegFOp::create(b, loc, x));
  return arith::DivFOp::create(b, loc, one,
                               arith::AddFOp::create(b, loc, one, e));
}

Value moe::buildSum(OpBuilder &b, Location loc, ValueRange values) {
  return arith::AddFOp::create(b, loc, values[0], values[1]);
}

Value moe::buildMaximum(OpBuilder &b, Location loc, ValueRange values) {
  return arith::MaximumFOp::create(b, loc, values[0], values[1]);
}

Value moe::filledTensor(OpBuilder &builder, Location loc, RankedTensorType type,
                        ArrayRef<OpFoldResult> sizes, Value value) {
  Value empty = emptyTensor(builder, loc, type, sizes);
  return linalg::FillOp::create(builder, loc, value, empty).getResult(0);
}

Value moe::mapElements(OpBuilder &builder, Location loc, RankedTensorType type,
                       ArrayRef<OpFoldResult> sizes, ValueRange inputs,
                       ArrayRef<AffineMap> maps, ScalarBody body) {
  SmallVector<AffineMap> allMaps(maps);
  allMaps.push_back(builder.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  Value empty = emptyTensor(builder, loc, type, sizes);
  return linalg::GenericOp::create(
             builder, loc, type, inputs, empty, allMaps, iterators,
             [&](OpBuilder &b, Location loc, ValueRange elements) {
               Value result = body(b, loc, elements.drop_back());
               linalg::YieldOp::create(b, loc, result);
             })
      .getResult(0);
}

Value moe::reduceMatrix(OpBuilder &builder, Location loc, Value matrix,
                        int64_t dim, Value initial, ScalarBody body) {
  int64_t kept = 1 - dim;
  auto type = cast<RankedTensorType>(matrix.getType());
  auto resultType =
      RankedTensorType::get(type.getDimSize(kept), initial.getType());
  Value start =
      filledTensor(builder, loc, resultType,
                   tensor::getMixedSize(builder, loc, matrix, kept), initial);
  AffineMap identity = builder.getMultiDimIdentityMap(2);
  SmallVector<utils::IteratorType> iterators(2, utils::IteratorType::parallel);
  iterators[dim] = utils::IteratorType::reduction;
  return linalg::GenericOp::create(
             builder, loc, resultType, matrix, start,
             {identity, identity.dropResult(dim)}, iterators,
             [&](OpBuilder &b, Location loc, ValueRange elements) {
               linalg::YieldOp::create(b, loc, body(b, loc, elements));
             })
      .getResult(0);
}

Value moe::isLive(OpBuilder &builder, Location loc, Value id,
                  int64_t numExperts) {
  // One unsigned comparison also rejects negative ids.
  Value end = arith::ConstantIntOp::create(builder, loc, numExperts, 32);
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, id,
                               end);
}

Value moe::extractIf(OpBuilder &builder, Location loc, Value condition,
                     Value tensor, ValueRange indices, Type type) {
  auto guarded = scf::IfOp::create(
      builder, loc, condition,
      [&](OpBuilder &b, Location loc) {
        Value element = tensor::ExtractOp::create(b, loc, tensor, indices);
        scf::YieldOp::create(b, loc, castFloat(b, loc, element, type));
      },
      [&](OpBuilder &b, Location loc) {
        scf::YieldOp::create(b, loc, constantFloat(b, loc, type, 0.0));
      });
  return guarded.getResult(0);
}
