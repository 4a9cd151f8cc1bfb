// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Analysis/ElementTracer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::moe;

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
    switch (compare.getPredicate()) {
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
