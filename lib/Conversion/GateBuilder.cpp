// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/GateBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"

#include <limits>

using namespace mlir;
using namespace mlir::moe;

namespace {
VectorType vectorOf(int64_t size, Type elementType) {
  return VectorType::get({size}, elementType);
}

int64_t sizeOf(Value vector) {
  return cast<VectorType>(vector.getType()).getDimSize(0);
}

/// `value` in every element of `type`, a float vector or scalar.
Value floatConstant(ImplicitLocOpBuilder &b, Type type, double value) {
  auto element = b.getFloatAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(b,
                                     DenseElementsAttr::get(vector, element));
  return arith::ConstantOp::create(b, element);
}

Value intConstant(ImplicitLocOpBuilder &b, VectorType type, int32_t value) {
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(type, b.getI32IntegerAttr(value)));
}

Value splat(ImplicitLocOpBuilder &b, VectorType type, Value scalar) {
  return vector::BroadcastOp::create(b, type, scalar);
}

Value exponential(ImplicitLocOpBuilder &b, Value value) {
  return math::ExpOp::create(b, value);
}

/// exp(x - max x), in which NaN stays NaN and nothing overflows.
Value shiftedExp(ImplicitLocOpBuilder &b, Value values) {
  auto type = cast<VectorType>(values.getType());
  Value largest =
      vector::ReductionOp::create(b, vector::CombiningKind::MAXNUMF, values);
  return exponential(b,
                     arith::SubFOp::create(b, values, splat(b, type, largest)));
}

/// 1 / (1 + exp(-x)).
Value sigmoid(ImplicitLocOpBuilder &b, Value x) {
  Value one = floatConstant(b, x.getType(), 1.0);
  Value e = exponential(b, arith::NegFOp::create(b, x));
  return arith::DivFOp::create(b, one, arith::AddFOp::create(b, one, e));
}

/// log(1 + exp(x)) as max(x, 0) + log1p(exp(-|x|)), which cannot overflow.
Value softplus(ImplicitLocOpBuilder &b, Value x) {
  Value zero = floatConstant(b, x.getType(), 0.0);
  Value e =
      exponential(b, arith::NegFOp::create(b, math::AbsFOp::create(b, x)));
  return arith::AddFOp::create(b, arith::MaximumFOp::create(b, x, zero),
                               math::Log1pOp::create(b, e));
}

/// Integers in the order top_k ranks floats in: NaN above everything, both
/// zeros alike, and the smallest i32 never taken.
Value orderedKeys(ImplicitLocOpBuilder &b, Value keys) {
  auto intType = vectorOf(sizeOf(keys), b.getI32Type());
  // Adding +0 turns -0 into +0 and leaves everything else alone.
  Value sum =
      arith::AddFOp::create(b, keys, floatConstant(b, keys.getType(), 0.0));
  Value bits = arith::BitcastOp::create(b, intType, sum);
  Value sign = arith::ShRSIOp::create(b, bits, intConstant(b, intType, 31));
  Value flip = arith::AndIOp::create(
      b, sign, intConstant(b, intType, std::numeric_limits<int32_t>::max()));
  Value ordered = arith::XOrIOp::create(b, bits, flip);
  Value isNan = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, keys, keys);
  return arith::SelectOp::create(
      b, isNan, intConstant(b, intType, std::numeric_limits<int32_t>::max()),
      ordered);
}

/// source[id] for every id that is not negative, and 0 for the others.
Value gatherRow(ImplicitLocOpBuilder &b, Value source, Value ids) {
  Type element = cast<VectorType>(source.getType()).getElementType();
  auto type = vectorOf(sizeOf(ids), element);
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value end = arith::ConstantIndexOp::create(b, sizeOf(ids));
  Value none = floatConstant(b, element, 0.0);
  auto loop = scf::ForOp::create(
      b, b.getLoc(), zero, end, one, ValueRange{floatConstant(b, type, 0.0)},
      [&](OpBuilder &builder, Location loc, Value slot, ValueRange state) {
        ImplicitLocOpBuilder b(loc, builder);
        Value id = vector::ExtractOp::create(b, ids, slot);
        Value first = arith::ConstantIntOp::create(b, 0, 32);
        Value live =
            arith::CmpIOp::create(b, arith::CmpIPredicate::sge, id, first);
        Value at = arith::IndexCastOp::create(
            b, b.getIndexType(), arith::SelectOp::create(b, live, id, first));
        Value value = vector::ExtractOp::create(b, source, at);
        value = arith::SelectOp::create(b, live, value, none);
        Value next = vector::InsertOp::create(b, value, state[0], slot);
        scf::YieldOp::create(b, next);
      });
  return loop.getResult(0);
}

/// `ids` and behind them those of the columns that are always on.
Value appendAlwaysOn(ImplicitLocOpBuilder &b, Value ids, GateOp gate) {
  SmallVector<int32_t> always;
  SmallVector<int64_t> places = llvm::to_vector(llvm::seq(sizeOf(ids)));
  for (int64_t i = 0, n = gate.getAlwaysOn(); i < n; ++i) {
    always.push_back(gate.getNumNamed() + i);
    places.push_back(sizeOf(ids) + i);
  }
  Value more = arith::ConstantOp::create(
      b, DenseElementsAttr::get(vectorOf(always.size(), b.getI32Type()),
                                ArrayRef<int32_t>(always)));
  return vector::ShuffleOp::create(b, ids, more, places);
}
} // namespace

Value moe::buildFloatCast(OpBuilder &builder, Location loc, Value value,
                          FloatType elementType) {
  auto from = cast<FloatType>(getElementTypeOrSelf(value.getType()));
  if (from == elementType)
    return value;
  Type to = elementType;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    to = vector.clone(elementType);
  if (from.getWidth() < elementType.getWidth())
    return arith::ExtFOp::create(builder, loc, to, value);
  if (from.getWidth() > elementType.getWidth())
    return arith::TruncFOp::create(builder, loc, to, value);
  // f16 and bf16 have no direct conversion.
  Value wide = buildFloatCast(builder, loc, value, builder.getF32Type());
  return buildFloatCast(builder, loc, wide, elementType);
}

Value moe::buildOrderedKey(OpBuilder &builder, Location loc, Value key,
                           NanRank nan) {
  ImplicitLocOpBuilder b(loc, builder);
  unsigned width = getElementTypeOrSelf(key.getType()).getIntOrFloatBitWidth();
  Type type = b.getIntegerType(width);
  if (auto vector = dyn_cast<VectorType>(key.getType()))
    type = vector.clone(type);
  auto constant = [&](int64_t value) -> Value {
    auto attr = b.getIntegerAttr(getElementTypeOrSelf(type), value);
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(b, DenseElementsAttr::get(vector, attr));
    return arith::ConstantOp::create(b, attr);
  };
  int64_t sign = std::numeric_limits<int64_t>::min() >> (64 - width);
  // Adding +0 turns -0 into +0 and leaves everything else alone.
  Value sum =
      arith::AddFOp::create(b, key, floatConstant(b, key.getType(), 0.0));
  Value bits = arith::BitcastOp::create(b, type, sum);
  Value negative =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, bits, constant(0));
  Value flipped = arith::SelectOp::create(
      b, negative, arith::XOrIOp::create(b, bits, constant(-1)),
      arith::OrIOp::create(b, bits, constant(sign)));
  Value isNan = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, key, key);
  return arith::SelectOp::create(
      b, isNan, constant(nan == NanRank::first ? -1 : 0), flipped);
}

Value moe::buildScoreElement(OpBuilder &builder, Location loc, ScoreFn fn,
                             Value x) {
  ImplicitLocOpBuilder b(loc, builder);
  switch (fn) {
  case ScoreFn::identity:
    return x;
  case ScoreFn::sigmoid:
    return sigmoid(b, x);
  case ScoreFn::sqrtsoftplus:
    return math::SqrtOp::create(b, softplus(b, x));
  case ScoreFn::relu:
    return arith::MaximumFOp::create(b, x, floatConstant(b, x.getType(), 0.0));
  case ScoreFn::softmax:
    break;
  }
  llvm_unreachable("softmax is not elementwise");
}

Value moe::buildScoreRow(OpBuilder &builder, Location loc, ScoreFn fn,
                         Value logits, FloatType computeType,
                         FloatType scoreType) {
  ImplicitLocOpBuilder b(loc, builder);
  Value x = buildFloatCast(b, loc, logits, computeType);
  if (fn == ScoreFn::softmax) {
    Value e = shiftedExp(b, x);
    Value sum = vector::ReductionOp::create(b, vector::CombiningKind::ADD, e,
                                            arith::FastMathFlags::reassoc);
    auto type = cast<VectorType>(x.getType());
    x = arith::DivFOp::create(b, e, splat(b, type, sum));
  } else {
    x = buildScoreElement(b, loc, fn, x);
  }
  return buildFloatCast(b, loc, x, scoreType);
}

Value moe::buildTopKRow(OpBuilder &builder, Location loc, Value keys,
                        int64_t numSlots) {
  ImplicitLocOpBuilder b(loc, builder);
  int64_t numExperts = sizeOf(keys);
  auto intType = vectorOf(numExperts, b.getI32Type());
  Value ordered = orderedKeys(b, buildFloatCast(b, loc, keys, b.getF32Type()));
  auto ids = llvm::to_vector(llvm::seq<int32_t>(0, numExperts));
  Value lanes = arith::ConstantOp::create(
      b, DenseElementsAttr::get(intType, ArrayRef<int32_t>(ids)));
  Value taken = intConstant(b, intType, std::numeric_limits<int32_t>::min());
  Value noLane = intConstant(b, intType, std::numeric_limits<int32_t>::max());
  Value empty = intConstant(b, vectorOf(numSlots, b.getI32Type()), -1);
  auto rounds = scf::ForOp::create(
      b, loc, arith::ConstantIndexOp::create(b, 0),
      arith::ConstantIndexOp::create(b, numSlots),
      arith::ConstantIndexOp::create(b, 1), ValueRange{empty, ordered},
      [&](OpBuilder &builder, Location loc, Value slot, ValueRange state) {
        ImplicitLocOpBuilder b(loc, builder);
        Value best = vector::ReductionOp::create(
            b, vector::CombiningKind::MAXSI, state[1]);
        Value isBest = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                             state[1], splat(b, intType, best));
        // The lowest expert id among equals.
        Value id = vector::ReductionOp::create(
            b, vector::CombiningKind::MINSI,
            arith::SelectOp::create(b, isBest, lanes, noLane));
        Value isPicked = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                               lanes, splat(b, intType, id));
        Value ids = vector::InsertOp::create(b, id, state[0], slot);
        Value rest = arith::SelectOp::create(b, isPicked, taken, state[1]);
        scf::YieldOp::create(b, ValueRange{ids, rest});
      });
  return rounds.getResult(0);
}

Value moe::buildSelectRow(OpBuilder &builder, Location loc,
                          const Selection &selection, Value keys,
                          ValueRange params, Value count) {
  SelectRuleInterface rule = selection.rule;
  int64_t numSlots = selection.numSlots;
  unsigned width = getElementTypeOrSelf(keys.getType()).getIntOrFloatBitWidth();
  if (!rule.choosesAmongLargest() || width > 32 || numSlots > maxScans)
    return buildSelection(builder, loc, selection, keys, params, count);
  Value row = buildKeys(builder, loc, selection, keys);
  Value ids = buildTopKRow(builder, loc, row, numSlots);
  ids = rule.buildKept(builder, loc, row, ids, params);
  return buildSlots(builder, loc, selection, ids, count);
}

Value moe::buildWeighRow(OpBuilder &builder, Location loc,
                         const Weighing &weighing, Value source, Value ids,
                         FloatType weightType, Value perExpert, Value factor) {
  ImplicitLocOpBuilder b(loc, builder);
  auto type = vectorOf(sizeOf(ids), b.getF32Type());
  auto idType = cast<VectorType>(ids.getType());
  Value zero = floatConstant(b, type, 0.0);
  Value live = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, ids,
                                     intConstant(b, idType, 0));
  auto onlyLive = [&](Value values, double otherwise) -> Value {
    return arith::SelectOp::create(b, live, values,
                                   floatConstant(b, type, otherwise));
  };
  auto sumOf = [&](Value values) -> Value {
    return vector::ReductionOp::create(b, vector::CombiningKind::ADD, values);
  };

  Value w;
  if (weighing.fn == WeighFn::one)
    w = floatConstant(b, type, 1.0);
  else
    w = buildFloatCast(b, loc, gatherRow(b, source, ids), b.getF32Type());
  if (weighing.fn == WeighFn::sigmoid)
    w = sigmoid(b, w);
  if (weighing.fn == WeighFn::softmax_selected) {
    Value e = onlyLive(
        shiftedExp(b, onlyLive(w, -std::numeric_limits<double>::infinity())),
        0.0);
    w = arith::DivFOp::create(b, e, splat(b, type, sumOf(e)));
  }
  if (weighing.norm == WeighNorm::hits) {
    Value ones = onlyLive(floatConstant(b, type, 1.0), 0.0);
    w = arith::DivFOp::create(b, w, splat(b, type, sumOf(ones)));
  } else if (weighing.norm != WeighNorm::none) {
    Value terms = onlyLive(buildNormTerm(b, loc, weighing, w), 0.0);
    Value divisor = buildDivisor(b, loc, weighing, sumOf(terms));
    w = arith::DivFOp::create(b, w, splat(b, type, divisor));
  }
  if (perExpert) {
    Value own = gatherRow(b, perExpert, ids);
    w = arith::MulFOp::create(b, w,
                              buildFloatCast(b, loc, own, b.getF32Type()));
  }
  if (factor) {
    Value wide = buildFloatCast(b, loc, factor, b.getF32Type());
    w = arith::MulFOp::create(b, w, splat(b, type, wide));
  }
  if (weighing.scale != 1.0)
    w = arith::MulFOp::create(b, w, floatConstant(b, type, weighing.scale));
  w = arith::SelectOp::create(b, live, w, zero);
  return buildFloatCast(b, loc, w, weightType);
}

Value moe::buildNormTerm(OpBuilder &builder, Location loc,
                         const Weighing &weighing, Value weight) {
  if (weighing.norm != WeighNorm::lp)
    return weight;
  ImplicitLocOpBuilder b(loc, builder);
  double p = *weighing.p;
  if (p == 2.0)
    return arith::MulFOp::create(b, weight, weight);
  Value absolute = math::AbsFOp::create(b, weight);
  if (p == 1.0)
    return absolute;
  return math::PowFOp::create(b, absolute,
                              floatConstant(b, weight.getType(), p));
}

Value moe::buildDivisor(OpBuilder &builder, Location loc,
                        const Weighing &weighing, Value sum) {
  ImplicitLocOpBuilder b(loc, builder);
  Type type = sum.getType();
  if (weighing.norm == WeighNorm::lp) {
    double p = *weighing.p;
    if (p == 2.0)
      return math::SqrtOp::create(b, sum);
    if (p == 1.0)
      return sum;
    return math::PowFOp::create(b, sum, floatConstant(b, type, 1.0 / p));
  }
  if (weighing.eps != 0.0)
    sum = arith::AddFOp::create(b, sum, floatConstant(b, type, weighing.eps));
  if (weighing.clamp != 0.0)
    sum = arith::MaximumFOp::create(b, sum,
                                    floatConstant(b, type, weighing.clamp));
  return sum;
}

Value moe::buildWeighedIds(OpBuilder &builder, Location loc, Value ids,
                           int64_t end) {
  ImplicitLocOpBuilder b(loc, builder);
  Type type = ids.getType();
  auto constant = [&](int32_t value) -> Value {
    if (auto vector = dyn_cast<VectorType>(type))
      return intConstant(b, vector, value);
    return arith::ConstantIntOp::create(b, value, 32);
  };
  Value weighs =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, ids, constant(end));
  return arith::SelectOp::create(b, weighs, ids, constant(-1));
}

GateRow moe::buildGateRow(OpBuilder &builder, Location loc, GateOp gate,
                          Value logits, Value token) {
  auto loadVector = [&](Value buffer) -> Value {
    if (!buffer)
      return {};
    auto type = cast<MemRefType>(buffer.getType());
    return vector::LoadOp::create(
        builder, loc, vectorOf(type.getDimSize(0), type.getElementType()),
        buffer, ValueRange{arith::ConstantIndexOp::create(builder, loc, 0)});
  };
  if (gate.getBias()) {
    FloatType f32 = builder.getF32Type();
    Value bias = buildFloatCast(builder, loc, loadVector(gate.getBias()), f32);
    logits = arith::AddFOp::create(
        builder, loc, buildFloatCast(builder, loc, logits, f32), bias);
  }
  Value rounded =
      buildFloatCast(builder, loc, logits, gate.getLogitsFloatType());
  Value scores = buildScoreRow(builder, loc, gate.getScore(), rounded,
                               builder.getF32Type(), gate.getScoreFloatType());
  auto pick = [&](GateValue which) {
    return which == GateValue::logits ? rounded : scores;
  };
  auto slice = [&](Value vector, int64_t from, int64_t size) -> Value {
    return vector::ExtractStridedSliceOp::create(
        builder, loc, vector, ArrayRef<int64_t>{from}, ArrayRef<int64_t>{size},
        ArrayRef<int64_t>{1});
  };
  Value keys = pick(gate.getSelectOn());
  if (gate.getAlwaysOn() > 0)
    keys = slice(keys, 0, gate.getNumNamed());
  if (Value bias = loadVector(gate.getKeyBias())) {
    auto type = cast<FloatType>(getElementTypeOrSelf(bias.getType()));
    keys = arith::AddFOp::create(
        builder, loc, buildFloatCast(builder, loc, keys, type), bias);
  }
  SmallVector<Value> params = buildRuleParams(builder, loc, gate.getParams(),
                                              gate.getTokenParams(), token);
  Value ids = buildSelectRow(builder, loc, gate.getSelection(), keys, params,
                             gate.getCount());
  auto weightType =
      cast<FloatType>(gate.getWeights().getType().getElementType());
  Value weighed = ids;
  if (gate.getColumns())
    weighed = buildWeighedIds(builder, loc, ids, gate.getNumColumns());
  if (gate.getAlwaysOn() > 0) {
    ImplicitLocOpBuilder b(loc, builder);
    weighed = appendAlwaysOn(b, weighed, gate);
  }
  Value weights = buildWeighRow(
      builder, loc, gate.getWeighing(), pick(gate.getWeighOn()), weighed,
      weightType, loadVector(gate.getPerExpert()), gate.getFactor());
  if (gate.getAlwaysOn() == 0)
    return {ids, weights, {}};
  int64_t numSlots = gate.getNumSlots();
  return {ids, slice(weights, 0, numSlots),
          slice(weights, numSlots, gate.getAlwaysOn())};
}
