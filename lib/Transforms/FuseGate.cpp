// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FuseUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEFUSEGATEPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-fuse-gate";

/// What select and weigh read, traced back to one chain.
struct Chain {
  ScoreOp score; // null if the logits are used as they are
  GateValue selectOn = GateValue::logits;
  GateValue weighOn = GateValue::logits;
  FloatType scoreType;
  /// What the score, or whoever uses the logits as they are, reads.
  Value logits;
  std::optional<Matmul> router;
  FloatType logitsType;
  /// What is added to the logits, and to the keys: a tensor with an element per
  /// expert, or null.
  Value bias, keyBias;
  /// The op that adds `keyBias`.
  Operation *keyAdd = nullptr;
  /// Why the matmul that makes the logits is not `router`; empty without one.
  StringRef apart;
};

/// Fuses a router into one op, at the place of its select:
///
///   %l = linalg.matmul ins(%x, %r^T)
///   %s = moe.score softmax %l
///   %e = moe.select #moe.top_k<2> %s   =>   %e, %w = moe.gate ins(%x, %r) ...
///   %w = moe.weigh value %s, %e
struct FuseGate : OpRewritePattern<WeighOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(WeighOp weigh,
                                PatternRewriter &rewriter) const override {
    auto select = weigh.getExperts().getDefiningOp<SelectOp>();
    if (!select)
      return missed(rewriter, weigh, passName,
                    weigh.getExperts().getDefiningOp<LimitOp>()
                        ? "the experts come from a moe.limit, which looks at "
                          "all tokens"
                        : "the experts do not come from a moe.select");
    if (select.isByExpert() || weigh.isByExpert())
      return missed(rewriter, select, passName,
                    "experts select tokens, a gate decides for each token "
                    "alone");
    if (!select.isPerToken())
      return missed(rewriter, select, passName,
                    "the rule looks across tokens, a gate decides for each "
                    "token alone");
    if (weigh.getFn() == WeighFn::band_softmax)
      return missed(rewriter, weigh, passName,
                    "band_softmax reads all experts for every slot");
    FailureOr<Chain> chain = readChain(weigh, select, rewriter);
    if (failed(chain))
      return failure();
    SmallVector<Value> factors;
    if (weigh.getPerExpert())
      factors.push_back(weigh.getPerExpert());
    if (weigh.getFactor())
      factors.push_back(weigh.getFactor());
    if (failed(moveValueDefinitions(rewriter, factors, select)))
      return missed(rewriter, weigh, passName,
                    "a factor of the weights is known only after the experts");

    rewriter.setInsertionPoint(select);
    auto gate = createGate(weigh, select, *chain, rewriter);
    rewriter.replaceAllUsesWith(select.getExperts(), gate.getResult(0));
    rewriter.replaceOp(weigh, gate.getResults().drop_front());
    fired(gate, passName,
          chain->router ? "router matmul, score, select and weigh in one"
                        : "score, select and weigh in one");
    if (!chain->apart.empty())
      (void)missed(gate, passName,
                   "the router matmul stays apart: " + chain->apart);
    return success();
  }

private:
  static Peeled peelNamed(WeighOp weigh, Value value);
  static void readKeyBias(WeighOp weigh, SelectOp select, Peeled &key,
                          const Peeled &source, Chain &chain);
  static void readRouter(WeighOp weigh, SelectOp select, const Peeled &logits,
                         Chain &chain);
  static FailureOr<Chain> readChain(WeighOp weigh, SelectOp select,
                                    PatternRewriter &rewriter);
  static StringRef refuseRouter(WeighOp weigh, SelectOp select,
                                const Chain &chain, const Matmul &matmul,
                                Operation *add);
  static Value asVector(Value tensor, PatternRewriter &rewriter);
  static GateOp createGate(WeighOp weigh, SelectOp select, Chain &chain,
                           PatternRewriter &rewriter);
};

/// `value`, or what it is the first columns of where the last are always on,
/// behind its casts.
Peeled FuseGate::peelNamed(WeighOp weigh, Value value) {
  Peeled peeled = peelCasts(value);
  auto slice = peeled.base.getDefiningOp<tensor::ExtractSliceOp>();
  if (weigh.getAlwaysOn() == 0 || !slice || peeled.isRounded())
    return peeled;
  RankedTensorType source = slice.getSourceType();
  RankedTensorType type = slice.getType();
  bool startsAtZero = llvm::all_of(slice.getMixedOffsets(), isZeroInteger);
  bool isDense = llvm::all_of(slice.getMixedStrides(), isOneInteger);
  // The verifiers of select and weigh see to it that there are as many tokens.
  if (source.getRank() != 2 || type.getRank() != 2 || !startsAtZero ||
      !isDense || type.getDimSize(1) != weigh.getNumNamed() ||
      source.getDimSize(1) != weigh.getSource().getType().getDimSize(1))
    return peeled;
  return peelCasts(slice.getSource());
}

/// A key that is not what is weighed may be that plus a bias.
void FuseGate::readKeyBias(WeighOp weigh, SelectOp select, Peeled &key,
                           const Peeled &source, Chain &chain) {
  if (key.base == source.base || key.base.getDefiningOp<ScoreOp>())
    return;
  auto score = source.base.getDefiningOp<ScoreOp>();
  if (score && peelCasts(score.getLogits()).base == key.base)
    return;
  auto isUnbiased = [&](Value base) {
    Value behind = peelNamed(weigh, base).base;
    return behind == source.base || behind.getDefiningOp<ScoreOp>() ||
           (score && behind == peelCasts(score.getLogits()).base);
  };
  std::optional<RowVectorSum> sum =
      matchRowVectorSum(select.getKey(), isUnbiased);
  if (!sum)
    return;
  Peeled unbiased = peelNamed(weigh, sum->base);
  // The gate adds in the type of the bias, which may be wider than what it is
  // added to: a score that was rounded.
  Type biasType = getElementTypeOrSelf(sum->vector.getType());
  if (unbiased.type != biasType &&
      (!biasType.isF32() || unbiased.type.getWidth() > 32))
    return;
  key = unbiased;
  chain.keyBias = sum->vector;
  chain.keyAdd = select.getKey().getDefiningOp();
}

/// The matmul behind the logits, and a bias added to it before any rounding.
void FuseGate::readRouter(WeighOp weigh, SelectOp select, const Peeled &logits,
                          Chain &chain) {
  auto isF32 = [](Value tensor) {
    return getElementTypeOrSelf(tensor.getType()).isF32();
  };
  Operation *add = nullptr;
  std::optional<Matmul> matmul = matchMatmul(logits.base);
  if (!matmul) {
    std::optional<RowVectorSum> sum = matchRowVectorSum(
        logits.base, [](Value base) { return matchMatmul(base).has_value(); });
    if (!sum)
      return;
    if (!isF32(sum->base)) {
      chain.apart = "a bias is added after the product was rounded";
      return;
    }
    matmul = matchMatmul(sum->base);
    chain.bias = sum->vector;
    add = logits.base.getDefiningOp();
  } else if (!isZeroFill(matmul->init) && isF32(matmul->init)) {
    chain.bias = matchRowVector(matmul->init);
  }
  bool fromZero = isZeroFill(matmul->init);
  // One bias at most: on the product or in its initial value.
  if (add ? !fromZero : !fromZero && !chain.bias)
    chain.apart = "it adds to something else than a bias in f32";
  else
    chain.apart = refuseRouter(weigh, select, chain, *matmul, add);
  if (chain.apart.empty())
    chain.router = matmul;
  else
    chain.bias = {};
}

FailureOr<Chain> FuseGate::readChain(WeighOp weigh, SelectOp select,
                                     PatternRewriter &rewriter) {
  Chain chain;
  Peeled key = peelNamed(weigh, select.getKey());
  Peeled source = peelCasts(weigh.getSource());
  readKeyBias(weigh, select, key, source, chain);
  for (auto [peeled, on] :
       {std::pair(key, &chain.selectOn), std::pair(source, &chain.weighOn)}) {
    auto score = peeled.base.getDefiningOp<ScoreOp>();
    if (!score)
      continue;
    if (chain.score && chain.score != score)
      return missed(rewriter, weigh, passName,
                    "the experts are selected and weighed by different scores");
    if (chain.scoreType && chain.scoreType != peeled.type)
      return missed(rewriter, weigh, passName,
                    "the experts are selected and weighed by scores of "
                    "different types");
    *on = GateValue::scores;
    chain.score = score;
    chain.scoreType = peeled.type;
  }
  chain.logits = chain.score ? chain.score.getLogits()
                 : chain.keyBias || weigh.getAlwaysOn() ? weigh.getSource()
                                                        : select.getKey();

  Peeled logits = peelCasts(chain.logits);
  for (auto [peeled, on] :
       {std::pair(key, chain.selectOn), std::pair(source, chain.weighOn)})
    if (on == GateValue::logits &&
        (peeled.base != logits.base || peeled.type != logits.type))
      return missed(rewriter, weigh, passName,
                    peeled.base == key.base
                        ? "the key of moe.select is neither the logits nor "
                          "their scores"
                        : "the source of moe.weigh is neither the logits nor "
                          "their scores");
  if (logits.type.getWidth() > 32 ||
      (chain.score && (chain.score.getComputeFloatType().getWidth() > 32 ||
                       chain.scoreType.getWidth() > 32)))
    return missed(rewriter, weigh, passName, "the router is computed in f64");
  if (chain.score && !chain.score.getComputeFloatType().isF32())
    return missed(rewriter, chain.score, passName,
                  "scores are computed in another type than f32");
  if (chain.score && chain.score.getAxis() == ScoreAxis::tokens)
    return missed(rewriter, chain.score, passName,
                  "the softmax runs over the tokens, a gate sees one");

  chain.logitsType = logits.type;
  readRouter(weigh, select, logits, chain);
  if (!chain.router && !logits.isRounded())
    chain.logits = logits.base;
  return chain;
}

/// Why the gate may not compute the logits; empty if it may. If others need
/// them anyway, they are better read than computed twice.
StringRef FuseGate::refuseRouter(WeighOp weigh, SelectOp select,
                                 const Chain &chain, const Matmul &matmul,
                                 Operation *add) {
  auto lhs = cast<RankedTensorType>(matmul.lhs.getType());
  auto rhs = cast<RankedTensorType>(matmul.rhs.getType());
  if (!rhs.hasStaticShape() || lhs.isDynamicDim(1) ||
      lhs.getElementType() != rhs.getElementType() ||
      lhs.getElementTypeBitWidth() > 32)
    return "its operands are of dynamic width, of different types or in f64";
  SmallVector<Operation *> worklist{matmul.op};
  while (!worklist.empty())
    for (Operation *user : worklist.pop_back_val()->getUsers()) {
      if (user == weigh || user == select || user == chain.keyAdd)
        continue;
      if (user != chain.score && user != add &&
          !isa<tensor::ExtractSliceOp>(user) &&
          (user->getNumResults() != 1 || !castSource(user->getResult(0))))
        return "others read the logits";
      worklist.push_back(user);
    }
  return {};
}

/// A tensor of which one dimension is longer than one, as a vector.
Value FuseGate::asVector(Value tensor, PatternRewriter &rewriter) {
  if (!tensor)
    return {};
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  if (rank == 1)
    return tensor;
  SmallVector<ReassociationIndices> all{
      llvm::to_vector<2>(llvm::seq<int64_t>(0, rank))};
  return tensor::CollapseShapeOp::create(rewriter, tensor.getLoc(), tensor,
                                         all);
}

GateOp FuseGate::createGate(WeighOp weigh, SelectOp select, Chain &chain,
                            PatternRewriter &rewriter) {
  // Remarks are shown at the first.
  SmallVector<Location> places{weigh.getLoc(), select.getLoc()};
  if (chain.score)
    places.push_back(chain.score.getLoc());
  if (chain.router)
    places.push_back(chain.router->op.getLoc());
  Location loc = rewriter.getFusedLoc(places);
  Value x = chain.logits;
  Value router;
  if (chain.router) {
    x = chain.router->lhs;
    router = chain.router->rhs;
    if (!chain.router->rhsIsTransposed) {
      auto type = cast<RankedTensorType>(router.getType());
      Value empty = tensor::EmptyOp::create(
          rewriter, loc, {type.getDimSize(1), type.getDimSize(0)},
          type.getElementType());
      router = linalg::TransposeOp::create(rewriter, loc, router, empty,
                                           ArrayRef<int64_t>{1, 0})
                   ->getResult(0);
    }
  }
  Value bias = asVector(chain.bias, rewriter);
  Value keyBias = asVector(chain.keyBias, rewriter);
  RankedTensorType experts = select.getExperts().getType();
  RankedTensorType weights = weigh.getWeights().getType();
  SmallVector<OpFoldResult> sizes{tensor::getMixedSize(rewriter, loc, x, 0),
                                  rewriter.getIndexAttr(experts.getDimSize(1))};
  SmallVector<Type> types{experts, weights};
  Value always;
  if (weigh.getAlwaysOn() > 0) {
    RankedTensorType type = weigh.getAlwaysWeights().getType();
    types.push_back(type);
    always = createDestination(
        rewriter, loc, type,
        {sizes[0], rewriter.getIndexAttr(type.getDimSize(1))});
  }
  auto typeUnlessF32 = [](FloatType type) {
    return type && !type.isF32() ? TypeAttr::get(type) : TypeAttr();
  };
  // Logits that are read need no rounding, but sums with them do.
  bool roundsLogits =
      router || (keyBias && chain.selectOn == GateValue::logits);
  return GateOp::create(
      rewriter, loc, types, x, router, bias, keyBias, select.getCount(),
      select.getParams(), select.getTokenParams(), weigh.getPerExpert(),
      weigh.getFactor(), createDestination(rewriter, loc, experts, sizes),
      createDestination(rewriter, loc, weights, sizes), always,
      chain.score ? chain.score.getFn() : ScoreFn::identity, select.getRule(),
      chain.selectOn, select.getGroupsAttr(), select.getNanRank(),
      select.getOrder(), weigh.getFn(), chain.weighOn, weigh.getNorm(),
      weigh.getEps(), weigh.getClamp(), weigh.getScale(), weigh.getPAttr(),
      weigh.getColumnsAttr(), weigh.getAlwaysOn(),
      roundsLogits ? typeUnlessF32(chain.logitsType) : TypeAttr(),
      typeUnlessF32(chain.scoreType), ScheduleAttr());
}

/// Says why a select stays when there is no moe.weigh that could say it.
struct ReportLoneSelect : OpRewritePattern<SelectOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SelectOp op,
                                PatternRewriter &rewriter) const override {
    if (llvm::none_of(op->getUsers(), llvm::IsaPred<WeighOp>) &&
        !op->use_empty())
      return missed(rewriter, op, passName,
                    "no moe.weigh weighs the selected experts");
    return failure();
  }
};

/// Says why a router is more than one op where a capacity comes behind it.
struct ReportLimit : OpRewritePattern<LimitOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LimitOp op,
                                PatternRewriter &rewriter) const override {
    return missed(rewriter, op, passName,
                  "whether an expert has room depends on all tokens, a gate "
                  "sees one");
  }
};

struct MoEFuseGatePass : moe::impl::MoEFuseGatePassBase<MoEFuseGatePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseGatePatterns(patterns);
    patterns.add<ReportLoneSelect, ReportLimit>(&getContext());
    fuseOnce(getOperation(), std::move(patterns));
  }
};
} // namespace

void moe::populateFuseGatePatterns(RewritePatternSet &patterns) {
  patterns.add<FuseGate>(patterns.getContext());
}
