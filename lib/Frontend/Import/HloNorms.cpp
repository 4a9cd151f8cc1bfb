// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Batch normalisation: over all dimensions but that of the features. Narrow
/// floats are computed in f32 and rounded at the end.
class BatchNorm {
public:
  BatchNorm(Operation *op, OpBuilder &b) : op(op), b(b), loc(op->getLoc()) {}

  /// `numFull` says which operands and results have the shape of the first;
  /// the others hold one element for each feature.
  LogicalResult check(ArrayRef<bool> operands, ArrayRef<bool> results);

  /// In the type of the sums.
  Value wide(unsigned operand);
  /// Over all elements, of tensors that are full or hold features.
  Value full(ValueRange inputs, hlo::ElementBuilder body) {
    return elementwise(type, inputs, body);
  }
  Value features(ValueRange inputs, hlo::ElementBuilder body) {
    return elementwise(featureType, inputs, body);
  }
  Value sum(ValueRange inputs, hlo::ElementBuilder body);
  Value epsilon(OpBuilder &b, Location loc) const {
    return arith::ConstantOp::create(b, loc, FloatAttr::get(element, eps));
  }
  Value deviation(OpBuilder &b, Location loc, Value variance) const {
    Value sum = arith::AddFOp::create(b, loc, variance, epsilon(b, loc));
    return math::SqrtOp::create(b, loc, sum);
  }
  /// How many elements each feature has.
  Value count(OpBuilder &b, Location loc) const {
    double number = 1;
    for (auto [dim, size] : llvm::enumerate(type.getShape()))
      if (static_cast<int64_t>(dim) != feature)
        number *= size;
    return arith::ConstantOp::create(b, loc, FloatAttr::get(element, number));
  }
  /// (x - mean) / sqrt(variance + epsilon) * scale + offset
  Value normalize(Value mean, Value variance);
  LogicalResult replace(RewriterBase &rewriter, ArrayRef<Value> results);

private:
  AffineMap mapOf(Value value, int64_t rank) const;
  Value elementwise(RankedTensorType to, ValueRange inputs,
                    hlo::ElementBuilder body);

  Operation *op;
  OpBuilder &b;
  Location loc;
  RankedTensorType type, featureType;
  Type element;
  int64_t feature = 0;
  double eps = 0;
};

LogicalResult BatchNorm::check(ArrayRef<bool> operands,
                               ArrayRef<bool> results) {
  FailureOr<SmallVector<RankedTensorType>> types =
      hlo::tensorTypes(op, op->getOperandTypes());
  FailureOr<SmallVector<RankedTensorType>> outTypes =
      hlo::tensorTypes(op, op->getResultTypes());
  if (failed(types) || failed(outTypes))
    return failure();
  if (types->size() != operands.size() || outTypes->size() != results.size())
    return hlo::malformed(op, Twine(operands.size()) + " operands and " +
                                  Twine(results.size()) + " results");
  RankedTensorType from = types->front();
  if (failed(hlo::needsStatic(op, from)))
    return failure();
  auto floating = dyn_cast<FloatType>(from.getElementType());
  std::optional<int64_t> index = hlo::integer(op, "feature_index");
  auto attribute = op->getAttrOfType<FloatAttr>("epsilon");
  if (!floating || !attribute || !index || *index < 0 ||
      *index >= from.getRank())
    return hlo::malformed(op, "floats, an epsilon and a feature_index below "
                              "the rank");
  feature = *index;
  eps = attribute.getValueAsDouble();
  element = floating.getWidth() < 32 ? b.getF32Type() : floating;
  type = from.clone(element);
  featureType = RankedTensorType::get({from.getDimSize(feature)}, element);
  auto checkAll = [&](ArrayRef<bool> isFull,
                      ArrayRef<RankedTensorType> all) -> LogicalResult {
    for (auto [full, each] : llvm::zip(isFull, all))
      if (each != (full ? type : featureType).clone(floating))
        return hlo::malformed(op, "the shape of ")
               << from << " or one element for each feature, found " << each;
    return success();
  };
  if (failed(checkAll(operands, *types)) ||
      failed(checkAll(results, *outTypes)))
    return failure();
  return success();
}

Value BatchNorm::wide(unsigned operand) {
  Value value = op->getOperand(operand);
  auto from = cast<RankedTensorType>(value.getType());
  return hlo::buildCast(b, loc, from.clone(element), value);
}

AffineMap BatchNorm::mapOf(Value value, int64_t rank) const {
  if (cast<RankedTensorType>(value.getType()).getRank() == rank)
    return b.getMultiDimIdentityMap(rank);
  return AffineMap::get(rank, 0, b.getAffineDimExpr(feature));
}

Value BatchNorm::elementwise(RankedTensorType to, ValueRange inputs,
                             hlo::ElementBuilder body) {
  SmallVector<AffineMap> maps;
  for (Value input : inputs)
    maps.push_back(mapOf(input, to.getRank()));
  return hlo::buildElements(b, loc, to, inputs, maps, nullptr, body);
}

/// Of what `body` gives, for each feature.
Value BatchNorm::sum(ValueRange inputs, hlo::ElementBuilder body) {
  int64_t rank = type.getRank();
  SmallVector<AffineMap> maps;
  for (Value input : inputs)
    maps.push_back(mapOf(input, rank));
  maps.push_back(AffineMap::get(rank, 0, b.getAffineDimExpr(feature)));
  return hlo::buildReduction(
      b, loc, featureType, inputs, maps,
      [&](OpBuilder &b, Location loc, ValueRange scalars) -> Value {
        Value value = body(b, loc, scalars.drop_back());
        return arith::AddFOp::create(b, loc, scalars.back(), value);
      });
}

Value BatchNorm::normalize(Value mean, Value variance) {
  Value inputs[] = {wide(0), wide(1), wide(2), mean, variance};
  return full(inputs, [&](OpBuilder &b, Location loc, ValueRange values) {
    Value centered = arith::SubFOp::create(b, loc, values[0], values[3]);
    Value normal =
        arith::DivFOp::create(b, loc, centered, deviation(b, loc, values[4]));
    Value scaled = arith::MulFOp::create(b, loc, normal, values[1]);
    return arith::AddFOp::create(b, loc, scaled, values[2]);
  });
}

LogicalResult BatchNorm::replace(RewriterBase &rewriter,
                                 ArrayRef<Value> results) {
  SmallVector<Value> rounded;
  for (auto [value, to] : llvm::zip(results, op->getResultTypes()))
    rounded.push_back(
        hlo::buildCast(rewriter, loc, cast<RankedTensorType>(to), value));
  rewriter.replaceOp(op, rounded);
  return success();
}

Value multiply(OpBuilder &b, Location loc, Value lhs, Value rhs) {
  return arith::MulFOp::create(b, loc, lhs, rhs);
}

LogicalResult importInference(Operation *op, RewriterBase &rewriter) {
  rewriter.setInsertionPoint(op);
  BatchNorm norm(op, rewriter);
  if (failed(norm.check({true, false, false, false, false}, {true})))
    return failure();
  Value mean = norm.wide(3), variance = norm.wide(4);
  return norm.replace(rewriter, norm.normalize(mean, variance));
}

/// The variance divides by the number of elements.
LogicalResult importTraining(Operation *op, RewriterBase &rewriter) {
  rewriter.setInsertionPoint(op);
  BatchNorm norm(op, rewriter);
  if (failed(norm.check({true, false, false}, {true, false, false})))
    return failure();
  auto divide = [&](OpBuilder &b, Location loc, ValueRange values) -> Value {
    return arith::DivFOp::create(b, loc, values[0], norm.count(b, loc));
  };
  Value x = norm.wide(0);
  Value sum = norm.sum(
      x, [](OpBuilder &, Location, ValueRange values) { return values[0]; });
  Value mean = norm.features(sum, divide);
  Value squares =
      norm.sum({x, mean}, [](OpBuilder &b, Location loc, ValueRange values) {
        Value centered = arith::SubFOp::create(b, loc, values[0], values[1]);
        return multiply(b, loc, centered, centered);
      });
  Value variance = norm.features(squares, divide);
  return norm.replace(rewriter,
                      {norm.normalize(mean, variance), mean, variance});
}

/// With c = x - mean and v = variance + epsilon, for a gradient g of N elements
/// each feature:
///   offset: sum(g)    scale: sum(g * c) / sqrt(v)
///   x: scale / sqrt(v) / N * (N * g - sum(g) - c * sum(g * c) / v)
LogicalResult importGradient(Operation *op, RewriterBase &rewriter) {
  rewriter.setInsertionPoint(op);
  BatchNorm norm(op, rewriter);
  if (failed(
          norm.check({true, false, false, false, true}, {true, false, false})))
    return failure();
  Value x = norm.wide(0), scale = norm.wide(1), mean = norm.wide(2),
        variance = norm.wide(3), gradient = norm.wide(4);
  Value offsetGradient =
      norm.sum(gradient, [](OpBuilder &, Location, ValueRange values) {
        return values[0];
      });
  Value products = norm.sum(
      {gradient, x, mean}, [](OpBuilder &b, Location loc, ValueRange values) {
        Value centered = arith::SubFOp::create(b, loc, values[1], values[2]);
        return multiply(b, loc, values[0], centered);
      });
  Value scaleGradient = norm.features(
      {products, variance},
      [&](OpBuilder &b, Location loc, ValueRange values) -> Value {
        return arith::DivFOp::create(b, loc, values[0],
                                     norm.deviation(b, loc, values[1]));
      });
  Value inputs[] = {gradient, x,        scale,         mean,
                    variance, products, offsetGradient};
  Value result =
      norm.full(inputs, [&](OpBuilder &b, Location loc, ValueRange values) {
        Value centered = arith::SubFOp::create(b, loc, values[1], values[3]);
        Value count = norm.count(b, loc);
        Value square =
            arith::AddFOp::create(b, loc, values[4], norm.epsilon(b, loc));
        Value pull = arith::DivFOp::create(
            b, loc, multiply(b, loc, centered, values[5]), square);
        Value sum = arith::SubFOp::create(
            b, loc, multiply(b, loc, count, values[0]), values[6]);
        sum = arith::SubFOp::create(b, loc, sum, pull);
        Value factor = arith::DivFOp::create(b, loc, values[2],
                                             norm.deviation(b, loc, values[4]));
        factor = arith::DivFOp::create(b, loc, factor, count);
        return multiply(b, loc, factor, sum);
      });
  return norm.replace(rewriter, {result, scaleGradient, offsetGradient});
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::normImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.batch_norm_grad", importGradient},
      {"stablehlo.batch_norm_inference", importInference},
      {"stablehlo.batch_norm_training", importTraining},
  };
  return table;
}
