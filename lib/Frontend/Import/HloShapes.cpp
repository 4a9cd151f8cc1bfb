// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Types for one tensor in, one tensor out.
FailureOr<std::pair<RankedTensorType, RankedTensorType>>
unaryTypes(Operation *op, unsigned numOperands = 1) {
  FailureOr<RankedTensorType> result = hlo::resultType(op);
  if (failed(result))
    return failure();
  if (op->getNumOperands() != numOperands)
    return hlo::malformed(op, Twine(numOperands) + " operands"), failure();
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(inputs))
    return failure();
  return std::make_pair(inputs->front(), *result);
}

///   "stablehlo.constant"() <{value = dense<..>}>  =>  arith.constant dense<..>
LogicalResult importConstant(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  auto value = op->getAttrOfType<ElementsAttr>("value");
  if (failed(type))
    return failure();
  if (!value || value.getShapedType().getShape() != type->getShape())
    return hlo::malformed(op, "a value of type ") << *type;
  Type element = type->getElementType();
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (value.getElementType() != element) {
    if (!dense || !element.isInteger() ||
        dense.getElementType().getIntOrFloatBitWidth() !=
            element.getIntOrFloatBitWidth())
      return hlo::malformed(op, "a dense value of type ") << *type;
    value = dense.bitcast(element);
  }
  rewriter.setInsertionPoint(op);
  rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, cast<TypedAttr>(value));
  return success();
}

/// Also dynamic_iota where the shape is known after all.
LogicalResult importIota(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  std::optional<int64_t> dimension = hlo::integer(op, "iota_dimension");
  if (failed(type) || failed(hlo::needsStatic(op, *type)))
    return failure();
  if (!dimension || *dimension < 0 || *dimension >= type->getRank())
    return hlo::malformed(op, "an iota_dimension below the rank");
  auto number = dyn_cast<ComplexType>(type->getElementType());
  if (!number && !type->getElementType().isIntOrFloat())
    return op->emitOpError("is not imported on elements of ")
           << type->getElementType();
  rewriter.setInsertionPoint(op);
  Value result = hlo::buildElements(
      rewriter, op->getLoc(), *type, {},
      [&](OpBuilder &b, Location loc, ValueRange) -> Value {
        Value index = linalg::IndexOp::create(b, loc, *dimension);
        Type element =
            number ? number.getElementType() : type->getElementType();
        if (!isa<FloatType>(element))
          return arith::IndexCastOp::create(b, loc, element, index);
        index = arith::IndexCastOp::create(b, loc, b.getI64Type(), index);
        Value real = arith::SIToFPOp::create(b, loc, element, index);
        if (!number)
          return real;
        return complex::CreateOp::create(b, loc, number, real,
                                         hlo::buildZero(b, loc, element));
      });
  rewriter.replaceOp(op, result);
  return success();
}

/// Also dynamic_broadcast_in_dim where the shape is known after all, and
/// broadcast, which adds dimensions in front.
LogicalResult importBroadcast(Operation *op, RewriterBase &rewriter) {
  bool isDynamic = op->getNumOperands() == 2;
  auto types = unaryTypes(op, isDynamic ? 2 : 1);
  if (failed(types))
    return failure();
  auto [from, to] = *types;
  if (failed(hlo::needsStatic(op, from)) || failed(hlo::needsStatic(op, to)))
    return failure();
  SmallVector<int64_t> dims = hlo::integers(op, "broadcast_dimensions");
  SmallVector<int64_t> added = hlo::integers(op, "broadcast_sizes");
  if (op->getName().getStringRef() == "stablehlo.broadcast") {
    SmallVector<int64_t> shape(added);
    llvm::append_range(shape, from.getShape());
    if (ArrayRef<int64_t>(shape) != to.getShape())
      return hlo::malformed(op, "broadcast_sizes that take ")
             << from << " to " << to;
    dims = llvm::to_vector(llvm::seq<int64_t>(added.size(), shape.size()));
  }
  bool fits = static_cast<int64_t>(dims.size()) == from.getRank() &&
              from.getElementType() == to.getElementType();
  for (auto [size, dim] : llvm::zip(from.getShape(), dims))
    fits &= dim >= 0 && dim < to.getRank() &&
            (size == 1 || size == to.getDimSize(dim));
  if (!fits)
    return hlo::malformed(op, "broadcast_dimensions that take the operand to "
                              "the result");
  rewriter.setInsertionPoint(op);
  rewriter.replaceOp(op, hlo::buildBroadcast(rewriter, op->getLoc(), to,
                                             op->getOperand(0), dims));
  return success();
}

/// Also dynamic_reshape where the shape is known after all.
LogicalResult importReshape(Operation *op, RewriterBase &rewriter) {
  auto types = unaryTypes(op, op->getNumOperands() == 2 ? 2 : 1);
  if (failed(types))
    return failure();
  auto [from, to] = *types;
  rewriter.setInsertionPoint(op);
  if (from == to) {
    rewriter.replaceOp(op, op->getOperand(0));
    return success();
  }
  if (failed(hlo::needsStatic(op, from)) || failed(hlo::needsStatic(op, to)))
    return failure();
  if (from.getNumElements() != to.getNumElements() ||
      from.getElementType() != to.getElementType())
    return hlo::malformed(op, "as many elements in the result as in ") << from;
  rewriter.replaceOp(
      op, hlo::buildReshape(rewriter, op->getLoc(), to, op->getOperand(0)));
  return success();
}

LogicalResult importTranspose(Operation *op, RewriterBase &rewriter) {
  auto types = unaryTypes(op);
  if (failed(types))
    return failure();
  auto [from, to] = *types;
  SmallVector<int64_t> permutation = hlo::integers(op, "permutation");
  if (static_cast<int64_t>(permutation.size()) != from.getRank() ||
      !isPermutationVector(permutation) ||
      applyPermutation(from.getShape(), permutation) != to.getShape())
    return hlo::malformed(op, "a permutation of the dimensions of ") << from;
  rewriter.setInsertionPoint(op);
  rewriter.replaceOp(op, hlo::buildTranspose(rewriter, op->getLoc(),
                                             op->getOperand(0), permutation));
  return success();
}

/// Element (.., i, ..) is element (.., n - 1 - i, ..).
LogicalResult importReverse(Operation *op, RewriterBase &rewriter) {
  auto types = unaryTypes(op);
  if (failed(types))
    return failure();
  RankedTensorType type = types->first;
  if (type != types->second)
    return hlo::malformed(op, "a result of type ") << type;
  if (failed(hlo::needsStatic(op, type)))
    return failure();
  SmallVector<AffineExpr> exprs;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    exprs.push_back(rewriter.getAffineDimExpr(dim));
  for (int64_t dim : hlo::integers(op, "dimensions")) {
    if (dim < 0 || dim >= type.getRank())
      return hlo::malformed(op, "dimensions below the rank");
    // Of one element, or none, there is nothing to reverse.
    if (type.getDimSize(dim) > 1)
      exprs[dim] = type.getDimSize(dim) - 1 - rewriter.getAffineDimExpr(dim);
  }
  rewriter.setInsertionPoint(op);
  auto map = AffineMap::get(type.getRank(), 0, exprs, rewriter.getContext());
  rewriter.replaceOp(
      op,
      hlo::buildElements(
          rewriter, op->getLoc(), type, op->getOperand(0), map, nullptr,
          [](OpBuilder &, Location, ValueRange values) { return values[0]; }));
  return success();
}

///   "stablehlo.concatenate"(%a, %b)  =>  tensor.insert_slice of each
LogicalResult importConcatenate(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  std::optional<int64_t> dimension = hlo::integer(op, "dimension");
  if (failed(type) || failed(inputs))
    return failure();
  if (!dimension || *dimension < 0 || *dimension >= type->getRank() ||
      inputs->empty())
    return hlo::malformed(op, "operands and a dimension below the rank");
  for (RankedTensorType input : *inputs)
    if (failed(hlo::needsStatic(op, input)))
      return failure();
  int64_t total = 0;
  for (RankedTensorType input : *inputs) {
    SmallVector<int64_t> shape(input.getShape());
    if (static_cast<int64_t>(shape.size()) != type->getRank())
      return hlo::malformed(op, "operands of one rank");
    total += std::exchange(shape[*dimension], type->getDimSize(*dimension));
    if (ArrayRef<int64_t>(shape) != type->getShape())
      return hlo::malformed(op, "operands that fit beside each other in ")
             << *type;
  }
  if (total != type->getDimSize(*dimension))
    return hlo::malformed(op, "operands that fill ") << *type;

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  if (inputs->size() == 1) {
    rewriter.replaceOp(op, op->getOperand(0));
    return success();
  }
  Value result = tensor::EmptyOp::create(rewriter, loc, *type, ValueRange());
  SmallVector<OpFoldResult> offsets(type->getRank(), rewriter.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(type->getRank(), rewriter.getIndexAttr(1));
  int64_t offset = 0;
  for (auto [operand, input] : llvm::zip(op->getOperands(), *inputs)) {
    // Empty ones may stand at the end, where no offset is.
    if (input.getNumElements() == 0)
      continue;
    offsets[*dimension] = rewriter.getIndexAttr(offset);
    result = tensor::InsertSliceOp::create(
        rewriter, loc, operand, result, offsets,
        getAsIndexOpFoldResult(rewriter.getContext(), input.getShape()),
        strides);
    offset += input.getDimSize(*dimension);
  }
  rewriter.replaceOp(op, result);
  return success();
}

LogicalResult importDimensionSize(Operation *op, RewriterBase &rewriter) {
  auto types = unaryTypes(op);
  std::optional<int64_t> dimension = hlo::integer(op, "dimension");
  if (failed(types))
    return failure();
  auto [from, to] = *types;
  if (!dimension || *dimension < 0 || *dimension >= from.getRank() ||
      to.getRank() != 0)
    return hlo::malformed(op, "a dimension below the rank");
  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  Value size =
      tensor::DimOp::create(rewriter, loc, op->getOperand(0), *dimension);
  size = arith::IndexCastOp::create(rewriter, loc, to.getElementType(), size);
  rewriter.replaceOpWithNewOp<tensor::FromElementsOp>(op, to, size);
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::shapeImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.broadcast", importBroadcast},
      {"stablehlo.broadcast_in_dim", importBroadcast},
      {"stablehlo.concatenate", importConcatenate},
      {"chlo.constant", importConstant},
      {"stablehlo.constant", importConstant},
      {"stablehlo.dynamic_broadcast_in_dim", importBroadcast},
      {"stablehlo.dynamic_iota", importIota},
      {"stablehlo.dynamic_reshape", importReshape},
      {"stablehlo.get_dimension_size", importDimensionSize},
      {"stablehlo.iota", importIota},
      {"stablehlo.reshape", importReshape},
      {"stablehlo.reverse", importReverse},
      {"stablehlo.transpose", importTranspose},
  };
  return table;
}
