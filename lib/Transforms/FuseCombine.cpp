// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FuseUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEFUSECOMBINEPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-fuse-combine";

/// `value` in elements of `type`, which is the same or another float.
Value castElements(OpBuilder &builder, Location loc, Value value,
                   FloatType type) {
  auto from = cast<FloatType>(getElementTypeOrSelf(value.getType()));
  Type to = type;
  if (auto tensor = dyn_cast<RankedTensorType>(value.getType()))
    to = tensor.clone(type);
  if (from == type)
    return value;
  if (from.getWidth() < type.getWidth())
    return arith::ExtFOp::create(builder, loc, to, value);
  return arith::TruncFOp::create(builder, loc, to, value);
}

/// Lets the matmul add its rows to those of the tokens, where the order of the
/// additions is free:
///
///   %r = moe.grouped_matmul ... outs(%e)    %y = moe.grouped_matmul ...
///   %y = moe.combine %r, %p, %w into %i  =>     scatter(%p, %w) outs(%i)
///            order atomic
///
/// The sum is kept in f32 and rounded after it where it is narrower.
struct ScatterRows : OpRewritePattern<CombineOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(CombineOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getOrder() != CombineOrder::atomic)
      return rewriter.notifyMatchFailure(op, "the order is given");
    auto matmul = op.getRows().getDefiningOp<GroupedMatmulOp>();
    if (!matmul || !op.getRows().hasOneUse())
      return missed(rewriter, op, passName,
                    "no moe.grouped_matmul makes the rows for this combine "
                    "alone: they are summed in order");
    if (!op.getProductFloatType().isF32() || !op.getSumFloatType().isF32())
      return missed(rewriter, op, passName,
                    "products or partial sums are rounded: rows are summed in "
                    "order");
    if (op.getTokens())
      return missed(rewriter, op, passName,
                    "the pairs are entries of bins: rows are summed in order");
    // Else a pair of -1 could stand where the matmul reads.
    if (!comeFromOnePlan(matmul.getOffsets(), op.getPairs()))
      return missed(rewriter, op, passName,
                    "the offsets of the matmul and the pairs are not known to "
                    "come from one plan: rows are summed in order");
    if (op.getUnweighted())
      return missed(rewriter, op, passName,
                    "rows are added without weights, and a scatter has some: "
                    "they are summed in order");
    if (matmul.scatters() || matmul.getAlwaysOn() != 0)
      return missed(rewriter, op, passName,
                    "the matmul scatters already or has experts that are "
                    "always on: rows are summed in order");
    Location loc = rewriter.getFusedLoc({matmul.getLoc(), op.getLoc()});
    FloatType sumType = rewriter.getF32Type();
    RankedTensorType type = op.getResult().getType().clone(sumType);
    auto scatter = GroupedMatmulOp::create(
        rewriter, loc, type, matmul.getLhs(), matmul.getWeights(),
        matmul.getVectors(), matmul.getRows(),
        /*always_weights=*/ValueRange(), /*always_vectors=*/ValueRange(),
        matmul.getOffsets(), matmul.getPairs(), op.getPairs(), op.getWeights(),
        createSum(op, type, rewriter), matmul.getLayoutsAttr(),
        matmul.getPartWeights(), matmul.getPartOffsets(),
        matmul.getPartStrides(), matmul.getVectorParts(),
        matmul.getVectorOffsets(), matmul.getVectorStrides(),
        matmul.getRowParts(), matmul.getRowOffsets(), matmul.getRowStrides(),
        /*always_on=*/0, matmul.getSlotsAttr(),
        /*zero_rest=*/false, matmul.getScheduleAttr());
    rewriter.cloneRegionBefore(matmul.getEpilogue(), scatter.getEpilogue(),
                               scatter.getEpilogue().end());
    Operation *yield = scatter.getEpilogue().front().getTerminator();
    {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPoint(yield);
      Value row = castElements(rewriter, loc, yield->getOperand(0), sumType);
      rewriter.modifyOpInPlace(yield, [&] { yield->setOperand(0, row); });
    }
    auto narrow = cast<FloatType>(op.getResult().getType().getElementType());
    rewriter.replaceOp(
        op, castElements(rewriter, loc, scatter.getResult(0), narrow));
    fired(scatter, passName, "the matmul adds its rows to their tokens");
    return success();
  }

private:
  /// What the rows are added to.
  static Value createSum(CombineOp op, RankedTensorType type,
                         PatternRewriter &rewriter) {
    Location loc = op.getLoc();
    FloatType sumType = rewriter.getF32Type();
    if (!isZeroFill(op.getInit()))
      return castElements(rewriter, loc, op.getInit(), sumType);
    SmallVector<OpFoldResult> sizes{
        tensor::getMixedSize(rewriter, loc, op.getWeights(), 0),
        tensor::getMixedSize(rewriter, loc, op.getRows(), 1)};
    Value empty = createDestination(rewriter, loc, type, sizes);
    Value zero =
        arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(sumType));
    return linalg::FillOp::create(rewriter, loc, zero, empty).getResult(0);
  }
};

/// Lets every token fetch its rows, where the plan says they are:
///
///   %o, %p, %q = moe.plan_into ...       moe.gather_sum ins(%rows, %q, %w)
///   moe.combine %rows, %p, %w into %i => residual(%i)
///
/// An `init` of zeros is no residual. The entries of bins that name a token are
/// found by a plan of their own, which sorts them by token. Of identity
/// columns, the sum starts with them:
///
///   %i = moe.virtual %x, %e, %w into %j   =>  identity(%x, %e) residual(%j)
struct FuseCombine : OpRewritePattern<CombineOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(CombineOp op,
                                PatternRewriter &rewriter) const override {
    auto plan = op.getPairs().getDefiningOp<PlanIntoOp>();
    if (!plan || op.getPairs() != plan.getResult(1))
      return missed(rewriter, op, passName,
                    "the pairs do not come from a moe.plan_into");
    RankedTensorType weights = op.getWeights().getType();
    bool hasPlansSlots = op.getTokens()
                             ? plan.getPositions().getType().getDimSize(0) ==
                                   weights.getDimSize(0)
                             : plan.getNumSlots() == weights.getDimSize(1);
    if (!hasPlansSlots)
      return missed(rewriter, op, passName,
                    "the weights have " + Twine(weights.getDimSize(1)) +
                        " slots, but the plan has " +
                        Twine(plan.getNumSlots()));
    Location loc = op.getLoc();
    RankedTensorType type = op.getResult().getType();
    SmallVector<OpFoldResult> sizes{
        tensor::getMixedSize(
            rewriter, loc, op.getTokens() ? op.getInit() : op.getWeights(), 0),
        tensor::getMixedSize(rewriter, loc, op.getRows(), 1)};
    Value offsets, entries;
    if (op.getTokens())
      std::tie(offsets, entries) =
          sortByToken(op.getTokens(), sizes.front(), loc, rewriter);
    Value out = createDestination(rewriter, loc, type, sizes);
    VirtualOp columns = findIdentity(op, rewriter);
    Value init = columns ? columns.getInit() : op.getInit();
    Value residual = isZeroFill(init) ? Value() : init;
    IntegerAttr none;
    auto sum = GatherSumOp::create(
        rewriter, loc, type, op.getRows(), plan.getResult(2), op.getWeights(),
        columns ? columns.getX() : Value(),
        columns ? columns.getExperts() : Value(),
        /*gate=*/Value(), residual, offsets, entries, out,
        op.getProductTypeAttr(), op.getSumTypeAttr(),
        /*always_type=*/TypeAttr(), columns ? columns.getFirstAttr() : none,
        columns ? columns.getIdentityAttr() : none, op.getUnweighted(),
        ScheduleAttr());
    rewriter.replaceOp(op, sum.getResults());
    fired(sum, passName,
          columns ? "every token sums its rows and identity columns"
                  : "every token sums its rows");
    return success();
  }

private:
  /// Where the entries of each token begin, and the entries.
  static std::pair<Value, Value> sortByToken(Value tokens,
                                             OpFoldResult numTokens,
                                             Location loc,
                                             PatternRewriter &rewriter) {
    auto type = cast<RankedTensorType>(tokens.getType());
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, tokens);
    auto create = [&](OpFoldResult size) {
      auto vector = RankedTensorType::get(
          getConstantIntValue(size).value_or(ShapedType::kDynamic),
          type.getElementType());
      return createDestination(rewriter, loc, vector, size);
    };
    auto value = [&](OpFoldResult size) {
      return getValueOrCreateConstantIndexOp(rewriter, loc, size);
    };
    Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
    Value offsets = create(
        rewriter.createOrFold<arith::AddIOp>(loc, value(numTokens), one));
    Value entries = create(rewriter.createOrFold<arith::MulIOp>(
        loc, value(sizes[0]), value(sizes[1])));
    Value positions = createDestination(rewriter, loc, type, sizes);
    auto plan = PlanIntoOp::create(
        rewriter, loc,
        TypeRange{offsets.getType(), entries.getType(), positions.getType()},
        tokens, offsets, entries, positions);
    return {plan.getResult(0), plan.getResult(1)};
  }

  /// The identity columns that the combine starts with, if the sum can take
  /// them.
  static VirtualOp findIdentity(CombineOp op, PatternRewriter &rewriter) {
    auto columns = op.getInit().getDefiningOp<VirtualOp>();
    if (!columns)
      return {};
    auto refuse = [&](const Twine &reason) {
      (void)missed(rewriter, columns, passName, reason);
      return VirtualOp();
    };
    if (columns.getVectors())
      return refuse("constant columns are no row of the token: they are added "
                    "before the sum");
    if (op.getTokens())
      return refuse("the moe.combine sums entries of bins, which are no slots "
                    "of the token: they are added before the sum");
    if (columns.getWeights() != op.getWeights())
      return refuse("the weights are others than those of the moe.combine");
    if (!columns.getResult().getType().getElementType().isF32())
      return refuse("its result is rounded: identity columns are added before "
                    "the sum");
    return columns;
  }
};

struct MoEFuseCombinePass
    : moe::impl::MoEFuseCombinePassBase<MoEFuseCombinePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseCombinePatterns(patterns);
    fuseOnce(getOperation(), std::move(patterns));
  }
};
} // namespace

void moe::populateFuseCombinePatterns(RewritePatternSet &patterns) {
  patterns.add<FuseCombine>(patterns.getContext());
  patterns.add<ScatterRows>(patterns.getContext(), /*benefit=*/2);
}
