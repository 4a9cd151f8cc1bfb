// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEAttrs.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::moe;

LogicalResult TopKAttr::verifyRule(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t numExperts, TypeRange params) const {
  if (getK() <= 0)
    return emitError() << "picks " << getK() << " experts, expected at least 1";
  if (getK() > numExperts)
    return emitError() << "picks " << getK() << " experts, but there are only "
                       << numExperts;
  if (!params.empty())
    return emitError() << "top_k takes no parameters, but got "
                       << params.size();
  return success();
}

int64_t TopKAttr::maxSlots(int64_t) const { return getK(); }

bool TopKAttr::isPerToken() const { return true; }

bool TopKAttr::dependsOnlyOnOrder() const { return true; }

/// k rounds of "best not yet taken". An expert beats the best so far if its key
/// is larger, or if it is NaN and the best is not; scanning upwards makes the
/// lower id win ties.
Value TopKAttr::buildRow(OpBuilder &builder, Location loc, Value row,
                         ValueRange, int64_t numSlots) const {
  auto rowType = cast<VectorType>(row.getType());
  int64_t numExperts = rowType.getDimSize(0);
  Type idType = builder.getI32Type();
  auto takenType = VectorType::get({numExperts}, builder.getI1Type());
  auto idsType = VectorType::get({numSlots}, idType);

  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value end = arith::ConstantIndexOp::create(builder, loc, numExperts);
  Value slots = arith::ConstantIndexOp::create(builder, loc, getK());
  Value yes = arith::ConstantIntOp::create(builder, loc, 1, 1);
  Value none = arith::ConstantIntOp::create(builder, loc, -1, 32);
  Value zeroKey = arith::ConstantOp::create(
      builder, loc, builder.getZeroAttr(rowType.getElementType()));
  Value noneTaken =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(takenType));
  Value emptySlots = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(idsType, builder.getI32IntegerAttr(-1)));

  auto rounds = scf::ForOp::create(
      builder, loc, zero, slots, one, ValueRange{emptySlots, noneTaken},
      [&](OpBuilder &b, Location loc, Value slot, ValueRange state) {
        Value taken = state[1];
        auto scan = scf::ForOp::create(
            b, loc, zero, end, one, ValueRange{none, zeroKey},
            [&](OpBuilder &b, Location loc, Value expert, ValueRange best) {
              Value key = vector::ExtractOp::create(b, loc, row, expert);
              Value isTaken = vector::ExtractOp::create(b, loc, taken, expert);
              Value isFree = arith::XOrIOp::create(b, loc, isTaken, yes);
              Value isFirst = arith::CmpIOp::create(
                  b, loc, arith::CmpIPredicate::eq, best[0], none);
              Value larger = arith::CmpFOp::create(
                  b, loc, arith::CmpFPredicate::OGT, key, best[1]);
              Value keyIsNan = arith::CmpFOp::create(
                  b, loc, arith::CmpFPredicate::UNO, key, key);
              Value bestIsNumber = arith::CmpFOp::create(
                  b, loc, arith::CmpFPredicate::ORD, best[1], best[1]);
              Value nanWins =
                  arith::AndIOp::create(b, loc, keyIsNan, bestIsNumber);
              Value wins = arith::OrIOp::create(
                  b, loc, isFirst,
                  arith::OrIOp::create(b, loc, larger, nanWins));
              wins = arith::AndIOp::create(b, loc, isFree, wins);
              Value id = arith::IndexCastOp::create(b, loc, idType, expert);
              scf::YieldOp::create(
                  b, loc,
                  ValueRange{
                      arith::SelectOp::create(b, loc, wins, id, best[0]),
                      arith::SelectOp::create(b, loc, wins, key, best[1])});
            });
        Value picked = scan.getResult(0);
        Value at = arith::IndexCastOp::create(b, loc, b.getIndexType(), picked);
        scf::YieldOp::create(
            b, loc,
            ValueRange{vector::InsertOp::create(b, loc, picked, state[0], slot),
                       vector::InsertOp::create(b, loc, yes, taken, at)});
      });
  return rounds.getResult(0);
}

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   Strategy, ArrayRef<int64_t> tile) {
  if (tile.size() != 3)
    return emitError() << "expected rows, columns and depth of a tile, but got "
                       << tile.size() << " sizes";
  for (int64_t size : tile)
    if (size <= 0)
      return emitError() << "expected positive tile sizes, but got " << size;
  return success();
}
