// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/TotalOrder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
bool isNumber(Value value, const APInt &number) {
  APInt constant;
  return matchPattern(value, m_ConstantInt(&constant)) && constant == number;
}

/// All bits but the sign where `raw` is negative, none elsewhere:
/// shrui(shrsi(raw, width - 1), 1), or the same by a mask.
bool isMagnitudeMask(Value value, Value raw) {
  unsigned width = raw.getType().getIntOrFloatBitWidth();
  Value sign;
  if (auto shift = value.getDefiningOp<arith::ShRUIOp>()) {
    if (!isNumber(shift.getRhs(), APInt(width, 1)))
      return false;
    sign = shift.getLhs();
  } else if (auto mask = value.getDefiningOp<arith::AndIOp>()) {
    bool isLeft = isNumber(mask.getLhs(), APInt::getSignedMaxValue(width));
    if (!isLeft && !isNumber(mask.getRhs(), APInt::getSignedMaxValue(width)))
      return false;
    sign = isLeft ? mask.getRhs() : mask.getLhs();
  } else {
    return false;
  }
  auto shift = sign.getDefiningOp<arith::ShRSIOp>();
  return shift && shift.getLhs() == raw &&
         isNumber(shift.getRhs(), APInt(width, width - 1));
}

/// The bits that `key` orders: raw ^ mask, or raw < 0 ? most - raw : raw.
Value rawBits(Value key) {
  if (auto flip = key.getDefiningOp<arith::XOrIOp>()) {
    if (isMagnitudeMask(flip.getRhs(), flip.getLhs()))
      return flip.getLhs();
    if (isMagnitudeMask(flip.getLhs(), flip.getRhs()))
      return flip.getRhs();
    return nullptr;
  }
  auto select = key.getDefiningOp<arith::SelectOp>();
  if (!select)
    return nullptr;
  Value raw = select.getFalseValue();
  unsigned width = raw.getType().getIntOrFloatBitWidth();
  auto negative = select.getCondition().getDefiningOp<arith::CmpIOp>();
  auto flip = select.getTrueValue().getDefiningOp<arith::SubIOp>();
  bool matches = negative && flip &&
                 negative.getPredicate() == arith::CmpIPredicate::slt &&
                 negative.getLhs() == raw &&
                 isNumber(negative.getRhs(), APInt::getZero(width)) &&
                 isNumber(flip.getLhs(), APInt::getSignedMaxValue(width)) &&
                 flip.getRhs() == raw;
  return matches ? raw : nullptr;
}

Value orderedFloat(Value key) {
  if (!isa<IntegerType>(key.getType()))
    return nullptr;
  Value raw = rawBits(key);
  auto bitcast =
      raw ? raw.getDefiningOp<arith::BitcastOp>() : arith::BitcastOp();
  if (!bitcast || !isa<FloatType>(bitcast.getIn().getType()))
    return nullptr;
  return bitcast.getIn();
}
} // namespace

std::optional<std::pair<Value, Value>>
moe::matchTotalOrderLarger(Value condition) {
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  if (!compare)
    return std::nullopt;
  Value lhs = orderedFloat(compare.getLhs());
  Value rhs = orderedFloat(compare.getRhs());
  if (!lhs || !rhs)
    return std::nullopt;
  switch (compare.getPredicate()) {
  case arith::CmpIPredicate::sgt:
  case arith::CmpIPredicate::sge:
    return std::make_pair(lhs, rhs);
  case arith::CmpIPredicate::slt:
  case arith::CmpIPredicate::sle:
    return std::make_pair(rhs, lhs);
  default:
    return std::nullopt;
  }
}
