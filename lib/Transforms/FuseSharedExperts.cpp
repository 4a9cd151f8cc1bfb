// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "SharedTerm.h"

#include "FuseUtils.h"
#include "MatchEpilogues.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <limits>

namespace mlir::moe {
#define GEN_PASS_DEF_MOEFUSESHAREDEXPERTSPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-fuse-shared-experts";

using Stages = SmallVector<GroupedMatmulOp, 2>;

/// The matmuls over the rows of one plan that lead to `rows`, first to last.
Stages readStages(Value rows) {
  Stages stages;
  while (auto matmul = rows.getDefiningOp<GroupedMatmulOp>()) {
    if (!stages.empty() && (matmul.getOffsets() != stages.back().getOffsets() ||
                            stages.back().getPairs()))
      break;
    stages.push_back(matmul);
    rows = matmul.getLhs();
  }
  std::reverse(stages.begin(), stages.end());
  return stages;
}

int64_t widthOf(GroupedMatmulOp matmul) {
  return matmul.getInit().getType().getDimSize(1);
}

/// Puts the experts of a term into the matmuls of the routed ones.
class Joiner {
public:
  Joiner(GatherSumOp sum, const SharedTerm &term, RewriterBase &rewriter)
      : sum(sum), term(term), rewriter(rewriter),
        plan(sum.getPositions().getDefiningOp<PlanIntoOp>()),
        routed(readStages(sum.getRows())), shared(readStages(term.rows)) {}

  /// Leaves the reason in `why`.
  LogicalResult check(FloatType sumType, std::string &why);
  /// The new sum, of `type`, at the insertion point of the rewriter.
  Value build(RankedTensorType type, FloatType sumType, Value residual);
  int64_t getNumExperts() const { return cuts; }

private:
  LogicalResult checkRouted(std::string &why);
  LogicalResult checkStages(std::string &why);
  GroupedMatmulOp joinStage(size_t number, Value lhs, PlanIntoOp joined);

  GatherSumOp sum;
  const SharedTerm &term;
  RewriterBase &rewriter;
  PlanIntoOp plan;
  Stages routed, shared;
  /// Per stage, which argument of the shared epilogue is which of the routed.
  SmallVector<SmallVector<unsigned>> places;
  /// How often the shared expert is as wide as a routed one.
  int64_t cuts = 1;
};

LogicalResult Joiner::checkRouted(std::string &why) {
  auto refuse = [&](const Twine &reason) {
    why = reason.str();
    return failure();
  };
  if (sum.getEntries())
    return refuse("the routed experts pick their tokens: a shared one has no "
                  "place among entries of bins");
  if (!plan || sum.getPositions() != plan.getResult(2) || routed.empty() ||
      plan.getAlwaysOn() != 0 || sum.getNumAlwaysOn() != 0)
    return refuse("the routed rows are not those of one plan without experts "
                  "that are always on");
  GroupedMatmulOp first = routed.front();
  if (first.getPairs() != plan.getResult(1) ||
      first.getOffsets() != plan.getResult(0) ||
      static_cast<int64_t>(*first.getSlots()) != plan.getNumSlots())
    return refuse("the routed experts do not gather the rows of the plan");
  for (Operation *user : plan->getUsers())
    if (user != sum && !llvm::is_contained(routed, user))
      return refuse("the plan has other readers than its experts");
  for (GroupedMatmulOp stage : routed)
    if (!stage->hasOneUse())
      return refuse("rows of the routed experts have other readers");
  return success();
}

LogicalResult Joiner::checkStages(std::string &why) {
  auto refuse = [&](const Twine &reason) {
    why = reason.str();
    return failure();
  };
  if (routed.size() != shared.size())
    return refuse("it has " + Twine(shared.size()) +
                  " matmuls, but a routed expert " + Twine(routed.size()));
  if (shared.front().getLhs() != routed.front().getLhs())
    return refuse("it reads other tokens than the routed experts");
  if (!llvm::all_of(shared, [](GroupedMatmulOp stage) {
        return stage.getNumExperts() == 1 && !stage.getPairs() &&
               coverAllRows(stage.getOffsets(), stage.getLhs());
      }))
    return refuse("it is not known to have all rows");
  cuts = routed.size() == 1 ? 1
                            : widthOf(shared.front()) /
                                  std::max<int64_t>(1, widthOf(routed.front()));
  for (auto [own, other] : llvm::zip(routed, shared)) {
    bool isLast = own == routed.back();
    if (own.hasParts(WeightLayout::in_out) ||
        other.hasParts(WeightLayout::in_out))
      return refuse("only weights stored as [out, in] can be always on");
    if (own.getNumRowParts() != 0 || other.getNumRowParts() != 0)
      return refuse("an epilogue reads more of a row than its products");
    if (cuts == 0 || widthOf(other) != widthOf(own) * (isLast ? 1 : cuts))
      return refuse("it is " + Twine(widthOf(other)) +
                    " wide, which is no multiple of the " +
                    Twine(widthOf(own)) + " of a routed expert");
    if (!isLast && !other->hasOneUse())
      return refuse("its rows have other readers");
    FailureOr<SmallVector<unsigned>> matched = matchEpilogues(own, other);
    if (failed(matched))
      return refuse("it computes something else between or after its matmuls "
                    "than a routed expert");
    places.push_back(*matched);
    for (auto [number, place] : llvm::enumerate(*matched)) {
      int64_t part = number, sharedPart = place;
      bool isProduct = part < own.getNumParts();
      if (!isProduct) {
        part -= own.getNumParts();
        sharedPart -= other.getNumParts();
      }
      Value a = isProduct ? own.getWeights()[own.getPartWeights()[part]]
                          : own.getVectors()[own.getVectorParts()[part]];
      Value b = isProduct
                    ? other.getWeights()[other.getPartWeights()[sharedPart]]
                    : other.getVectors()[other.getVectorParts()[sharedPart]];
      if (getElementTypeOrSelf(a) != getElementTypeOrSelf(b))
        return refuse("its weights have another type than the routed ones");
    }
  }
  if (cuts == 1)
    return success();
  // Every cut ends in the whole sum's epilogue, which must therefore do
  // nothing.
  Block &last = shared.back().getEpilogue().front();
  if (shared.size() != 2)
    return refuse("only an expert of two matmuls can be cut into several");
  if (last.getTerminator()->getOperand(0) != last.getArgument(0) ||
      last.getNumArguments() != 1 || !last.getArgument(0).getType().isF32())
    return refuse("it would have to be cut into " + Twine(cuts) +
                  ", and each of them rounded or worked on by itself");
  return success();
}

LogicalResult Joiner::check(FloatType sumType, std::string &why) {
  if (failed(checkRouted(why)) || failed(checkStages(why)))
    return failure();
  ShapedType experts = plan.getExperts().getType();
  if (getNumPairs(experts.clone(
          ArrayRef{experts.getDimSize(0), plan.getNumSlots() + cuts})) >
      std::numeric_limits<int32_t>::max()) {
    why = "an i32 cannot number the pairs";
    return failure();
  }
  // Rows are in the type of the routed ones; what is summed from them is
  // rounded to `sumType`, before that to f32. The graph must round there, too.
  auto rowType =
      cast<FloatType>(shared.back().getInit().getType().getElementType());
  bool roundsRows = term.rowType != rowType;
  FloatType result = term.gate ? term.productType : term.rowType;
  bool isSame = term.gate         ? !roundsRows && result == sumType
                : sumType.isF32() ? !roundsRows
                                  : term.rowType == sumType;
  if (isSame)
    return success();
  why = "the sum of all experts would be rounded in other places";
  return failure();
}

GroupedMatmulOp Joiner::joinStage(size_t number, Value lhs, PlanIntoOp joined) {
  GroupedMatmulOp own = routed[number], other = shared[number];
  Location loc = rewriter.getFusedLoc({own.getLoc(), other.getLoc()});
  // Without the dimension of the one expert.
  auto withoutExpert = [&](Value stack) -> Value {
    auto type = cast<RankedTensorType>(stack.getType());
    if (auto expand = stack.getDefiningOp<tensor::ExpandShapeOp>())
      if (expand.getSrcType() == type.clone(type.getShape().drop_front()))
        return expand.getSrc();
    SmallVector<ReassociationIndices> groups{{0, 1}};
    for (int64_t i = 2; i < type.getRank(); ++i)
      groups.push_back({i});
    return tensor::CollapseShapeOp::create(rewriter, loc, stack, groups);
  };
  auto toVector = [](ArrayRef<int64_t> list) {
    return SmallVector<int64_t>(list);
  };
  auto which = toVector(own.getPartWeights());
  auto offsets = toVector(own.getPartOffsets());
  auto strides = toVector(own.getPartStrides());
  auto vectorWhich = toVector(own.getVectorParts());
  auto vectorOffsets = toVector(own.getVectorOffsets());
  auto vectorStrides = toVector(own.getVectorStrides());
  for (auto [argument, place] : llvm::enumerate(places[number])) {
    if (static_cast<int64_t>(argument) < own.getNumParts()) {
      which.push_back(other.getPartWeights()[place]);
      offsets.push_back(other.getPartOffsets()[place]);
      strides.push_back(other.getPartStrides()[place]);
    } else {
      int64_t part = place - other.getNumParts();
      vectorWhich.push_back(other.getVectorParts()[part]);
      vectorOffsets.push_back(other.getVectorOffsets()[part]);
      vectorStrides.push_back(other.getVectorStrides()[part]);
    }
  }

  auto pairsType = cast<RankedTensorType>(joined.getResult(1).getType());
  auto initType = cast<RankedTensorType>(own.getInit().getType());
  RankedTensorType type =
      initType.clone({pairsType.getDimSize(0), initType.getDimSize(1)});
  Value init = createDestination(
      rewriter, loc, type,
      {tensor::getMixedSize(rewriter, loc, joined.getPairs(), 0),
       rewriter.getIndexAttr(type.getDimSize(1))});
  Value pairs = own.getPairs() ? joined.getResult(1) : Value();
  IntegerAttr slots =
      pairs ? rewriter.getI64IntegerAttr(joined.getNumSlots()) : IntegerAttr();
  auto matmul = GroupedMatmulOp::create(
      rewriter, loc, type, lhs, own.getWeights(), own.getVectors(),
      /*rows=*/ValueRange(),
      llvm::map_to_vector(other.getWeights(), withoutExpert),
      llvm::map_to_vector(other.getVectors(), withoutExpert),
      joined.getResult(0), pairs, /*scatter_pairs=*/Value(),
      /*scatter_weights=*/Value(), init, /*layouts=*/ArrayAttr(), which,
      offsets, strides, vectorWhich, vectorOffsets, vectorStrides,
      /*row_parts=*/ArrayRef<int64_t>(), /*row_offsets=*/ArrayRef<int64_t>(),
      /*row_strides=*/ArrayRef<int64_t>(), cuts, slots, /*zero_rest=*/false,
      own.getScheduleAttr());
  rewriter.cloneRegionBefore(own.getEpilogue(), matmul.getEpilogue(),
                             matmul.getEpilogue().end());
  return matmul;
}

Value Joiner::build(RankedTensorType type, FloatType sumType, Value residual) {
  Location loc = rewriter.getFusedLoc({sum.getLoc(), shared.back().getLoc()});
  int64_t slots = plan.getNumSlots() + cuts;
  auto sized = [&](Value like, ArrayRef<int64_t> shape) {
    return cast<RankedTensorType>(like.getType()).clone(shape);
  };
  auto expertsType = cast<RankedTensorType>(plan.getExperts().getType());
  int64_t tokens = expertsType.getDimSize(0);
  int64_t numPairs =
      ShapedType::isDynamic(tokens) ? ShapedType::kDynamic : tokens * slots;
  OpFoldResult numTokens =
      tensor::getMixedSize(rewriter, loc, plan.getExperts(), 0);
  OpFoldResult numPairsSize = rewriter.getIndexAttr(numPairs);
  if (ShapedType::isDynamic(tokens))
    numPairsSize =
        arith::MulIOp::create(
            rewriter, loc,
            getValueOrCreateConstantIndexOp(rewriter, loc, numTokens),
            arith::ConstantIndexOp::create(rewriter, loc, slots))
            .getResult();
  RankedTensorType offsets =
      sized(plan.getOffsets(), {plan.getNumRoutedExperts() + cuts + 1});
  RankedTensorType pairs = sized(plan.getPairs(), {numPairs});
  RankedTensorType positions = sized(plan.getPositions(), {tokens, slots});
  Value offsetsInit = createDestination(rewriter, loc, offsets, {});
  Value pairsInit = createDestination(rewriter, loc, pairs, numPairsSize);
  Value positionsInit = createDestination(
      rewriter, loc, positions, {numTokens, rewriter.getIndexAttr(slots)});
  auto joined = PlanIntoOp::create(
      rewriter, plan.getLoc(), TypeRange{offsets, pairs, positions},
      plan.getExperts(), offsetsInit, pairsInit, positionsInit, cuts);

  Value rows = routed.front().getLhs();
  for (size_t number = 0; number < routed.size(); ++number)
    rows = joinStage(number, rows, joined).getResult(0);
  Value gate = term.gate;
  if (gate && cast<RankedTensorType>(gate.getType()).getRank() > 2) {
    int64_t last = cast<RankedTensorType>(gate.getType()).getRank() - 1;
    ReassociationIndices leading = llvm::to_vector<2>(llvm::seq(last));
    gate = tensor::CollapseShapeOp::create(
        rewriter, loc, gate, ArrayRef<ReassociationIndices>{leading, {last}});
  }
  Value out =
      createDestination(rewriter, loc, type,
                        {numTokens, rewriter.getIndexAttr(type.getDimSize(1))});
  auto result = GatherSumOp::create(
      rewriter, loc, type, rows, joined.getResult(2), sum.getWeights(),
      sum.getX(), sum.getExperts(), gate, residual, /*offsets=*/Value(),
      /*entries=*/Value(), out, sum.getProductTypeAttr(), sum.getSumTypeAttr(),
      sumType.isF32() ? TypeAttr() : TypeAttr::get(sumType), sum.getFirstAttr(),
      sum.getCountAttr(), sum.getUnweighted(), sum.getScheduleAttr());
  fired(result, passName,
        Twine(cuts) + (cuts == 1 ? " expert is" : " experts are") +
            " always on");
  return result.getResult(0);
}

/// Experts added behind the sum of the routed ones:
///
///   %s = moe.gather_sum ins(%rows, %q, %w)        %o, %p, %q = moe.plan_into
///   %y = moe.grouped_matmul ins(%x)            =>     ... always_on 1
///     offsets([0, T])                             moe.grouped_matmul ins(%x)
///   arith.addf %s, %y                               always_on 1 ...
///                                                 moe.gather_sum
struct JoinAddedExperts : RewritePattern {
  explicit JoinAddedExperts(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    std::optional<AddedTerm> added = matchAddedTerm(op);
    if (!added)
      return failure();
    std::string why;
    Joiner joiner(added->sum, added->term, rewriter);
    if (!added->isOnlyReader)
      why = "its sum, or that of the routed experts, has other readers";
    if (!why.empty() || failed(joiner.check(added->sumType, why)))
      return missed(op, passName,
                    "the shared expert stays a matmul of its own: " + why);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    rewriter.setInsertionPoint(op);
    Value result =
        joiner.build(cast<RankedTensorType>(added->sum.getOut().getType())
                         .clone(type.getElementType()),
                     added->sumType, added->sum.getResidual());
    for (Operation *reshape : added->reshapes)
      result = reshapeLike(rewriter, reshape, result);
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// Experts that the sum of the routed ones starts from.
struct JoinResidualExperts : OpRewritePattern<GatherSumOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GatherSumOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<SharedTerm> term = matchResidualTerm(op);
    if (!term)
      return failure();
    std::string why;
    Joiner joiner(op, *term, rewriter);
    // Each partial sum would be another.
    if (!op.getSumFloatType().isF32())
      why = "every partial sum that starts from it is rounded";
    if (!why.empty() || failed(joiner.check(rewriter.getF32Type(), why)))
      return missed(op, passName,
                    "the shared expert stays a matmul of its own: " + why);
    rewriter.setInsertionPoint(op);
    rewriter.replaceOp(
        op, joiner.build(cast<RankedTensorType>(op.getOut().getType()),
                         rewriter.getF32Type(), Value()));
    return success();
  }
};

struct MoEFuseSharedExpertsPass
    : moe::impl::MoEFuseSharedExpertsPassBase<MoEFuseSharedExpertsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseSharedExpertsPatterns(patterns);
    fuseOnce(getOperation(), std::move(patterns));
  }
};
} // namespace

void moe::populateFuseSharedExpertsPatterns(RewritePatternSet &patterns) {
  patterns.add<JoinAddedExperts, JoinResidualExperts>(patterns.getContext());
}
