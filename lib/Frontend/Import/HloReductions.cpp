// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// The block of the only region, which takes `numArguments`.
FailureOr<Block *> bodyOf(Operation *op, unsigned numArguments) {
  if (op->getNumRegions() == 1 && op->getRegion(0).hasOneBlock()) {
    Block &block = op->getRegion(0).front();
    if (block.getNumArguments() == numArguments && !block.empty() &&
        hlo::isReturn(&block.back()))
      return &block;
  }
  return hlo::malformed(op, "a body of one block with ")
             << numArguments << " arguments",
         failure();
}

/// `value` in a type that holds all of its values; null if `type` is not one.
Value promote(OpBuilder &b, Location loc, Value value, Type type,
              bool isUnsigned) {
  Type from = value.getType();
  if (from == type)
    return value;
  if (!from.isIntOrFloat() || !type.isIntOrFloat() ||
      isa<FloatType>(from) != isa<FloatType>(type) ||
      from.getIntOrFloatBitWidth() > type.getIntOrFloatBitWidth())
    return nullptr;
  if (isa<FloatType>(type))
    return hlo::castFloat(b, loc, value, type);
  if (isUnsigned || from.isInteger(1))
    return arith::ExtUIOp::create(b, loc, type, value);
  return arith::ExtSIOp::create(b, loc, type, value);
}

/// The type of the results, which that of inputs and initial values may be
/// narrower than.
Type accumulatedType(Block &body, unsigned number) {
  return getElementTypeOrSelf(body.getArgument(number).getType());
}

LogicalResult checkReduce(Operation *op, ArrayRef<RankedTensorType> types,
                          ArrayRef<int64_t> dims) {
  unsigned count = op->getNumResults();
  if (count == 0 || op->getNumOperands() != 2 * count)
    return hlo::malformed(op, "an initial value and a result for each input");
  RankedTensorType first = types.front();
  for (int64_t dim : dims)
    if (dim < 0 || dim >= first.getRank())
      return hlo::malformed(op, "dimensions below the rank");
  SmallVector<int64_t> left;
  for (auto [dim, size] : llvm::enumerate(first.getShape()))
    if (!llvm::is_contained(dims, dim))
      left.push_back(size);
  for (unsigned i = 0; i < count; ++i) {
    auto result = dyn_cast<RankedTensorType>(op->getResultTypes()[i]);
    if (types[i].getShape() != first.getShape() ||
        types[count + i].getRank() != 0 || !result ||
        failed(verifyCompatibleShape(result.getShape(), left)))
      return hlo::malformed(op, "inputs of one shape, initial values of rank 0 "
                                "and results of the dimensions that are left");
  }
  return success();
}

/// Variadic: the body combines all results at once.
///
///   "stablehlo.reduce"(%x, %init) { body }
///   =>  linalg.generic ins(%x) outs(fill %init) { body }
LogicalResult importReduce(Operation *op, RewriterBase &rewriter) {
  FailureOr<SmallVector<RankedTensorType>> types =
      hlo::tensorTypes(op, op->getOperandTypes());
  SmallVector<int64_t> dims = hlo::integers(op, "dimensions");
  if (failed(types) || failed(checkReduce(op, *types, dims)))
    return failure();
  unsigned count = op->getNumResults();
  FailureOr<Block *> body = bodyOf(op, 2 * count);
  if (failed(body))
    return failure();

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  ValueRange inputs = op->getOperands().take_front(count);
  int64_t rank = types->front().getRank();
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  SmallVector<AffineExpr> left;
  SmallVector<OpFoldResult> sizes;
  for (auto [dim, size] :
       llvm::enumerate(tensor::getMixedSizes(rewriter, loc, inputs.front()))) {
    if (llvm::is_contained(dims, dim)) {
      iterators[dim] = utils::IteratorType::reduction;
      continue;
    }
    left.push_back(rewriter.getAffineDimExpr(dim));
    sizes.push_back(size);
  }
  SmallVector<Value> inits;
  SmallVector<Type> resultTypes;
  auto cannotPromote = [&](Type from, Type to) {
    return hlo::malformed(op, "a body of at least the precision of ")
           << from << ", found " << to;
  };
  for (unsigned i = 0; i < count; ++i) {
    Value init = op->getOperand(count + i);
    Type element = accumulatedType(**body, i);
    if (getElementTypeOrSelf(op->getResult(i).getType()) != element)
      return hlo::malformed(op, "results of the types of the body");
    Type from = getElementTypeOrSelf(init.getType());
    if (from != element) {
      bool isPromoted = true;
      init = hlo::buildElements(
          rewriter, loc, RankedTensorType::get({}, element), init,
          [&](OpBuilder &b, Location loc, ValueRange values) {
            Value value = promote(b, loc, values[0], element,
                                  hlo::isUnsigned(op, count + i));
            isPromoted = value != nullptr;
            return value;
          });
      if (!isPromoted)
        return cannotPromote(from, element);
    }
    Value empty = tensor::EmptyOp::create(rewriter, loc, sizes, element);
    inits.push_back(hlo::buildFilled(rewriter, loc, init, empty));
    resultTypes.push_back(inits.back().getType());
  }
  AffineMap identity = rewriter.getMultiDimIdentityMap(rank);
  SmallVector<AffineMap> maps(count, identity);
  maps.append(count, AffineMap::get(rank, 0, left, rewriter.getContext()));
  bool failedOnce = false;
  auto generic = linalg::GenericOp::create(
      rewriter, loc, resultTypes, inputs, inits, maps, iterators,
      [&](OpBuilder &b, Location loc, ValueRange scalars) {
        // The accumulated values come first in the body, last in linalg.
        SmallVector<Value> args(scalars.drop_front(count));
        for (unsigned i = 0; i < count && !failedOnce; ++i) {
          Type element = accumulatedType(**body, i);
          args.push_back(
              promote(b, loc, scalars[i], element, hlo::isUnsigned(op, i)));
          if (!args.back())
            failedOnce = failed(cannotPromote(scalars[i].getType(), element));
        }
        if (failedOnce) {
          linalg::YieldOp::create(b, loc, scalars.drop_front(count));
          return;
        }
        FailureOr<SmallVector<Value>> values =
            hlo::inlineScalars(b, loc, **body, args);
        if (succeeded(values) && values->size() == count) {
          linalg::YieldOp::create(b, loc, *values);
          return;
        }
        failedOnce = true;
        linalg::YieldOp::create(b, loc, scalars.drop_front(count));
      });
  if (failedOnce)
    return failure();
  SmallVector<Value> results(generic.getResults());
  for (auto [result, type] : llvm::zip(results, op->getResultTypes()))
    if (result.getType() != type)
      result = tensor::CastOp::create(rewriter, loc, type, result);
  rewriter.replaceOp(op, results);
  return success();
}

LogicalResult importMap(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  FailureOr<Block *> body = bodyOf(op, op->getNumOperands());
  if (failed(type) || failed(inputs) || failed(body))
    return failure();
  for (RankedTensorType input : *inputs)
    if (input.getShape() != type->getShape())
      return hlo::malformed(op, "operands of the shape of ") << *type;
  if (inputs->empty())
    return hlo::malformed(op, "an operand");
  bool failedOnce = false;
  rewriter.setInsertionPoint(op);
  Value result = hlo::buildElements(
      rewriter, op->getLoc(), *type, op->getOperands(),
      [&](OpBuilder &b, Location loc, ValueRange scalars) -> Value {
        FailureOr<SmallVector<Value>> values =
            hlo::inlineScalars(b, loc, **body, scalars);
        failedOnce = failed(values) || values->size() != 1;
        return failedOnce ? nullptr : values->front();
      });
  if (failedOnce)
    return failure();
  rewriter.replaceOp(op, result);
  return success();
}

/// moe.sort is stable, which `is_stable = false` allows.
LogicalResult importSort(Operation *op, RewriterBase &rewriter) {
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  unsigned count = op->getNumOperands();
  FailureOr<Block *> body = bodyOf(op, 2 * count);
  if (failed(inputs) || failed(body))
    return failure();
  if (count == 0 || op->getOperandTypes() != op->getResultTypes())
    return hlo::malformed(op, "as many results as operands");
  int64_t rank = inputs->front().getRank();
  int64_t dimension = hlo::integer(op, "dimension").value_or(-1);
  if (dimension < 0)
    dimension += rank;
  if (dimension < 0 || dimension >= rank ||
      llvm::any_of(*inputs, [&](RankedTensorType type) {
        return type.getShape() != inputs->front().getShape();
      }))
    return hlo::malformed(op, "operands of one shape and a dimension below "
                              "the rank");
  SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegion(0), captured);
  for (Value value : captured)
    if (!hlo::isSplat(value) && !matchPattern(value, m_Constant()))
      return op->emitOpError("has a comparator that reads values from outside; "
                             "sort them along before moe-import");

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  auto sort = SortOp::create(rewriter, loc, op->getResultTypes(),
                             op->getOperands(), dimension);
  SmallVector<Type> types;
  for (RankedTensorType input : *inputs)
    types.append(2, input.getElementType());
  SmallVector<Location> locs(types.size(), loc);
  Block *comparator =
      rewriter.createBlock(&sort.getComparator(), {}, types, locs);
  FailureOr<SmallVector<Value>> before =
      hlo::inlineScalars(rewriter, loc, **body, comparator->getArguments());
  if (failed(before)) {
    rewriter.eraseOp(sort);
    return failure();
  }
  if (before->size() != 1 || !before->front().getType().isInteger(1)) {
    rewriter.eraseOp(sort);
    return hlo::malformed(op, "a comparator that returns one i1");
  }
  moe::YieldOp::create(rewriter, loc, *before);
  rewriter.replaceOp(op, sort);
  return success();
}

Value asBits(OpBuilder &b, Location loc, Value value) {
  if (isa<IntegerType>(value.getType()))
    return value;
  Type bits = b.getIntegerType(value.getType().getIntOrFloatBitWidth());
  return arith::BitcastOp::create(b, loc, bits, value);
}

Value fromBits(OpBuilder &b, Location loc, Value bits, Type type) {
  if (bits.getType() == type)
    return bits;
  return arith::BitcastOp::create(b, loc, type, bits);
}

/// The number of the part in the last dimension, times its width.
Value bitOffset(OpBuilder &b, Location loc, int64_t dim, Type type,
                unsigned width) {
  Value index = linalg::IndexOp::create(b, loc, dim);
  index = arith::IndexCastOp::create(b, loc, type, index);
  Value step = arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, width));
  return arith::MulIOp::create(b, loc, index, step);
}

/// The last dimension of the result holds the parts, lowest bits first.
Value splitBits(OpBuilder &b, Location loc, RankedTensorType to, Value input) {
  unsigned width = to.getElementTypeBitWidth();
  int64_t last = to.getRank() - 1;
  AffineMap map = b.getMultiDimIdentityMap(to.getRank()).getMajorSubMap(last);
  if (last == 0)
    map = AffineMap::get(to.getRank(), 0, b.getContext());
  return hlo::buildElements(
      b, loc, to, input, map, input,
      [&](OpBuilder &b, Location loc, ValueRange values) {
        Value bits = asBits(b, loc, values[0]);
        Value offset = bitOffset(b, loc, last, bits.getType(), width);
        bits = arith::ShRUIOp::create(b, loc, bits, offset);
        bits = arith::TruncIOp::create(b, loc, b.getIntegerType(width), bits);
        return fromBits(b, loc, bits, to.getElementType());
      });
}

/// The last dimension of the operand holds the parts, lowest bits first.
Value joinBits(OpBuilder &b, Location loc, RankedTensorType to, Value input) {
  auto from = cast<RankedTensorType>(input.getType());
  unsigned width = from.getElementTypeBitWidth();
  Type bitsType = b.getIntegerType(to.getElementTypeBitWidth());
  int64_t last = to.getRank();
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, input);
  sizes.pop_back();
  Value empty = tensor::EmptyOp::create(b, loc, sizes, bitsType);
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(bitsType));
  Value init = linalg::FillOp::create(b, loc, zero, empty).getResult(0);
  AffineMap identity = b.getMultiDimIdentityMap(from.getRank());
  AffineMap outMap = last == 0
                         ? AffineMap::get(from.getRank(), 0, b.getContext())
                         : identity.getMajorSubMap(last);
  SmallVector<utils::IteratorType> iterators(from.getRank(),
                                             utils::IteratorType::parallel);
  iterators.back() = utils::IteratorType::reduction;
  Value joined =
      linalg::GenericOp::create(
          b, loc, TypeRange{init.getType()}, ValueRange{input},
          ValueRange{init}, ArrayRef<AffineMap>{identity, outMap}, iterators,
          [&](OpBuilder &b, Location loc, ValueRange values) {
            Value bits = asBits(b, loc, values[0]);
            bits = arith::ExtUIOp::create(b, loc, bitsType, bits);
            Value offset = bitOffset(b, loc, last, bitsType, width);
            bits = arith::ShLIOp::create(b, loc, bits, offset);
            bits = arith::OrIOp::create(b, loc, values[1], bits);
            linalg::YieldOp::create(b, loc, bits);
          })
          .getResult(0);
  if (joined.getType() == to)
    return joined;
  return hlo::buildElements(
      b, loc, to, joined, [&](OpBuilder &b, Location loc, ValueRange values) {
        return fromBits(b, loc, values[0], to.getElementType());
      });
}

LogicalResult importBitcast(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> to = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(to) || failed(inputs))
    return failure();
  if (inputs->size() != 1)
    return hlo::malformed(op, "one operand");
  RankedTensorType from = inputs->front();
  if (from == *to) {
    rewriter.replaceOp(op, op->getOperand(0));
    return success();
  }
  if (!from.getElementType().isIntOrFloat() ||
      !to->getElementType().isIntOrFloat())
    return op->emitOpError("is not imported from ") << from << " to " << *to;
  int64_t fromWidth = from.getElementTypeBitWidth();
  int64_t toWidth = to->getElementTypeBitWidth();
  SmallVector<int64_t> expected(from.getShape());
  if (fromWidth > toWidth)
    expected.push_back(fromWidth / toWidth);
  bool fits = true;
  if (fromWidth < toWidth)
    fits = !expected.empty() && expected.pop_back_val() == toWidth / fromWidth;
  if (!fits || ArrayRef<int64_t>(expected) != to->getShape() ||
      std::max(fromWidth, toWidth) % std::min(fromWidth, toWidth) != 0)
    return hlo::malformed(op, "a result of the bits of ") << from;

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  Value input = op->getOperand(0), result = input;
  if (fromWidth > toWidth)
    result = splitBits(rewriter, loc, *to, input);
  else if (fromWidth < toWidth)
    result = joinBits(rewriter, loc, *to, input);
  else if (from != *to)
    result = hlo::buildElements(
        rewriter, loc, *to, input,
        [&](OpBuilder &b, Location loc, ValueRange values) -> Value {
          return arith::BitcastOp::create(b, loc, to->getElementType(),
                                          values[0]);
        });
  rewriter.replaceOp(op, result);
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::reductionImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.bitcast_convert", importBitcast},
      {"stablehlo.map", importMap},
      {"stablehlo.reduce", importReduce},
      {"stablehlo.sort", importSort},
  };
  return table;
}
