// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "StageBlock.h"

#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOETILETOKENSPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-tile-tokens";

/// The stages of a block that a tile repeats, in the order they stand in.
struct TiledBlock {
  SmallVector<Operation *> ops;
  CombineOp combine;
  int64_t numSlots = 0;
};

/// The operands of `op` that have a row per token, or per pair.
SmallVector<OpOperand *> tokenOperands(Operation *op) {
  SmallVector<OpOperand *> operands;
  auto add = [&](MutableOperandRange range) {
    for (OpOperand &operand : range)
      operands.push_back(&operand);
  };
  if (auto score = dyn_cast<ScoreOp>(op)) {
    operands.push_back(&score.getLogitsMutable());
  } else if (auto select = dyn_cast<SelectOp>(op)) {
    operands.push_back(&select.getKeyMutable());
    add(select.getTokenParamsMutable());
  } else if (auto weigh = dyn_cast<WeighOp>(op)) {
    operands.push_back(&weigh.getSourceMutable());
    operands.push_back(&weigh.getExpertsMutable());
  } else if (auto plan = dyn_cast<PlanOp>(op)) {
    operands.push_back(&plan.getExpertsMutable());
  } else if (auto dispatch = dyn_cast<DispatchOp>(op)) {
    operands.push_back(&dispatch.getXMutable());
  } else if (auto combine = dyn_cast<CombineOp>(op)) {
    operands.push_back(&combine.getWeightsMutable());
    operands.push_back(&combine.getInitMutable());
  }
  return operands;
}

/// Why the experts of a token depend on other tokens, or nothing.
StringRef whyNotPerToken(Operation *op) {
  if (auto score = dyn_cast<ScoreOp>(op))
    return score.getAxis() == ScoreAxis::tokens
               ? "a softmax runs over the tokens"
               : "";
  if (auto select = dyn_cast<SelectOp>(op))
    return select.isByExpert()    ? "experts select tokens"
           : !select.isPerToken() ? "the rule looks across tokens"
                                  : "";
  if (auto plan = dyn_cast<PlanOp>(op))
    return plan.isByExpert() ? "experts select tokens" : "";
  return isa<LimitOp>(op) ? "a capacity counts the slots of all tokens" : "";
}

/// What decides about the experts of `op`: linalg between the stages (a bias on
/// the keys) counts where it keeps every element in its place.
SmallVector<Value> routerOperands(Operation *op) {
  if (auto plan = dyn_cast<PlanOp>(op))
    return {plan.getExperts()};
  if (auto combine = dyn_cast<CombineOp>(op))
    return {combine.getWeights()};
  if (auto select = dyn_cast<SelectOp>(op))
    return {select.getKey()};
  if (auto weigh = dyn_cast<WeighOp>(op))
    return {weigh.getSource(), weigh.getExperts()};
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      linalgOp && linalgOp.getNumReductionLoops() == 0)
    return op->getOperands();
  return {};
}

/// Finds the router of a block and what may be repeated with it: stages that
/// nobody reads but the block.
StringRef findTiledBlock(const StageBlock &stages, TiledBlock &tiled) {
  CombineOp combine = stages.combine;
  ExpertsOp experts = stages.experts;
  PlanOp plan = stages.plan;
  tiled.combine = combine;
  tiled.numSlots = plan.getNumSlots();
  DenseSet<Operation *> inside{combine, experts, plan};
  inside.insert(stages.dispatches.begin(), stages.dispatches.end());
  if (llvm::any_of(inside, [&](Operation *op) {
        return op->getBlock() != combine->getBlock();
      }))
    return "its stages stand in several blocks";
  SmallVector<Operation *> worklist{combine, plan};
  SmallVector<Operation *> router;
  DenseSet<Operation *> seen;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    if (!seen.insert(op).second)
      continue;
    if (StringRef reason = whyNotPerToken(op); !reason.empty())
      return reason;
    if (isa<ScoreOp, SelectOp, WeighOp>(op))
      router.push_back(op);
    for (Value operand : routerOperands(op))
      if (Operation *made = operand.getDefiningOp())
        worklist.push_back(made);
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (Operation *op : router)
      if (!inside.contains(op) && op->getBlock() == combine->getBlock() &&
          llvm::all_of(op->getUsers(),
                       [&](Operation *user) { return inside.contains(user); }))
        changed |= inside.insert(op).second;
  }
  for (Operation &op : *combine->getBlock())
    if (inside.contains(&op))
      tiled.ops.push_back(&op);
  return "";
}

/// `value`, from row `begin` on, `size` of them.
Value sliceRows(OpBuilder &builder, Location loc, Value value,
                OpFoldResult begin, OpFoldResult size) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, value);
  SmallVector<OpFoldResult> offsets(sizes.size(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
  offsets[0] = begin;
  sizes[0] = size;
  return tensor::ExtractSliceOp::create(builder, loc, value, offsets, sizes,
                                        strides);
}

/// Repeats the ops of the block on the tile.
Value repeatBlock(const TiledBlock &block, OpBuilder &builder, Value sums,
                  OpFoldResult begin, OpFoldResult size) {
  int64_t tokens = ShapedType::kDynamic;
  if (std::optional<int64_t> number = getConstantIntValue(size))
    tokens = *number;
  int64_t pairs =
      ShapedType::isDynamic(tokens) ? tokens : tokens * block.numSlots;
  IRMapping mapping;
  auto sliced = [&](Value value, Location loc) {
    if (!mapping.contains(value))
      mapping.map(value, sliceRows(builder, loc, value, begin, size));
  };
  DenseSet<Operation *> inside(block.ops.begin(), block.ops.end());
  CombineOp combine = block.combine;
  // The sums so far hold what this tile starts from.
  mapping.map(combine.getInit(),
              sliceRows(builder, combine.getLoc(), sums, begin, size));
  Value result;
  for (Operation *op : block.ops) {
    for (OpOperand *operand : tokenOperands(op))
      if (!operand->get().getDefiningOp() ||
          !inside.contains(operand->get().getDefiningOp()))
        sliced(operand->get(), op->getLoc());
    Operation *repeated = builder.clone(*op, mapping);
    for (auto [i, value] : llvm::enumerate(repeated->getResults())) {
      if (isa<PlanOp>(op) && i == 0)
        continue;
      auto type = cast<RankedTensorType>(value.getType());
      SmallVector<int64_t> shape(type.getShape());
      shape[0] = isa<PlanOp, DispatchOp, ExpertsOp>(op) ? pairs : tokens;
      value.setType(RankedTensorType::get(shape, type.getElementType()));
    }
    mapping.map(op->getResults(), repeated->getResults());
    result = repeated->getResult(0);
  }
  return result;
}

/// Cuts a block along its tokens:
///
///   %e = moe.select %s                 %y = scf.for %t = 0 to T step tile {
///   ...                          =>      %e = moe.select (rows %t ... of %s)
///   %y = moe.combine ... into %i         ...
///                                      }
void tileTokens(CombineOp op, int64_t tile, IRRewriter &rewriter) {
  // What a tile holds is not cut again.
  if (auto loop = op->getParentOfType<scf::ForOp>();
      loop && op.getResult().hasOneUse() &&
      isa<tensor::InsertSliceOp>(*op->user_begin()))
    return;
  auto found = findStageBlock(op);
  if (auto *reason = std::get_if<StringRef>(&found))
    return (void)missed(op, passName, *reason);
  auto &stages = std::get<StageBlock>(found);
  RankedTensorType type = op.getResult().getType();
  if (!type.isDynamicDim(0) && type.getDimSize(0) <= tile)
    return (void)missed(op, passName,
                        "there are no more tokens than in a tile");
  for (DispatchOp dispatch : stages.dispatches)
    if (dispatch.getSlots() &&
        static_cast<int64_t>(*dispatch.getSlots()) != stages.plan.getNumSlots())
      return (void)missed(op, passName,
                          "a dispatch reads other rows than those of tokens");
  TiledBlock block;
  if (StringRef reason = findTiledBlock(stages, block); !reason.empty())
    return (void)missed(op, passName, reason);
  if (!stages.worksRowByRow())
    return (void)missed(op, passName, "the body mixes the rows of its expert");

  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(rewriter, loc, value);
  };
  Value end = getValueOrCreateConstantIndexOp(
      rewriter, loc, tensor::getMixedSize(rewriter, loc, op.getInit(), 0));
  Value step = index(tile);
  bool isEven = !type.isDynamicDim(0) && type.getDimSize(0) % tile == 0;
  auto loop = scf::ForOp::create(
      rewriter, loc, index(0), end, step, op.getInit(),
      [&](OpBuilder &b, Location loc, Value begin, ValueRange sums) {
        OpFoldResult size = b.getIndexAttr(tile);
        if (!isEven) {
          Value left = arith::SubIOp::create(b, loc, end, begin);
          size = arith::MinSIOp::create(b, loc, step, left).getResult();
        }
        Value part = repeatBlock(block, b, sums[0], begin, size);
        SmallVector<OpFoldResult> offsets{begin, b.getIndexAttr(0)};
        SmallVector<OpFoldResult> sizes{size,
                                        b.getIndexAttr(type.getDimSize(1))};
        SmallVector<OpFoldResult> strides(2, b.getIndexAttr(1));
        Value all = tensor::InsertSliceOp::create(b, loc, part, sums[0],
                                                  offsets, sizes, strides);
        scf::YieldOp::create(b, loc, all);
      });
  rewriter.replaceAllUsesWith(op.getResult(), loop.getResult(0));
  for (Operation *inner : llvm::reverse(block.ops))
    rewriter.eraseOp(inner);
  fired(loop, passName,
        "the block runs on tiles of " + Twine(tile) + " tokens");
}

struct TileTokens : moe::impl::MoETileTokensPassBase<TileTokens> {
  using Base::Base;

  void runOnOperation() override {
    if (tile <= 0) {
      getOperation()->emitError("tile=") << tile.getValue() << " is not positive";
      return signalPassFailure();
    }
    IRRewriter rewriter(&getContext());
    SmallVector<CombineOp> combines;
    getOperation()->walk([&](CombineOp op) { combines.push_back(op); });
    for (CombineOp op : combines)
      tileTokens(op, tile, rewriter);
  }
};
} // namespace
