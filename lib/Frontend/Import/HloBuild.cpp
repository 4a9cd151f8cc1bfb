// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "moe/Frontend/Build.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// The element that all of `tensor` is known to be; a pair of a complex one.
Attribute splatElement(Value tensor) {
  DenseElementsAttr value;
  Operation *op = tensor.getDefiningOp();
  if (!matchPattern(tensor, m_Constant(&value)) && op &&
      op->getName().getStringRef() == "stablehlo.constant")
    value = op->getAttrOfType<DenseElementsAttr>("value");
  if (!value || !value.isSplat())
    return nullptr;
  Type element = getElementTypeOrSelf(tensor.getType());
  auto splat = value.getSplatValue<Attribute>();
  // What was unsigned is read as signless.
  if (auto integer = dyn_cast<IntegerAttr>(splat))
    return IntegerAttr::get(element, integer.getValue());
  return splat;
}
} // namespace

TypedAttr hlo::splatOf(Value tensor) {
  return dyn_cast_or_null<TypedAttr>(splatElement(tensor));
}

bool hlo::isSplat(Value tensor) { return splatElement(tensor) != nullptr; }

Value hlo::scalarOf(OpBuilder &b, Location loc, Value tensor) {
  Attribute splat = splatElement(tensor);
  if (isa_and_nonnull<IntegerAttr, FloatAttr>(splat))
    return arith::ConstantOp::create(b, loc, cast<TypedAttr>(splat));
  if (auto parts = dyn_cast_or_null<ArrayAttr>(splat))
    return complex::ConstantOp::create(
        b, loc, getElementTypeOrSelf(tensor.getType()), parts);
  return tensor::ExtractOp::create(b, loc, tensor, ValueRange());
}

Value hlo::buildElements(OpBuilder &b, Location loc, RankedTensorType type,
                         ValueRange inputs, ArrayRef<AffineMap> maps,
                         Value like, ElementBuilder body) {
  Value out = emptyLike(b, loc, type.getShape(), type.getElementType(), like);
  SmallVector<AffineMap> all(maps);
  all.push_back(b.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, loc, TypeRange{type}, inputs, ValueRange{out}, all, iterators,
      [&](OpBuilder &b, Location loc, ValueRange scalars) {
        Value value = body(b, loc, scalars.drop_back());
        // After an error, which is reported, whatever verifies.
        linalg::YieldOp::create(b, loc, value ? value : scalars.back());
      });
  return generic.getResult(0);
}

Value hlo::buildElements(OpBuilder &b, Location loc, RankedTensorType type,
                         ValueRange inputs, ElementBuilder body) {
  SmallVector<AffineMap> maps(inputs.size(),
                              b.getMultiDimIdentityMap(type.getRank()));
  return buildElements(b, loc, type, inputs, maps,
                       inputs.empty() ? Value() : inputs.front(), body);
}

Value hlo::buildReduction(OpBuilder &b, Location loc, RankedTensorType type,
                          ValueRange inputs, ArrayRef<AffineMap> maps,
                          ElementBuilder body) {
  Value init =
      buildFill(b, loc, type, buildZero(b, loc, type.getElementType()));
  return buildReduction(b, loc, init, inputs, maps, body);
}

Value hlo::buildReduction(OpBuilder &b, Location loc, Value init,
                          ValueRange inputs, ArrayRef<AffineMap> maps,
                          ElementBuilder body) {
  AffineMap out = maps.back();
  SmallVector<utils::IteratorType> iterators(out.getNumDims(),
                                             utils::IteratorType::reduction);
  for (AffineExpr dim : out.getResults())
    iterators[cast<AffineDimExpr>(dim).getPosition()] =
        utils::IteratorType::parallel;
  auto generic = linalg::GenericOp::create(
      b, loc, TypeRange{init.getType()}, inputs, init, maps, iterators,
      [&](OpBuilder &b, Location loc, ValueRange scalars) {
        linalg::YieldOp::create(b, loc, body(b, loc, scalars));
      });
  return generic.getResult(0);
}

Value hlo::buildFill(OpBuilder &b, Location loc, RankedTensorType type,
                     Value value, Value like) {
  Value out = emptyLike(b, loc, type.getShape(), type.getElementType(), like);
  return linalg::FillOp::create(b, loc, value, out).getResult(0);
}

Value hlo::buildFilled(OpBuilder &b, Location loc, Value scalar, Value empty) {
  if (splatOf(scalar))
    return linalg::FillOp::create(b, loc, scalarOf(b, loc, scalar), empty)
        .getResult(0);
  // Not by tensor.extract: on a device no host code could read the element.
  auto type = cast<RankedTensorType>(empty.getType());
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  AffineMap maps[] = {AffineMap::get(type.getRank(), 0, b.getContext()),
                      b.getMultiDimIdentityMap(type.getRank())};
  auto generic = linalg::GenericOp::create(
      b, loc, TypeRange{type}, scalar, empty, maps, iterators,
      [](OpBuilder &b, Location loc, ValueRange values) {
        linalg::YieldOp::create(b, loc, values[0]);
      });
  return generic.getResult(0);
}

Value hlo::castFloat(OpBuilder &b, Location loc, Value value, Type type) {
  Type from = value.getType();
  if (from == type)
    return value;
  unsigned width = from.getIntOrFloatBitWidth();
  // f16 and bf16 have no direct way to each other.
  if (width == type.getIntOrFloatBitWidth()) {
    value = arith::ExtFOp::create(b, loc, b.getF32Type(), value);
    return arith::TruncFOp::create(b, loc, type, value);
  }
  if (width < type.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(b, loc, type, value);
  return arith::TruncFOp::create(b, loc, type, value);
}

Value hlo::buildCast(OpBuilder &b, Location loc, RankedTensorType type,
                     Value input) {
  if (input.getType() == type)
    return input;
  return buildElements(
      b, loc, type, input, [&](OpBuilder &b, Location loc, ValueRange scalars) {
        return castFloat(b, loc, scalars[0], type.getElementType());
      });
}

Value hlo::buildZero(OpBuilder &b, Location loc, Type type) {
  if (auto number = dyn_cast<ComplexType>(type)) {
    Attribute zero = b.getZeroAttr(number.getElementType());
    return complex::ConstantOp::create(b, loc, type,
                                       b.getArrayAttr({zero, zero}));
  }
  return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
}

Value hlo::buildOne(OpBuilder &b, Location loc, Type type) {
  if (auto number = dyn_cast<ComplexType>(type)) {
    Type part = number.getElementType();
    return complex::ConstantOp::create(
        b, loc, type,
        b.getArrayAttr({b.getFloatAttr(part, 1), b.getZeroAttr(part)}));
  }
  return arith::ConstantOp::create(b, loc, b.getOneAttr(type));
}

Value hlo::toIndex(OpBuilder &b, Location loc, Value value, bool isUnsigned) {
  if (isUnsigned)
    return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), value);
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), value);
}

Value hlo::clampIndex(OpBuilder &b, Location loc, Value index, int64_t last,
                      bool isUnsigned) {
  Value end = arith::ConstantIndexOp::create(b, loc, last);
  if (isUnsigned)
    return arith::MinUIOp::create(b, loc, index, end);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  index = arith::MaxSIOp::create(b, loc, index, zero);
  return arith::MinSIOp::create(b, loc, index, end);
}

Value hlo::buildBroadcast(OpBuilder &b, Location loc, RankedTensorType type,
                          Value input, ArrayRef<int64_t> dims) {
  auto from = cast<RankedTensorType>(input.getType());
  if (from == type)
    return input;
  SmallVector<AffineExpr> exprs;
  for (auto [size, dim] : llvm::zip(from.getShape(), dims))
    exprs.push_back(size == 1 && type.getDimSize(dim) != 1
                        ? b.getAffineConstantExpr(0)
                        : b.getAffineDimExpr(dim));
  auto map = AffineMap::get(type.getRank(), 0, exprs, b.getContext());
  return buildElements(
      b, loc, type, input, map, nullptr,
      [](OpBuilder &, Location, ValueRange scalars) { return scalars[0]; });
}

Value hlo::buildReshape(OpBuilder &b, Location loc, RankedTensorType type,
                        Value input) {
  auto from = cast<RankedTensorType>(input.getType());
  if (from == type)
    return input;
  if (type.getNumElements() == 0)
    return tensor::EmptyOp::create(b, loc, type, ValueRange());
  if (std::optional<SmallVector<ReassociationIndices>> groups =
          getReassociationIndicesForReshape(from, type)) {
    if (type.getRank() > from.getRank())
      return tensor::ExpandShapeOp::create(b, loc, type, input, *groups);
    return tensor::CollapseShapeOp::create(b, loc, type, input, *groups);
  }
  auto flat =
      RankedTensorType::get({from.getNumElements()}, from.getElementType());
  return buildReshape(b, loc, type, buildReshape(b, loc, flat, input));
}

Value hlo::buildSlice(OpBuilder &b, Location loc, RankedTensorType type,
                      Value input, ArrayRef<OpFoldResult> offsets,
                      ArrayRef<OpFoldResult> sizes,
                      ArrayRef<OpFoldResult> strides) {
  if (type.hasStaticShape() && type.getNumElements() == 0)
    return tensor::EmptyOp::create(b, loc, type, ValueRange());
  return tensor::ExtractSliceOp::create(b, loc, type, input, offsets, sizes,
                                        strides);
}

Value hlo::buildTranspose(OpBuilder &b, Location loc, Value input,
                          ArrayRef<int64_t> permutation) {
  if (llvm::is_sorted(permutation))
    return input;
  auto from = cast<RankedTensorType>(input.getType());
  SmallVector<OpFoldResult> sizes,
      source = tensor::getMixedSizes(b, loc, input);
  for (int64_t dim : permutation)
    sizes.push_back(source[dim]);
  Value out = tensor::EmptyOp::create(b, loc, sizes, from.getElementType());
  return linalg::TransposeOp::create(b, loc, input, out, permutation)
      ->getResult(0);
}

FailureOr<SmallVector<RankedTensorType>> hlo::tensorTypes(Operation *op,
                                                          TypeRange types) {
  SmallVector<RankedTensorType> tensors;
  for (Type type : types) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor)
      return malformed(op, "ranked tensors, found ") << type, failure();
    tensors.push_back(tensor);
  }
  return tensors;
}

LogicalResult hlo::needsStatic(Operation *op,
                               ArrayRef<RankedTensorType> types) {
  for (RankedTensorType type : types)
    if (!type.hasStaticShape())
      return op->emitOpError("is imported on static shapes only, found ")
             << type;
  return success();
}

FailureOr<RankedTensorType> hlo::resultType(Operation *op) {
  if (op->getNumResults() != 1)
    return malformed(op, "one result"), failure();
  FailureOr<SmallVector<RankedTensorType>> types =
      tensorTypes(op, op->getResultTypes());
  if (failed(types))
    return failure();
  return types->front();
}
