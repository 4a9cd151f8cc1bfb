// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Analysis/ElementTracer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// What a scalar op makes of numbers; null if one of them is none.
Expr foldNumbers(ElementExprContext &context, Operation *op,
                 ArrayRef<Expr> operands) {
  SmallVector<Attribute> numbers;
  for (auto [operand, type] : llvm::zip(operands, op->getOperandTypes())) {
    if (operand->kind == ElementExpr::Kind::Constant)
      numbers.push_back(operand->attribute);
    else if (operand->kind == ElementExpr::Kind::Linear &&
             operand->operands.empty() && type.isIntOrIndex())
      numbers.push_back(IntegerAttr::get(type, operand->constant));
    else
      return nullptr;
  }
  SmallVector<OpFoldResult> results;
  if (numbers.empty() || !op->getResult(0).getType().isIntOrIndexOrFloat() ||
      failed(op->fold(numbers, results)) || results.size() != 1)
    return nullptr;
  return context.number(dyn_cast<Attribute>(results.front()));
}

/// `operand` if `op` takes back what was just done to it, which held all of
/// its values; null otherwise.
Expr foldCastBack(Operation *op, Expr operand) {
  Type type = getElementTypeOrSelf(op->getResult(0));
  if (isa<arith::TruncFOp>(op) && operand->is<arith::ExtFOp>() &&
      operand->operandTypes.front() == type)
    return operand->operands.front();
  if (!isa<arith::TruncIOp>(op))
    return nullptr;
  if (operand->is<arith::ExtUIOp>() && operand->operandTypes.front() == type)
    return operand->operands.front();
  // Signed widening is no node of its own.
  return operand->type == type ? operand : nullptr;
}

arith::CmpIPredicate asSigned(arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::ult:
    return arith::CmpIPredicate::slt;
  case arith::CmpIPredicate::ule:
    return arith::CmpIPredicate::sle;
  case arith::CmpIPredicate::ugt:
    return arith::CmpIPredicate::sgt;
  case arith::CmpIPredicate::uge:
    return arith::CmpIPredicate::sge;
  default:
    return predicate;
  }
}
} // namespace

/// Integer arithmetic where ranges prove that no wrap-around can happen; null
/// otherwise.
Expr ElementTracer::integerOp(Operation *op, ArrayRef<Expr> operands) {
  Type type = getElementTypeOrSelf(op->getResult(0));
  auto fits = [&](Expr expr) -> Expr {
    std::optional<IntRange> bounds = context.range(expr);
    if (!bounds)
      return nullptr;
    if (type.isIndex() || type.getIntOrFloatBitWidth() >= 64)
      return expr;
    int64_t limit = int64_t(1) << (type.getIntOrFloatBitWidth() - 1);
    return bounds->first >= -limit && bounds->second < limit ? expr : nullptr;
  };
  if (isa<arith::IndexCastOp, arith::ExtSIOp>(op)) {
    // Widening changes no value whatever it is.
    Type from = getElementTypeOrSelf(op->getOperand(0));
    if (from.isInteger(1))
      return nullptr;
    if (isa<arith::ExtSIOp>(op) || type.isIndex() || type.isInteger(64))
      return operands[0];
    return fits(operands[0]);
  }
  if (isa<arith::TruncIOp>(op) && !type.isInteger(1))
    return fits(operands[0]);
  // Far from where 64 bits end, and without the sign of one bit.
  auto isSmall = [&](Expr expr) {
    std::optional<IntRange> bounds = context.range(expr);
    constexpr int64_t limit = int64_t(1) << 60;
    return bounds && bounds->first > -limit && bounds->second < limit;
  };
  if (isa<arith::AddIOp, arith::SubIOp, arith::CmpIOp>(op) &&
      (getElementTypeOrSelf(op->getOperand(0)).isInteger(1) ||
       !llvm::all_of(operands, isSmall)))
    return nullptr;
  if (isa<arith::AddIOp>(op))
    return fits(context.add(operands[0], operands[1]));
  if (isa<arith::SubIOp>(op))
    return fits(context.add(operands[0], context.scale(operands[1], -1)));
  if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
    std::optional<IntRange> difference =
        context.range(context.add(operands[0], context.scale(operands[1], -1)));
    if (!difference)
      return nullptr;
    auto decide = [&](bool always, bool never) -> Expr {
      return always ? context.index(1) : never ? context.index(0) : nullptr;
    };
    auto [low, high] = *difference;
    arith::CmpIPredicate predicate = compare.getPredicate();
    // Of numbers that are not negative the sign is no question.
    if (llvm::all_of(operands, [&](Expr operand) {
          return context.range(operand)->first >= 0;
        }))
      predicate = asSigned(predicate);
    switch (predicate) {
    case arith::CmpIPredicate::slt:
      return decide(high < 0, low >= 0);
    case arith::CmpIPredicate::sle:
      return decide(high <= 0, low > 0);
    case arith::CmpIPredicate::sgt:
      return decide(low > 0, high <= 0);
    case arith::CmpIPredicate::sge:
      return decide(low >= 0, high < 0);
    case arith::CmpIPredicate::eq:
      return decide(low == 0 && high == 0, low > 0 || high < 0);
    case arith::CmpIPredicate::ne:
      return decide(low > 0 || high < 0, low == 0 && high == 0);
    default:
      return nullptr;
    }
  }
  if (isa<arith::MaxSIOp, arith::MinSIOp>(op)) {
    // A clamp of what is in range already.
    if (!llvm::all_of(operands, isSmall))
      return nullptr;
    std::optional<IntRange> difference =
        context.range(context.add(operands[0], context.scale(operands[1], -1)));
    bool isMax = isa<arith::MaxSIOp>(op);
    if (difference && difference->first >= 0)
      return operands[isMax ? 0 : 1];
    if (difference && difference->second <= 0)
      return operands[isMax ? 1 : 0];
    return nullptr;
  }
  if (isa<arith::AndIOp, arith::OrIOp>(op) && type.isInteger(1)) {
    // What true and false do to another condition.
    bool isAnd = isa<arith::AndIOp>(op);
    for (unsigned side : {0, 1}) {
      if (operands[side]->isIndex(isAnd))
        return operands[1 - side];
      if (operands[side]->isIndex(!isAnd))
        return operands[side];
    }
    return nullptr;
  }
  if (isa<arith::SelectOp>(op)) {
    if (operands[0]->isIndex(1))
      return operands[1];
    if (operands[0]->isIndex(0))
      return operands[2];
  }
  if (isa<arith::MulIOp>(op))
    for (unsigned side : {0, 1})
      if (operands[side]->kind == ElementExpr::Kind::Linear &&
          operands[side]->operands.empty() && isSmall(operands[1 - side]) &&
          std::abs(operands[side]->constant) < (int64_t(1) << 31))
        return fits(
            context.scale(operands[1 - side], operands[side]->constant));
  // Of numbers that are not negative, all ways to round are one.
  if (isa<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp, arith::RemSIOp,
          arith::RemUIOp>(op)) {
    Expr divisor = operands[1];
    std::optional<IntRange> bounds = context.range(operands[0]);
    if (!bounds || bounds->first < 0 || !divisor->operands.empty() ||
        divisor->kind != ElementExpr::Kind::Linear)
      return nullptr;
    return isa<arith::RemSIOp, arith::RemUIOp>(op)
               ? context.mod(operands[0], divisor->constant)
               : context.floorDiv(operands[0], divisor->constant);
  }
  return nullptr;
}

Expr ElementTracer::applied(Operation *op, ArrayRef<Expr> operands) {
  if (Expr folded = integerOp(op, operands))
    return folded;
  if (Expr folded = foldNumbers(context, op, operands))
    return folded;
  if (Expr folded = foldCastBack(op, operands.front()))
    return folded;
  return context.apply(op, operands);
}
