// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a warp selects the experts of one token: the part of the gate's kernel
// between keys and slots.
#ifndef MOE_LIB_CONVERSION_MOETOGPU_GATESELECTION_H
#define MOE_LIB_CONVERSION_MOETOGPU_GATESELECTION_H

#include "KernelBuilder.h"

#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// A warp with one token: lane l has experts l, l + 32, l + 64 and so on.
struct TokenWarp {
  GPUKernelBuilder &b;
  int64_t numExperts;
  int64_t perLane = llvm::divideCeil(numExperts, warpSize);
  Value lane, warp;

  Value expertOf(int64_t i) { return b.add(lane, i * warpSize); }
  /// Whether `expertOf(i)` exists; null where it does for every lane.
  Value exists(int64_t i);
  /// The `i`-th expert of the lane, or the last of all where there is none.
  Value safeExpertOf(int64_t i);
  Value orElse(int64_t i, Value value, Value otherwise);
  /// Writes the values of all experts to the warp's row of a shared matrix.
  void storeRow(Value rows, ArrayRef<Value> values);
};

class GateSelection {
public:
  /// With `useBuildRow` the rule's own code selects.
  GateSelection(GateOp op, TokenWarp &warp, bool useBuildRow);

  /// Whether the keys are read from shared memory, and whether they are other
  /// keys there than the op gives.
  bool readsKeys() const { return needsRow || selection.groups; }
  bool changesKeys() const { return selection.changesKeys(); }
  /// Shared memory of a token, without its keys.
  int64_t bytesPerToken() const;
  void addBuffers(gpu::LaunchOp launch, int64_t tokensPerBlock);

  /// Writes the warp's row of `selected`. `keyRows` takes the keys if they are
  /// read there; with `hasKeys` it has them already.
  void build(Value token, ArrayRef<Value> keys, Value keyRows, bool hasKeys);

  /// [tokens, K] ids, shared.
  Value selected;

private:
  Value slotAt(Value slot) {
    return memref::LoadOp::create(b, selected, ValueRange{t.warp, slot});
  }
  void setSlot(Value slot, Value id) {
    memref::StoreOp::create(b, id, selected, ValueRange{t.warp, slot});
  }
  Value keyOf(Value id) {
    return memref::LoadOp::create(b, keyRows,
                                  ValueRange{t.warp, b.toIndex(id)});
  }
  /// `body` for slots `first` + lane, and so on in steps of a warp.
  void forSlots(Value first, Value end, function_ref<void(Value)> body);
  /// Empties slots `first` and on where `stays` says no.
  void keepSlots(int64_t first, function_ref<Value(Value slot)> stays);

  void replaceNaN(SmallVectorImpl<Value> &keys);
  void keepGroups(SmallVectorImpl<Value> &keys);
  void scoreGroup(Value group);
  Value rankOfGroup(Value group);
  SmallVector<Value> orderKeys(ArrayRef<Value> keys);
  Value keepActive(AboveAttr rule, ArrayRef<Value> keys,
                   SmallVectorImpl<Value> &ordered);
  void rankFew(ArrayRef<Value> ordered);
  void rankMany(ArrayRef<Value> ordered);
  Value findSmallest(ArrayRef<Value> ordered);
  void applyGap(GapAttr rule);
  void applyCumulative(CumulativeAttr rule);
  void applyPositive();
  void applyKept(Value token);
  void lookUp(Value token);
  void runRule(Value token);
  void sortById();

  GateOp op;
  TokenWarp &t;
  GPUKernelBuilder &b;
  Selection selection;
  int64_t numSlots;
  /// Whether the rule's own code runs, on one lane.
  bool isForeign;
  /// Whether what follows the ranking reads the keys.
  bool needsRow;
  bool ranksMany;
  Value keyRows;
  // Shared, a row per token: the ordered scores of groups and which are kept;
  // the ordered keys of what is in, and the ids, before they are ranked.
  Value groupKeys, groupKept, stagedKeys, stagedIds;
};

} // namespace mlir::moe

#endif // MOE_LIB_CONVERSION_MOETOGPU_GATESELECTION_H
