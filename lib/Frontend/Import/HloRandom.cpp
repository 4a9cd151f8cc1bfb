// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Counter-based random numbers, by Salmon, Moraes, Dror and Shaw, "Parallel
// Random Numbers: As Easy as 1, 2, 3" (SC11). Each element is computed from its
// row-major number alone:
//   threefry2x32, 20 rounds: key state[0], counter state[1] + number of the
//   block philox4x32, 10 rounds:   key state[0], counter state[1], state[2] +
//   number
// Words come low ones first. Elements of up to 32 bits take one word, others
// two. The new state counts the blocks that were used.
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Arithmetic on words of 32 or 64 bits.
struct Words {
  OpBuilder &b;
  Location loc;

  Value constant(Type type, uint64_t value) const {
    unsigned width = type.getIntOrFloatBitWidth();
    return arith::ConstantOp::create(
        b, loc, IntegerAttr::get(type, APInt(width, value)));
  }
  Value word(uint64_t value) const { return constant(b.getI32Type(), value); }
  Value wide(uint64_t value) const { return constant(b.getI64Type(), value); }
  Value add(Value lhs, Value rhs) const {
    return arith::AddIOp::create(b, loc, lhs, rhs);
  }
  Value exclusiveOr(Value lhs, Value rhs) const {
    return arith::XOrIOp::create(b, loc, lhs, rhs);
  }
  Value rotate(Value value, unsigned amount) const {
    Value left = arith::ShLIOp::create(b, loc, value, word(amount));
    Value right = arith::ShRUIOp::create(b, loc, value, word(32 - amount));
    return arith::OrIOp::create(b, loc, left, right);
  }
  Value low(Value value) const {
    return arith::TruncIOp::create(b, loc, b.getI32Type(), value);
  }
  Value high(Value value) const {
    return low(arith::ShRUIOp::create(b, loc, value, wide(32)));
  }
  Value join(Value low, Value high) const {
    Value left = arith::ExtUIOp::create(b, loc, b.getI64Type(), high);
    Value right = arith::ExtUIOp::create(b, loc, b.getI64Type(), low);
    left = arith::ShLIOp::create(b, loc, left, wide(32));
    return arith::OrIOp::create(b, loc, left, right);
  }
  /// The entry of `values` that `number` counts.
  Value pick(ArrayRef<Value> values, Value number) const {
    Value result = values.front();
    for (auto [i, value] : llvm::enumerate(values.drop_front())) {
      Value isThis = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                           number, wide(i + 1));
      result = arith::SelectOp::create(b, loc, isThis, value, result);
    }
    return result;
  }
};

SmallVector<Value> threefry(const Words &w, Value key, Value counter) {
  constexpr unsigned rotations[] = {13, 15, 26, 6, 17, 29, 16, 24};
  Value keys[3] = {w.low(key), w.high(key), nullptr};
  keys[2] = w.exclusiveOr(w.exclusiveOr(keys[0], keys[1]), w.word(0x1bd11bda));
  Value x = w.add(w.low(counter), keys[0]), y = w.add(w.high(counter), keys[1]);
  for (unsigned round = 0; round < 20; ++round) {
    x = w.add(x, y);
    y = w.exclusiveOr(w.rotate(y, rotations[round % 8]), x);
    if (round % 4 != 3)
      continue;
    unsigned injection = round / 4 + 1;
    x = w.add(x, keys[injection % 3]);
    y = w.add(w.add(y, keys[(injection + 1) % 3]), w.word(injection));
  }
  return {x, y};
}

SmallVector<Value> philox(const Words &w, Value key, Value lowCounter,
                          Value highCounter) {
  Value x[4] = {w.low(lowCounter), w.high(lowCounter), w.low(highCounter),
                w.high(highCounter)};
  Value first = w.low(key), second = w.high(key);
  auto multiply = [&](uint64_t factor, Value value) -> Value {
    Value wide = arith::ExtUIOp::create(w.b, w.loc, w.b.getI64Type(), value);
    return arith::MulIOp::create(w.b, w.loc, w.wide(factor), wide);
  };
  for (unsigned round = 0; round < 10; ++round) {
    Value a = multiply(0xd2511f53, x[0]), b = multiply(0xcd9e8d57, x[2]);
    Value next[4] = {
        w.exclusiveOr(w.exclusiveOr(w.high(b), x[1]), first), w.low(b),
        w.exclusiveOr(w.exclusiveOr(w.high(a), x[3]), second), w.low(a)};
    std::copy(next, next + 4, x);
    first = w.add(first, w.word(0x9e3779b9));
    second = w.add(second, w.word(0xbb67ae85));
  }
  return SmallVector<Value>(x, x + 4);
}

/// A counter of 128 bits and what it counts.
std::pair<Value, Value> advance(const Words &w, Value low, Value high,
                                Value steps) {
  Value sum = w.add(low, steps);
  Value carries =
      arith::CmpIOp::create(w.b, w.loc, arith::CmpIPredicate::ult, sum, low);
  Value carry = arith::ExtUIOp::create(w.b, w.loc, w.b.getI64Type(), carries);
  return {sum, w.add(high, carry)};
}

struct Generator {
  bool isPhilox;
  /// One word each, or two.
  unsigned wordsOfElement;

  unsigned elementsOfBlock() const {
    return (isPhilox ? 4 : 2) / wordsOfElement;
  }
  /// Word(s) of element `number`, as i32 or i64. `state` is key and counter.
  Value element(const Words &w, ValueRange state, Value number) const;
};

Value Generator::element(const Words &w, ValueRange state, Value number) const {
  unsigned size = elementsOfBlock();
  Value block = number, place;
  if (size > 1) {
    block = arith::DivUIOp::create(w.b, w.loc, number, w.wide(size));
    place = arith::RemUIOp::create(w.b, w.loc, number, w.wide(size));
  }
  SmallVector<Value> words;
  if (isPhilox) {
    Value zero = state.size() == 3 ? state[2] : w.wide(0);
    auto [low, high] = advance(w, state[1], zero, block);
    words = philox(w, state[0], low, high);
  } else {
    words = threefry(w, state[0], w.add(state[1], block));
  }
  SmallVector<Value> elements;
  for (unsigned i = 0; i < size; ++i)
    elements.push_back(wordsOfElement == 1
                           ? words[i]
                           : w.join(words[2 * i], words[2 * i + 1]));
  return size == 1 ? elements.front() : w.pick(elements, place);
}

/// The row-major number of the element, in a body of buildElements.
Value numberOfElement(const Words &w, ArrayRef<int64_t> shape) {
  Value number = w.wide(0);
  for (auto [dim, size] : llvm::enumerate(shape)) {
    Value index = linalg::IndexOp::create(w.b, w.loc, dim);
    index = arith::IndexCastOp::create(w.b, w.loc, w.b.getI64Type(), index);
    number =
        w.add(arith::MulIOp::create(w.b, w.loc, number, w.wide(size)), index);
  }
  return number;
}

/// Maps that read each element of a vector of `size` at every place.
SmallVector<AffineMap> constantMaps(OpBuilder &b, int64_t rank, int64_t size) {
  SmallVector<AffineMap> maps;
  for (int64_t i = 0; i < size; ++i)
    maps.push_back(AffineMap::get(rank, 0, b.getAffineConstantExpr(i)));
  return maps;
}

///   "stablehlo.rng_bit_generator"(%state)
///   =>  linalg.generic for the bits, linalg.generic for the new state
LogicalResult importBitGenerator(Operation *op, RewriterBase &rewriter) {
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  FailureOr<SmallVector<RankedTensorType>> results =
      hlo::tensorTypes(op, op->getResultTypes());
  if (failed(inputs) || failed(results))
    return failure();
  if (inputs->size() != 1 || results->size() != 2 ||
      inputs->front() != results->front())
    return hlo::malformed(op, "a state, a new state of its type, and bits");
  RankedTensorType stateType = inputs->front(), type = results->back();
  std::string algorithm = hlo::enumerator(op, "rng_algorithm");
  bool isThreefry = algorithm == "THREE_FRY";
  if (!isThreefry && algorithm != "PHILOX" && algorithm != "DEFAULT")
    return hlo::malformed(op, "a known rng_algorithm");
  int64_t size = stateType.getRank() == 1 ? stateType.getDimSize(0) : 0;
  if (!stateType.getElementType().isInteger(64) ||
      !(size == 2 || (size == 3 && !isThreefry)))
    return hlo::malformed(op, "a state of ")
           << (isThreefry ? "two" : "two or three") << " ui64";
  Type element = type.getElementType();
  unsigned width = element.isIntOrFloat() ? element.getIntOrFloatBitWidth() : 0;
  if (!llvm::is_contained({8u, 16u, 32u, 64u}, width))
    return op->emitOpError("is not imported for elements of ") << element;
  if (failed(hlo::needsStatic(op, type)))
    return failure();

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  Generator generator{!isThreefry, width == 64 ? 2u : 1u};
  SmallVector<Value> states(size, op->getOperand(0));
  Value bits = hlo::buildElements(
      rewriter, loc, type, states, constantMaps(rewriter, type.getRank(), size),
      nullptr, [&](OpBuilder &b, Location loc, ValueRange state) -> Value {
        Words w{b, loc};
        Value value =
            generator.element(w, state, numberOfElement(w, type.getShape()));
        Type integer = b.getIntegerType(width);
        if (width < 32)
          value = arith::TruncIOp::create(b, loc, integer, value);
        return element == integer
                   ? value
                   : arith::BitcastOp::create(b, loc, element, value);
      });
  uint64_t blocks =
      llvm::divideCeil(type.getNumElements(), generator.elementsOfBlock());
  Value next = hlo::buildElements(
      rewriter, loc, stateType, states, constantMaps(rewriter, 1, size),
      nullptr, [&](OpBuilder &b, Location loc, ValueRange state) -> Value {
        Words w{b, loc};
        Value zero = w.wide(0);
        auto [low, high] =
            advance(w, state[1], size == 3 ? state[2] : zero, w.wide(blocks));
        Value values[] = {state[0], low, high};
        Value index = arith::IndexCastOp::create(
            b, loc, b.getI64Type(), linalg::IndexOp::create(b, loc, 0));
        return w.pick(ArrayRef(values).take_front(size), index);
      });
  rewriter.replaceOp(op, {next, bits});
  return success();
}

/// From 0, below 1: as many bits as the mantissa holds.
Value unitFloat(const Words &w, Value bits, FloatType type) {
  unsigned width = bits.getType().getIntOrFloatBitWidth();
  unsigned kept = type.getFPMantissaWidth();
  bits = arith::ShRUIOp::create(w.b, w.loc, bits,
                                w.constant(bits.getType(), width - kept));
  Value value = arith::UIToFPOp::create(w.b, w.loc, type, bits);
  Value scale = arith::ConstantOp::create(
      w.b, w.loc, FloatAttr::get(type, std::ldexp(1.0, -int(kept))));
  return arith::MulFOp::create(w.b, w.loc, value, scale);
}

/// The key differs from one op of a module to the next: that is all the seed
/// there is.
struct Distribution {
  uint64_t key;

  Value bits(const Words &w, Value number) const {
    return Generator{true, 2}.element(w, {w.wide(key), w.wide(0)}, number);
  }
  Value uniform(const Words &w, Value number, Value lower, Value upper) const;
  Value uniformInteger(const Words &w, Value number, Value lower,
                       Value upper) const;
  Value normal(const Words &w, Value number, Value mean, Value spread) const;
};

Value Distribution::uniform(const Words &w, Value number, Value lower,
                            Value upper) const {
  Type type = lower.getType();
  auto wide = cast<FloatType>(
      type.getIntOrFloatBitWidth() < 32 ? w.b.getF32Type() : type);
  Value unit = unitFloat(w, bits(w, number), wide);
  Value from = hlo::castFloat(w.b, w.loc, lower, wide);
  Value to = hlo::castFloat(w.b, w.loc, upper, wide);
  Value span = arith::SubFOp::create(w.b, w.loc, to, from);
  Value offset = arith::MulFOp::create(w.b, w.loc, span, unit);
  Value value = arith::AddFOp::create(w.b, w.loc, from, offset);
  value = hlo::castFloat(w.b, w.loc, value, type);
  // Rounded up, it would be the bound that is left out.
  Value isBelow = arith::CmpFOp::create(w.b, w.loc, arith::CmpFPredicate::ULT,
                                        value, upper);
  return arith::SelectOp::create(w.b, w.loc, isBelow, value, lower);
}

Value Distribution::uniformInteger(const Words &w, Value number, Value lower,
                                   Value upper) const {
  Type type = lower.getType();
  Value span = arith::SubIOp::create(w.b, w.loc, upper, lower);
  if (!type.isInteger(64))
    span = arith::ExtUIOp::create(w.b, w.loc, w.b.getI64Type(), span);
  // Nothing is from a up to a.
  Value isEmpty = arith::CmpIOp::create(w.b, w.loc, arith::CmpIPredicate::eq,
                                        span, w.wide(0));
  Value random = bits(w, number);
  Value divisor = arith::SelectOp::create(w.b, w.loc, isEmpty, w.wide(1), span);
  Value rest = arith::RemUIOp::create(w.b, w.loc, random, divisor);
  if (!type.isInteger(64))
    rest = arith::TruncIOp::create(w.b, w.loc, type, rest);
  return w.add(lower, rest);
}

/// By Box and Muller, from two uniform numbers.
Value Distribution::normal(const Words &w, Value number, Value mean,
                           Value spread) const {
  Type type = mean.getType();
  auto wide = cast<FloatType>(
      type.getIntOrFloatBitWidth() < 32 ? w.b.getF32Type() : type);
  Value twice = arith::MulIOp::create(w.b, w.loc, number, w.wide(2));
  Value first = unitFloat(w, bits(w, twice), wide);
  Value second = unitFloat(w, bits(w, w.add(twice, w.wide(1))), wide);
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(w.b, w.loc, FloatAttr::get(wide, value));
  };
  // Above 0: the logarithm is finite.
  first = arith::SubFOp::create(w.b, w.loc, constant(1), first);
  Value radius = arith::MulFOp::create(w.b, w.loc, constant(-2),
                                       math::LogOp::create(w.b, w.loc, first));
  radius = math::SqrtOp::create(w.b, w.loc, radius);
  Value angle =
      arith::MulFOp::create(w.b, w.loc, constant(6.283185307179586), second);
  Value value = arith::MulFOp::create(w.b, w.loc, radius,
                                      math::CosOp::create(w.b, w.loc, angle));
  value = arith::MulFOp::create(w.b, w.loc, value,
                                hlo::castFloat(w.b, w.loc, spread, wide));
  value = arith::AddFOp::create(w.b, w.loc, value,
                                hlo::castFloat(w.b, w.loc, mean, wide));
  return hlo::castFloat(w.b, w.loc, value, type);
}

///   "stablehlo.rng"(%a, %b, %shape)  =>  linalg.generic of philox
LogicalResult importRng(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(type) || failed(inputs))
    return failure();
  std::string name = hlo::enumerator(op, "rng_distribution");
  Type element = type->getElementType();
  RankedTensorType scalar = RankedTensorType::get({}, element);
  if (inputs->size() != 3 || (*inputs)[0] != scalar || (*inputs)[1] != scalar ||
      (*inputs)[2].getRank() != 1 ||
      !isa<IntegerType, IndexType>((*inputs)[2].getElementType()))
    return hlo::malformed(op, "two operands of type ")
           << scalar << " and a shape";
  bool isNormal = name == "NORMAL";
  if ((!isNormal && name != "UNIFORM") ||
      !(isa<FloatType>(element) || (!isNormal && isa<IntegerType>(element))))
    return hlo::malformed(op, "rng_distribution UNIFORM, or NORMAL of floats");
  if (failed(hlo::needsStatic(op, *type)))
    return failure();
  // Those that are left: the ops of a module are imported one by one.
  uint64_t key = 0;
  op->getParentOfType<ModuleOp>().walk(
      [&](Operation *other) { key += other->getName() == op->getName(); });

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  Distribution distribution{key};
  SmallVector<AffineMap> maps(
      2, AffineMap::get(type->getRank(), 0, rewriter.getContext()));
  Value result = hlo::buildElements(
      rewriter, loc, *type, op->getOperands().take_front(2), maps, nullptr,
      [&](OpBuilder &b, Location loc, ValueRange values) {
        Words w{b, loc};
        Value number = numberOfElement(w, type->getShape());
        if (isNormal)
          return distribution.normal(w, number, values[0], values[1]);
        if (isa<FloatType>(element))
          return distribution.uniform(w, number, values[0], values[1]);
        return distribution.uniformInteger(w, number, values[0], values[1]);
      });
  rewriter.replaceOp(op, result);
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::randomImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.rng", importRng},
      {"stablehlo.rng_bit_generator", importBitGenerator},
  };
  return table;
}
