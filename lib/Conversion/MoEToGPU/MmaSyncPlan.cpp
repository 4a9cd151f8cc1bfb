// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "MmaSyncPlan.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr int64_t maxStages = 4;
// Above this many, with fragments and addresses, ptxas spills; sooner where
// copies are under a condition.
constexpr int64_t maxAccumulators = 128;
constexpr int64_t maxAccumulatorsGuarded = 96;

/// Splits a tile among the warps so that they load the fewest fragments.
bool splitAmongWarps(MmaPlan &plan) {
  int64_t best = 0;
  for (int64_t down : {1, 2, 4}) {
    int64_t across = numWarps / down;
    if (plan.rows % (16 * down) || plan.columns % (16 * across))
      continue;
    int64_t loads = plan.rows / down + plan.parts * plan.columns / across;
    if (best && loads >= best)
      continue;
    best = loads;
    plan.warpsDown = down;
    plan.warpsAcross = across;
  }
  return best;
}

/// Why [in, out] weights cannot be copied by 16 bytes, eight columns at a time,
/// or multiplied as they lie; empty if they can.
StringRef checkInOut(GroupedMatmulOp op, ArrayRef<PartGroup> groups) {
  if (op.hasParts(WeightLayout::out_in))
    return "all weights must have one layout";
  for (const PartGroup &group : groups) {
    if (!group.isDense() || group.stride > 2 ||
        group.stride != groups.front().stride)
      return "parts of [in, out] weights must be columns side by side or two "
             "by two interleaved";
    if (group.offset % chunkElements ||
        op.getNumColumns(group.weights) % chunkElements)
      return "[in, out] weights must begin, and their parts start, at a "
             "multiple of 8 columns";
  }
  return "";
}

/// Whether the last pass of a copy has more threads than rows.
bool needsGuardedCopy(const MmaPlan &plan) {
  return plan.rows % plan.rowsPerPass() != 0 ||
         plan.parts * plan.columns % plan.rowsPerPass() != 0;
}
} // namespace

LogicalResult moe::makeMmaPlan(GroupedMatmulOp op, ArrayRef<int64_t> tile,
                               MmaPlan &plan, std::string &why) {
  auto refuse = [&](StringRef reason) {
    why = reason.str();
    return failure();
  };
  auto lhs = cast<MemRefType>(op.getLhs().getType());
  Type element = lhs.getElementType();
  if (!element.isF16() && !element.isBF16())
    return refuse("operands must be bf16 or f16");
  SmallVector<MemRefType> operands{lhs};
  for (TypeRange weights :
       {op.getWeights().getTypes(), op.getAlwaysWeights().getTypes()})
    for (Type type : weights)
      operands.push_back(cast<MemRefType>(type));
  for (MemRefType type : operands) {
    if (type.getElementType() != element)
      return refuse("lhs and weights must have one element type");
    if (!type.getLayout().isIdentity())
      return refuse("lhs and weights must have identity layout");
  }
  // Copies are of 16 aligned bytes.
  if (op.getDepth() % chunkElements || op.getDepth() == 0)
    return refuse("the depth must be a multiple of 8");

  plan.groups = groupParts(op);
  plan.isInOut = op.hasParts(WeightLayout::in_out);
  if (plan.isInOut)
    if (StringRef reason = checkInOut(op, plan.groups); !reason.empty())
      return refuse(reason);

  plan.rows = tile[0];
  plan.depth = tile[2];
  plan.parts = op.getNumParts();
  plan.columns = std::max<int64_t>(16, tile[1] / plan.parts / 16 * 16);
  plan.blocks = llvm::divideCeil(op.getDepth(), plan.depth);
  if (plan.depth != 16 && plan.depth != 32 && plan.depth != 64)
    return refuse("a tile must be 16, 32 or 64 deep");
  if (!splitAmongWarps(plan))
    return refuse("four warps cannot share the rows and columns of the tile");
  int64_t limit =
      needsGuardedCopy(plan) ? maxAccumulatorsGuarded : maxAccumulators;
  if (plan.accumulators() > limit)
    return refuse("the tile needs more registers than a thread has");
  plan.stages = std::min(maxStages, maxSharedBytes / plan.stageBytes());
  if (plan.stages < 2)
    return refuse("the tile needs more shared memory than a block has");
  // More stages than blocks would never be filled.
  plan.stages = std::clamp<int64_t>(plan.blocks, 2, plan.stages);
  return success();
}
