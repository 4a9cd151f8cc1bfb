// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The select rules of this dialect.
#include "moe/IR/MoESelection.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
using EmitError = function_ref<InFlightDiagnostic()>;
using Predicate = arith::CmpFPredicate;
using IntPredicate = arith::CmpIPredicate;

/// Whether a token can have `slots` experts.
LogicalResult verifySlots(EmitError emitError, int64_t slots,
                          int64_t numExperts) {
  if (slots <= 0)
    return emitError() << "picks " << slots << " experts, expected at least 1";
  if (slots > numExperts)
    return emitError() << "picks " << slots << " experts, but there are only "
                       << numExperts;
  return success();
}

/// The same for a bound that may be absent.
LogicalResult verifyBound(EmitError emitError, int64_t max,
                          int64_t numExperts) {
  return verifySlots(emitError, max == 0 ? numExperts : max, numExperts);
}

LogicalResult verifyNoParams(EmitError emitError, StringRef rule,
                             TypeRange params) {
  if (params.empty())
    return success();
  return emitError() << rule << " takes no parameters, but got "
                     << params.size();
}

LogicalResult verifyFloatParam(EmitError emitError, StringRef rule,
                               StringRef param, TypeRange params) {
  if (params.size() == 1 && isa<FloatType>(params[0]))
    return success();
  return emitError() << rule << " takes " << param << ", a float, but got ("
                     << params << ")";
}

Value index(ImplicitLocOpBuilder &b, int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

Value toIndex(ImplicitLocOpBuilder &b, Value integer) {
  if (integer.getType().isIndex())
    return integer;
  return arith::IndexCastOp::create(b, b.getIndexType(), integer);
}

VectorType slotsType(Builder &b, int64_t numSlots) {
  return VectorType::get({numSlots}, b.getI32Type());
}

Value emptySlots(ImplicitLocOpBuilder &b, int64_t numSlots) {
  return arith::ConstantOp::create(
      b,
      DenseElementsAttr::get(slotsType(b, numSlots), b.getI32IntegerAttr(-1)));
}

Value asType(ImplicitLocOpBuilder &b, Value value, Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (from < to)
    return arith::ExtFOp::create(b, type, value);
  if (from > to)
    return arith::TruncFOp::create(b, type, value);
  return value;
}

/// The key of the expert in `slot`.
Value keyOfSlot(ImplicitLocOpBuilder &b, Value row, Value ids, Value slot) {
  Value id = vector::ExtractOp::create(b, ids, slot);
  return vector::ExtractOp::create(b, row, toIndex(b, id));
}

/// `value` where it is set, in place of slot `slot`.
Value emptyUnless(ImplicitLocOpBuilder &b, Value condition, Value ids,
                  Value slot) {
  Value id = vector::ExtractOp::create(b, ids, slot);
  Value none = arith::ConstantIntOp::create(b, -1, 32);
  Value kept = arith::SelectOp::create(b, condition, id, none);
  return vector::InsertOp::create(b, kept, ids, slot);
}

/// Passes the ids through `body`, for one slot after the other from `first` on,
/// with a float as further state.
Value forSlots(ImplicitLocOpBuilder &b, Value ids, int64_t first, Value state,
               function_ref<std::pair<Value, Value>(
                   ImplicitLocOpBuilder &, Value slot, Value ids, Value state)>
                   body) {
  int64_t numSlots = cast<VectorType>(ids.getType()).getDimSize(0);
  auto loop = scf::ForOp::create(
      b, b.getLoc(), index(b, first), index(b, numSlots), index(b, 1),
      ValueRange{ids, state},
      [&](OpBuilder &builder, Location loc, Value slot, ValueRange carried) {
        ImplicitLocOpBuilder b(loc, builder);
        auto [nextIds, nextState] = body(b, slot, carried[0], carried[1]);
        scf::YieldOp::create(b, ValueRange{nextIds, nextState});
      });
  return loop.getResult(0);
}

/// buildRow of a rule that chooses among the largest keys.
template <typename RuleAttr>
Value buildRankedRow(RuleAttr rule, OpBuilder &builder, Location loc, Value row,
                     ValueRange params, int64_t numSlots) {
  Value ids = buildLargest(builder, loc, row, numSlots);
  return rule.buildKept(builder, loc, row, ids, params);
}
} // namespace

// #moe.top_k

LogicalResult TopKAttr::verifyRule(EmitError emitError, int64_t numExperts,
                                   TypeRange params) const {
  if (failed(verifySlots(emitError, getK(), numExperts)))
    return failure();
  return verifyNoParams(emitError, "top_k", params);
}

int64_t TopKAttr::maxSlots(int64_t) const { return getK(); }
bool TopKAttr::isPerToken() const { return true; }
bool TopKAttr::dependsOnlyOnOrder() const { return true; }
bool TopKAttr::choosesAmongLargest() const { return true; }

Value TopKAttr::buildRow(OpBuilder &builder, Location loc, Value row,
                         ValueRange params, int64_t numSlots) const {
  return buildRankedRow(*this, builder, loc, row, params, numSlots);
}

Value TopKAttr::buildKept(OpBuilder &, Location, Value, Value ids,
                          ValueRange) const {
  return ids;
}

// #moe.gap

LogicalResult GapAttr::verifyRule(EmitError emitError, int64_t numExperts,
                                  TypeRange params) const {
  if (getK() < 2)
    return emitError() << "gap picks up to " << getK()
                       << " experts, expected at least 2";
  if (failed(verifySlots(emitError, getK(), numExperts)))
    return failure();
  return verifyFloatParam(emitError, "gap", "a threshold", params);
}

int64_t GapAttr::maxSlots(int64_t) const { return getK(); }
bool GapAttr::isPerToken() const { return true; }
bool GapAttr::dependsOnlyOnOrder() const { return false; }
bool GapAttr::choosesAmongLargest() const { return true; }

Value GapAttr::buildRow(OpBuilder &builder, Location loc, Value row,
                        ValueRange params, int64_t numSlots) const {
  return buildRankedRow(*this, builder, loc, row, params, numSlots);
}

Value GapAttr::buildKept(OpBuilder &builder, Location loc, Value row, Value ids,
                         ValueRange params) const {
  ImplicitLocOpBuilder b(loc, builder);
  Type type = cast<VectorType>(row.getType()).getElementType();
  Value threshold = asType(b, params[0], type);
  Value largest = keyOfSlot(b, row, ids, index(b, 0));
  Value second = keyOfSlot(b, row, ids, index(b, 1));
  Value sum = arith::AddFOp::create(b, largest, second);
  return forSlots(b, ids, 1, threshold,
                  [&](ImplicitLocOpBuilder &b, Value slot, Value kept,
                      Value t) -> std::pair<Value, Value> {
                    Value key = keyOfSlot(b, row, ids, slot);
                    Value gap = arith::SubFOp::create(b, largest, key);
                    if (getNorm() == GapNorm::top2)
                      gap = arith::DivFOp::create(b, gap, sum);
                    Value stays =
                        arith::CmpFOp::create(b, Predicate::OLE, gap, t);
                    return {emptyUnless(b, stays, kept, slot), t};
                  });
}

// #moe.cumulative

LogicalResult CumulativeAttr::verifyRule(EmitError emitError,
                                         int64_t numExperts,
                                         TypeRange params) const {
  if (failed(verifyBound(emitError, getMax(), numExperts)))
    return failure();
  return verifyFloatParam(emitError, "cumulative", "p", params);
}

int64_t CumulativeAttr::maxSlots(int64_t numExperts) const {
  return getMax() == 0 ? numExperts : getMax();
}
bool CumulativeAttr::isPerToken() const { return true; }
bool CumulativeAttr::dependsOnlyOnOrder() const { return false; }
bool CumulativeAttr::choosesAmongLargest() const { return true; }

Value CumulativeAttr::buildRow(OpBuilder &builder, Location loc, Value row,
                               ValueRange params, int64_t numSlots) const {
  return buildRankedRow(*this, builder, loc, row, params, numSlots);
}

Value CumulativeAttr::buildKept(OpBuilder &builder, Location loc, Value row,
                                Value ids, ValueRange params) const {
  ImplicitLocOpBuilder b(loc, builder);
  Type type = cast<VectorType>(row.getType()).getElementType();
  Value p = asType(b, params[0], type);
  auto predicate = getStrict() ? Predicate::OLT : Predicate::OLE;
  Value largest = keyOfSlot(b, row, ids, index(b, 0));
  return forSlots(b, ids, 1, largest,
                  [&](ImplicitLocOpBuilder &b, Value slot, Value kept,
                      Value sum) -> std::pair<Value, Value> {
                    Value stays = arith::CmpFOp::create(b, predicate, sum, p);
                    Value key = keyOfSlot(b, row, ids, slot);
                    return {emptyUnless(b, stays, kept, slot),
                            arith::AddFOp::create(b, sum, key)};
                  });
}

// #moe.positive

LogicalResult PositiveAttr::verifyRule(EmitError emitError, int64_t numExperts,
                                       TypeRange params) const {
  if (failed(verifyBound(emitError, getMax(), numExperts)))
    return failure();
  return verifyNoParams(emitError, "positive", params);
}

int64_t PositiveAttr::maxSlots(int64_t numExperts) const {
  return getMax() == 0 ? numExperts : getMax();
}
bool PositiveAttr::isPerToken() const { return true; }
bool PositiveAttr::dependsOnlyOnOrder() const { return false; }
bool PositiveAttr::choosesAmongLargest() const { return true; }

Value PositiveAttr::buildRow(OpBuilder &builder, Location loc, Value row,
                             ValueRange params, int64_t numSlots) const {
  return buildRankedRow(*this, builder, loc, row, params, numSlots);
}

Value PositiveAttr::buildKept(OpBuilder &builder, Location loc, Value row,
                              Value ids, ValueRange) const {
  ImplicitLocOpBuilder b(loc, builder);
  Type type = cast<VectorType>(row.getType()).getElementType();
  Value zero = arith::ConstantOp::create(b, b.getFloatAttr(type, 0.0));
  return forSlots(b, ids, 0, zero,
                  [&](ImplicitLocOpBuilder &b, Value slot, Value kept,
                      Value) -> std::pair<Value, Value> {
                    Value key = keyOfSlot(b, row, ids, slot);
                    // True for NaN, which is above every number.
                    Value stays =
                        arith::CmpFOp::create(b, Predicate::UGT, key, zero);
                    return {emptyUnless(b, stays, kept, slot), zero};
                  });
}

// #moe.above

LogicalResult AboveAttr::verifyRule(EmitError emitError, int64_t numExperts,
                                    TypeRange params) const {
  if (failed(verifyBound(emitError, getMax(), numExperts)))
    return failure();
  if (getMinActive() < 0 || getMinActive() > maxSlots(numExperts))
    return emitError() << "above has min_active " << getMinActive()
                       << ", expected 0 to " << maxSlots(numExperts);
  auto thresholds =
      params.size() == 1 ? dyn_cast<ShapedType>(params[0]) : ShapedType();
  if (!thresholds || isa<VectorType>(thresholds) || !thresholds.hasRank() ||
      thresholds.getShape() != ArrayRef<int64_t>{numExperts} ||
      !isa<FloatType>(thresholds.getElementType()))
    return emitError() << "above takes " << numExperts
                       << " thresholds, floats, but got (" << params << ")";
  return success();
}

int64_t AboveAttr::maxSlots(int64_t numExperts) const {
  return getMax() == 0 ? numExperts : getMax();
}
bool AboveAttr::isPerToken() const { return true; }
bool AboveAttr::dependsOnlyOnOrder() const { return false; }

Value AboveAttr::buildRow(OpBuilder &builder, Location loc, Value row,
                          ValueRange params, int64_t numSlots) const {
  ImplicitLocOpBuilder b(loc, builder);
  auto rowType = cast<VectorType>(row.getType());
  int64_t numExperts = rowType.getDimSize(0);
  SmallVector<Value> elements;
  for (int64_t e = 0; e < numExperts; ++e)
    elements.push_back(asType(b, buildElement(b, loc, params[0], index(b, e)),
                              rowType.getElementType()));
  Value thresholds = vector::FromElementsOp::create(b, rowType, elements);
  Value isActive = arith::CmpFOp::create(b, Predicate::UGT, row, thresholds);
  Value ones = arith::ExtUIOp::create(
      b, VectorType::get({numExperts}, b.getI32Type()), isActive);
  Value numActive =
      vector::ReductionOp::create(b, vector::CombiningKind::ADD, ones);
  Value minActive = arith::ConstantIntOp::create(b, getMinActive(), 32);
  Value isShort =
      arith::CmpIOp::create(b, IntPredicate::slt, numActive, minActive);
  // Ranks all experts: those that are active may rank anywhere.
  Value ids = buildLargest(b, loc, row, numExperts);
  auto loop = scf::ForOp::create(
      b, loc, index(b, 0), index(b, numExperts), index(b, 1),
      ValueRange{emptySlots(b, numSlots), index(b, 0)},
      [&](OpBuilder &builder, Location loc, Value rank, ValueRange state) {
        ImplicitLocOpBuilder b(loc, builder);
        Value id = vector::ExtractOp::create(b, ids, rank);
        Value active = vector::ExtractOp::create(b, isActive, toIndex(b, id));
        Value isOfFew = arith::CmpIOp::create(b, IntPredicate::ult, rank,
                                              toIndex(b, minActive));
        Value stays = arith::SelectOp::create(b, isShort, isOfFew, active);
        Value hasRoom = arith::CmpIOp::create(b, IntPredicate::ult, state[1],
                                              index(b, numSlots));
        stays = arith::AndIOp::create(b, stays, hasRoom);
        Value last = index(b, numSlots - 1);
        Value at = arith::SelectOp::create(b, hasRoom, state[1], last);
        Value old = vector::ExtractOp::create(b, state[0], at);
        Value filled = arith::SelectOp::create(b, stays, id, old);
        Value one = arith::IndexCastUIOp::create(b, b.getIndexType(), stays);
        scf::YieldOp::create(
            b, ValueRange{vector::InsertOp::create(b, filled, state[0], at),
                          arith::AddIOp::create(b, state[1], one)});
      });
  return loop.getResult(0);
}

// #moe.table

LogicalResult TableAttr::verifyRule(EmitError emitError, int64_t numExperts,
                                    TypeRange params) const {
  if (failed(verifySlots(emitError, getK(), numExperts)))
    return failure();
  auto table =
      params.size() == 2 ? dyn_cast<ShapedType>(params[0]) : ShapedType();
  if (!table || isa<VectorType>(table) || !table.hasRank() ||
      table.getRank() != 2 || table.getDimSize(1) != getK() ||
      !table.getElementType().isIntOrIndex() || !params[1].isIntOrIndex())
    return emitError() << "table takes a table of integers, " << getK()
                       << " wide, and a row per token, but got (" << params
                       << ")";
  return success();
}

int64_t TableAttr::maxSlots(int64_t) const { return getK(); }
bool TableAttr::isPerToken() const { return true; }
bool TableAttr::dependsOnlyOnOrder() const { return true; }

Value TableAttr::buildRow(OpBuilder &builder, Location loc, Value row,
                          ValueRange params, int64_t numSlots) const {
  ImplicitLocOpBuilder b(loc, builder);
  int64_t numExperts = cast<VectorType>(row.getType()).getDimSize(0);
  Value table = params[0];
  Value at = toIndex(b, params[1]);
  // Unsigned comparisons also reject negative numbers.
  Value exists = arith::CmpIOp::create(b, IntPredicate::ult, at,
                                       buildSize(b, loc, table, 0));
  auto slots = scf::IfOp::create(
      b, exists,
      [&](OpBuilder &builder, Location loc) {
        ImplicitLocOpBuilder b(loc, builder);
        Value ids = emptySlots(b, numSlots);
        Value none = arith::ConstantIntOp::create(b, -1, 32);
        for (int64_t s = 0; s < numSlots; ++s) {
          Value entry =
              toIndex(b, buildElement(b, loc, table, {at, index(b, s)}));
          Value isExpert = arith::CmpIOp::create(b, IntPredicate::ult, entry,
                                                 index(b, numExperts));
          Value id = arith::IndexCastOp::create(b, b.getI32Type(), entry);
          id = arith::SelectOp::create(b, isExpert, id, none);
          ids = vector::InsertOp::create(b, id, ids, s);
        }
        scf::YieldOp::create(b, ids);
      },
      [&](OpBuilder &builder, Location loc) {
        ImplicitLocOpBuilder b(loc, builder);
        scf::YieldOp::create(b, emptySlots(b, numSlots));
      });
  return slots.getResult(0);
}
