// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "GateSelection.h"

#include "moe/Conversion/GateBuilder.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;
using namespace mlir::moe;

namespace {
using Predicate = arith::CmpFPredicate;
using IntPredicate = arith::CmpIPredicate;

constexpr double infinity = std::numeric_limits<double>::infinity();

Value compare(GPUKernelBuilder &b, Predicate predicate, Value x, Value y) {
  return arith::CmpFOp::create(b, predicate, x, y);
}

Value compare(GPUKernelBuilder &b, IntPredicate predicate, Value x, Value y) {
  return arith::CmpIOp::create(b, predicate, x, y);
}

/// A bit as an i32.
Value toNumber(GPUKernelBuilder &b, Value bit) {
  return arith::ExtUIOp::create(b, b.getI32Type(), bit);
}

Value both(GPUKernelBuilder &b, Value x, Value y) {
  return arith::AndIOp::create(b, x, y);
}

/// How many of entries 0 .. end-1 of the warp's row of `rows` come before entry
/// `own`: larger ones do, then earlier ones.
Value countBefore(GPUKernelBuilder &b, Value rows, Value warp, Value own,
                  Value end) {
  Value ownKey = memref::LoadOp::create(b, rows, ValueRange{warp, own});
  auto count =
      scf::ForOp::create(b, b.index(0), end, b.index(1), ValueRange{b.i32(0)});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(count.getBody());
  Value other = count.getInductionVar();
  Value key = memref::LoadOp::create(b, rows, ValueRange{warp, other});
  Value isEarlier = both(b, b.equal(key, ownKey), b.less(other, own));
  Value isBefore = arith::OrIOp::create(
      b, compare(b, IntPredicate::ugt, key, ownKey), isEarlier);
  scf::YieldOp::create(b,
                       b.add(count.getRegionIterArg(0), toNumber(b, isBefore)));
  return count.getResult(0);
}
} // namespace

Value TokenWarp::exists(int64_t i) {
  if ((i + 1) * warpSize <= numExperts)
    return Value();
  return b.less(expertOf(i), b.index(numExperts));
}

Value TokenWarp::safeExpertOf(int64_t i) {
  Value expert = expertOf(i);
  return exists(i) ? b.min(expert, b.index(numExperts - 1)) : expert;
}

Value TokenWarp::orElse(int64_t i, Value value, Value otherwise) {
  Value real = exists(i);
  return real ? b.choose(real, value, otherwise) : value;
}

void TokenWarp::storeRow(Value rows, ArrayRef<Value> values) {
  for (auto [i, value] : llvm::enumerate(values))
    b.ifThen(exists(i), [&, i = i, value = value] {
      memref::StoreOp::create(b, value, rows, ValueRange{warp, expertOf(i)});
    });
}

GateSelection::GateSelection(GateOp op, TokenWarp &warp, bool useBuildRow)
    : op(op), t(warp), b(warp.b), selection(op.getSelection()),
      numSlots(op.getNumSlots()) {
  SelectRuleInterface rule = op.getRule();
  bool isKnown = isa<TopKAttr, GapAttr, CumulativeAttr, PositiveAttr, AboveAttr,
                     TableAttr>(rule);
  isForeign = useBuildRow || (!isKnown && !rule.choosesAmongLargest());
  needsRow = isForeign || !isa<TopKAttr, AboveAttr, TableAttr>(rule);
  ranksMany = !isForeign && !isa<TableAttr>(rule) && numSlots > maxScans;
}

int64_t GateSelection::bytesPerToken() const {
  int64_t groups = selection.groups ? 2 * selection.groups.getN() : 0;
  return 4 * ((ranksMany ? 3 : 1) * numSlots + groups);
}

void GateSelection::addBuffers(gpu::LaunchOp launch, int64_t tokensPerBlock) {
  auto matrix = [&](int64_t width) {
    return b.sharedBuffer(launch, {tokensPerBlock, width}, b.getI32Type());
  };
  selected = matrix(numSlots);
  if (selection.groups) {
    groupKeys = matrix(selection.groups.getN());
    groupKept = matrix(selection.groups.getN());
  }
  if (ranksMany) {
    stagedKeys = matrix(numSlots);
    stagedIds = matrix(numSlots);
  }
}

void GateSelection::build(Value token, ArrayRef<Value> given, Value rows,
                          bool hasKeys) {
  SmallVector<Value> keys(given.take_front(t.perLane));
  keyRows = rows;
  if (selection.nan == NanRank::last)
    replaceNaN(keys);
  if (selection.groups) {
    t.storeRow(keyRows, keys);
    b.syncWarp();
    keepGroups(keys);
    b.syncWarp();
  }
  if (needsRow && !hasKeys) {
    t.storeRow(keyRows, keys);
    b.syncWarp();
  }
  SelectRuleInterface rule = op.getRule();
  if (isForeign) {
    runRule(token);
  } else if (isa<TableAttr>(rule)) {
    lookUp(token);
  } else {
    SmallVector<Value> ordered = orderKeys(keys);
    Value limit;
    if (auto above = dyn_cast<AboveAttr>(rule))
      limit = keepActive(above, keys, ordered);
    if (ranksMany)
      rankMany(ordered);
    else
      rankFew(ordered);
    b.syncWarp();
    if (limit)
      keepSlots(0, [&](Value slot) { return b.less(b.toI32(slot), limit); });
    if (auto gap = dyn_cast<GapAttr>(rule))
      applyGap(gap);
    else if (auto cumulative = dyn_cast<CumulativeAttr>(rule))
      applyCumulative(cumulative);
    else if (isa<PositiveAttr>(rule))
      applyPositive();
    else if (!isa<TopKAttr, AboveAttr>(rule))
      applyKept(token);
  }
  if (Value count = op.getCount()) {
    b.syncWarp();
    Value end = count.getType().isIndex() ? count : b.toIndex(count);
    keepSlots(0, [&](Value slot) { return b.less(slot, end); });
  }
  b.syncWarp();
  if (selection.order == SlotOrder::by_index) {
    sortById();
    b.syncWarp();
  }
}

void GateSelection::forSlots(Value first, Value end,
                             function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(b, first, end, b.index(warpSize));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void GateSelection::keepSlots(int64_t first, function_ref<Value(Value)> stays) {
  forSlots(b.add(t.lane, first), b.index(numSlots), [&](Value slot) {
    setSlot(slot, b.choose(stays(slot), slotAt(slot), b.i32(-1)));
  });
}

// Before the rule

void GateSelection::replaceNaN(SmallVectorImpl<Value> &keys) {
  for (Value &key : keys)
    key = b.choose(compare(b, Predicate::UNO, key, key), b.f32(-infinity), key);
}

/// A lane scores a group, then ranks it among the others.
void GateSelection::keepGroups(SmallVectorImpl<Value> &keys) {
  int64_t numGroups = selection.groups.getN();
  Value end = b.index(numGroups);
  forSlots(t.lane, end, [&](Value group) { scoreGroup(group); });
  b.syncWarp();
  forSlots(t.lane, end, [&](Value group) {
    Value rank = countBefore(b, groupKeys, t.warp, group, end);
    Value isKept = b.less(rank, b.i32(selection.groups.getKeep()));
    memref::StoreOp::create(b, toNumber(b, isKept), groupKept,
                            ValueRange{t.warp, group});
  });
  b.syncWarp();
  double fill = selection.groups.getFill() == GroupFill::zero ? 0.0 : -infinity;
  for (auto [i, key] : llvm::enumerate(keys)) {
    Value group = b.div(t.safeExpertOf(i), t.numExperts / numGroups);
    Value kept =
        memref::LoadOp::create(b, groupKept, ValueRange{t.warp, group});
    key = b.choose(b.equal(kept, b.i32(0)), b.f32(fill), key);
  }
}

/// The sum of the largest keys, largest first; NaN if one key is.
void GateSelection::scoreGroup(Value group) {
  int64_t size = t.numExperts / selection.groups.getN();
  Value first = b.mul(group, size);
  SmallVector<Value> none(selection.groups.getTop(), b.f32(-infinity));
  auto scan =
      scf::ForOp::create(b, first, b.add(first, size), b.index(1), none);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(scan.getBody());
    Value key = memref::LoadOp::create(
        b, keyRows, ValueRange{t.warp, scan.getInductionVar()});
    SmallVector<Value> largest;
    for (Value old : scan.getRegionIterArgs()) {
      largest.push_back(arith::MaximumFOp::create(b, old, key));
      key = arith::MinimumFOp::create(b, old, key);
    }
    scf::YieldOp::create(b, largest);
  }
  Value sum = scan.getResult(0);
  for (Value next : scan.getResults().drop_front())
    sum = arith::AddFOp::create(b, sum, next);
  memref::StoreOp::create(b,
                          buildOrderedKey(b, op.getLoc(), sum, NanRank::first),
                          groupKeys, ValueRange{t.warp, group});
}

// Ranking

/// Numbers in the order of the keys, 0 for experts that do not exist.
SmallVector<Value> GateSelection::orderKeys(ArrayRef<Value> keys) {
  SmallVector<Value> ordered;
  for (auto [i, key] : llvm::enumerate(keys))
    ordered.push_back(t.orElse(
        i, buildOrderedKey(b, op.getLoc(), key, NanRank::first), b.i32(0)));
  return ordered;
}

/// Leaves the experts above their threshold in `ordered`, or all where those
/// are too few; returns how many slots are filled at most.
Value GateSelection::keepActive(AboveAttr rule, ArrayRef<Value> keys,
                                SmallVectorImpl<Value> &ordered) {
  SmallVector<Value> active;
  Value own = b.i32(0);
  for (auto [i, key] : llvm::enumerate(keys)) {
    Value threshold = loadF32(b, op.getParams().front(), t.safeExpertOf(i), 1);
    Value isActive = compare(b, Predicate::UGT, key, threshold);
    if (Value real = t.exists(i))
      isActive = both(b, isActive, real);
    active.push_back(isActive);
    own = b.add(own, toNumber(b, isActive));
  }
  Value numActive = b.warpReduce(own, NVVM::ReduxKind::ADD);
  Value isShort = b.less(numActive, b.i32(rule.getMinActive()));
  for (auto [key, isActive] : llvm::zip(ordered, active))
    key = b.choose(arith::OrIOp::create(b, isActive, isShort), key, b.i32(0));
  return b.choose(isShort, b.i32(rule.getMinActive()), b.i32(numSlots));
}

/// K rounds of "best key, then the lowest id that has it". What is taken
/// becomes 0; where all are, the slot stays empty.
void GateSelection::rankFew(ArrayRef<Value> ordered) {
  SmallVector<Value> ids;
  for (int64_t i = 0; i < t.perLane; ++i)
    ids.push_back(b.toI32(t.expertOf(i)));
  auto rounds =
      scf::ForOp::create(b, b.index(0), b.index(numSlots), b.index(1), ordered);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(rounds.getBody());
  ValueRange left = rounds.getRegionIterArgs();
  Value best = left.front();
  for (Value key : left.drop_front())
    best = arith::MaxUIOp::create(b, best, key);
  best = b.warpReduce(best, NVVM::ReduxKind::UMAX);
  Value winner = b.i32(-1);
  for (int64_t i = t.perLane - 1; i >= 0; --i)
    winner = b.choose(b.equal(left[i], best), ids[i], winner);
  winner = b.warpReduce(winner, NVVM::ReduxKind::UMIN);
  if (isa<AboveAttr>(op.getRule()))
    winner = b.choose(b.equal(best, b.i32(0)), b.i32(-1), winner);
  SmallVector<Value> next;
  for (int64_t i = 0; i < t.perLane; ++i)
    next.push_back(b.choose(b.equal(ids[i], winner), b.i32(0), left[i]));
  b.ifThen(b.equal(t.lane, b.index(0)),
           [&] { setSlot(rounds.getInductionVar(), winner); });
  scf::YieldOp::create(b, next);
}

/// The largest number that as many keys reach as there are slots, bit by bit
/// from the top; 0 where fewer experts take part.
Value GateSelection::findSmallest(ArrayRef<Value> ordered) {
  Value top = b.i32(std::numeric_limits<int32_t>::min());
  auto search = scf::ForOp::create(b, b.index(0), b.index(32), b.index(1),
                                   ValueRange{b.i32(0), top});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(search.getBody());
  Value found = search.getRegionIterArg(0), bit = search.getRegionIterArg(1);
  Value tried = arith::OrIOp::create(b, found, bit);
  Value own = b.i32(0);
  for (Value key : ordered)
    own = b.add(own, toNumber(b, compare(b, IntPredicate::uge, key, tried)));
  Value reached = b.warpReduce(own, NVVM::ReduxKind::ADD);
  Value enough = compare(b, IntPredicate::sge, reached, b.i32(numSlots));
  scf::YieldOp::create(b, ValueRange{b.choose(enough, tried, found),
                                     arith::ShRUIOp::create(b, bit, b.i32(1))});
  return search.getResult(0);
}

/// Finds the smallest key that is in, puts what reaches it aside by rising id,
/// and ranks that.
void GateSelection::rankMany(ArrayRef<Value> ordered) {
  Value smallest = findSmallest(ordered);
  Value hasTies = compare(b, IntPredicate::ne, smallest, b.i32(0));
  Value lanesBelow =
      b.sub(arith::ShLIOp::create(b, b.i32(1), b.toI32(t.lane)), b.i32(1));
  auto countOf = [&](Value votes) -> Value {
    return math::CtPopOp::create(b, votes);
  };
  Value numAbove = b.i32(0);
  for (Value key : ordered)
    numAbove =
        b.add(numAbove,
              countOf(b.ballot(compare(b, IntPredicate::ugt, key, smallest))));
  Value ties = b.sub(b.i32(numSlots), numAbove);
  Value next = b.i32(0), seen = b.i32(0);
  for (auto [i, key] : llvm::enumerate(ordered)) {
    Value isEqual = both(b, hasTies, b.equal(key, smallest));
    Value equals = b.ballot(isEqual);
    Value before = countOf(both(b, equals, lanesBelow));
    Value isTie = both(b, isEqual, b.less(b.add(seen, before), ties));
    Value isIn = arith::OrIOp::create(
        b, compare(b, IntPredicate::ugt, key, smallest), isTie);
    Value votes = b.ballot(isIn);
    b.ifThen(isIn, [&, i = i, key = key] {
      Value place = b.add(next, countOf(both(b, votes, lanesBelow)));
      SmallVector<Value> at{t.warp, b.toIndex(place)};
      memref::StoreOp::create(b, key, stagedKeys, at);
      memref::StoreOp::create(b, b.toI32(t.expertOf(i)), stagedIds, at);
    });
    next = b.add(next, countOf(votes));
    seen = b.add(seen, countOf(equals));
  }
  b.syncWarp();
  Value end = b.toIndex(next);
  forSlots(t.lane, end, [&](Value entry) {
    Value place = countBefore(b, stagedKeys, t.warp, entry, end);
    Value id = memref::LoadOp::create(b, stagedIds, ValueRange{t.warp, entry});
    setSlot(b.toIndex(place), id);
  });
  forSlots(b.add(end, t.lane), b.index(numSlots),
           [&](Value slot) { setSlot(slot, b.i32(-1)); });
}

// Rules

void GateSelection::applyGap(GapAttr rule) {
  Value threshold = b.toF32(op.getParams().front());
  Value largest = keyOf(slotAt(b.index(0)));
  Value sum = arith::AddFOp::create(b, largest, keyOf(slotAt(b.index(1))));
  b.syncWarp();
  keepSlots(1, [&](Value slot) {
    Value gap = arith::SubFOp::create(b, largest, keyOf(slotAt(slot)));
    if (rule.getNorm() == GapNorm::top2)
      gap = arith::DivFOp::create(b, gap, sum);
    return compare(b, Predicate::OLE, gap, threshold);
  });
}

/// The sum is that of one slot after the other, so one lane makes it.
void GateSelection::applyCumulative(CumulativeAttr rule) {
  Value p = b.toF32(op.getParams().front());
  auto predicate = rule.getStrict() ? Predicate::OLT : Predicate::OLE;
  b.ifThen(b.equal(t.lane, b.index(0)), [&] {
    Value largest = keyOf(slotAt(b.index(0)));
    auto slots = scf::ForOp::create(b, b.index(1), b.index(numSlots),
                                    b.index(1), ValueRange{largest});
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(slots.getBody());
    Value slot = slots.getInductionVar(), sum = slots.getRegionIterArg(0);
    Value id = slotAt(slot);
    Value stays = compare(b, predicate, sum, p);
    Value key = keyOf(id);
    setSlot(slot, b.choose(stays, id, b.i32(-1)));
    scf::YieldOp::create(b, arith::AddFOp::create(b, sum, key).getResult());
  });
}

void GateSelection::applyPositive() {
  keepSlots(0, [&](Value slot) {
    // True for NaN, which is above every number.
    return compare(b, Predicate::UGT, keyOf(slotAt(slot)), b.f32(0.0));
  });
}

/// A lane looks a slot up.
void GateSelection::lookUp(Value token) {
  SmallVector<Value> params = buildRuleParams(b, op.getLoc(), op.getParams(),
                                              op.getTokenParams(), token);
  Value table = params[0];
  auto toIndex = [&](Value number) {
    return number.getType().isIndex() ? number : b.toIndex(number);
  };
  Value row = toIndex(params[1]);
  // Unsigned comparisons also reject negative numbers.
  Value exists = b.below(row, b.dim(table, 0));
  forSlots(t.lane, b.index(numSlots), [&](Value slot) {
    auto looked = scf::IfOp::create(b, b.getI32Type(), exists,
                                    /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(looked.thenBlock());
      Value entry =
          toIndex(memref::LoadOp::create(b, table, ValueRange{row, slot}));
      Value isExpert = b.below(entry, b.index(t.numExperts));
      scf::YieldOp::create(b, b.choose(isExpert, b.toI32(entry), b.i32(-1)));
      b.setInsertionPointToStart(looked.elseBlock());
      scf::YieldOp::create(b, b.i32(-1));
    }
    setSlot(slot, looked.getResult(0));
  });
}

/// What a rule of another dialect keeps of what the warp has ranked: its own
/// code, on one lane.
void GateSelection::applyKept(Value token) {
  b.ifThen(b.equal(t.lane, b.index(0)), [&] {
    SmallVector<Value> at{t.warp, b.index(0)};
    SmallVector<Value> params = buildRuleParams(b, op.getLoc(), op.getParams(),
                                                op.getTokenParams(), token);
    Value row = vector::LoadOp::create(
        b, VectorType::get({t.numExperts}, b.getF32Type()), keyRows, at);
    Value ids = vector::LoadOp::create(
        b, VectorType::get({numSlots}, b.getI32Type()), selected, at);
    ids = op.getRule().buildKept(b, op.getLoc(), row, ids, params);
    vector::StoreOp::create(b, ids, selected, at);
  });
}

/// What any rule can do: its own code on the whole row, on one lane.
void GateSelection::runRule(Value token) {
  b.ifThen(b.equal(t.lane, b.index(0)), [&] {
    SmallVector<Value> at{t.warp, b.index(0)};
    SmallVector<Value> params = buildRuleParams(b, op.getLoc(), op.getParams(),
                                                op.getTokenParams(), token);
    Value row = vector::LoadOp::create(
        b, VectorType::get({t.numExperts}, b.getF32Type()), keyRows, at);
    Value ids = op.getRule().buildRow(b, op.getLoc(), row, params, numSlots);
    vector::StoreOp::create(b, ids, selected, at);
  });
}

/// Every lane finds the places of its slots before any writes.
void GateSelection::sortById() {
  SmallVector<std::pair<Value, Value>> places;
  for (int64_t first = 0; first < numSlots; first += warpSize) {
    Value own = b.min(b.add(t.lane, first), b.index(numSlots - 1));
    Value id = slotAt(own);
    auto count = scf::ForOp::create(b, b.index(0), b.index(numSlots),
                                    b.index(1), ValueRange{b.i32(0)});
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(count.getBody());
      Value slot = count.getInductionVar();
      Value other = slotAt(slot);
      // As unsigned numbers, empty slots come last.
      Value isBefore =
          arith::OrIOp::create(b, b.below(other, id),
                               both(b, b.equal(other, id), b.less(slot, own)));
      scf::YieldOp::create(
          b, b.add(count.getRegionIterArg(0), toNumber(b, isBefore)));
    }
    places.emplace_back(id, b.toIndex(count.getResult(0)));
  }
  b.syncWarp();
  for (auto [i, place] : llvm::enumerate(places)) {
    Value real = b.less(b.add(t.lane, i * warpSize), b.index(numSlots));
    b.ifThen(real,
             [&, id = place.first, at = place.second] { setSlot(at, id); });
  }
}
