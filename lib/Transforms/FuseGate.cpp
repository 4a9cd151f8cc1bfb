// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FuseUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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
                    "the experts do not come from a moe.select");
    if (!select.getRule().isPerToken())
      return missed(rewriter, select, passName,
                    "the rule looks across tokens, a gate decides for each "
                    "token alone");
    if (!select.getParams().empty())
      return missed(rewriter, select, passName,
                    "the rule takes run-time parameters");
    FailureOr<Chain> chain = readChain(weigh, select, rewriter);
    if (failed(chain))
      return failure();

    rewriter.setInsertionPoint(select);
    auto gate = createGate(weigh, select, *chain, rewriter);
    rewriter.replaceAllUsesWith(select.getExperts(), gate.getResult(0));
    rewriter.replaceOp(weigh, gate.getResult(1));
    fired(gate, passName,
          chain->router ? "router matmul, score, select and weigh in one"
                        : "score, select and weigh in one");
    return success();
  }

private:
  static FailureOr<Chain> readChain(WeighOp weigh, SelectOp select,
                                    PatternRewriter &rewriter);
  static bool takesRouter(WeighOp weigh, SelectOp select, ScoreOp score,
                          const Matmul &matmul);
  static GateOp createGate(WeighOp weigh, SelectOp select, Chain &chain,
                           PatternRewriter &rewriter);
};

FailureOr<Chain> FuseGate::readChain(WeighOp weigh, SelectOp select,
                                     PatternRewriter &rewriter) {
  Chain chain;
  Peeled key = peelCasts(select.getKey());
  Peeled source = peelCasts(weigh.getSource());
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
  chain.logits = chain.score ? chain.score.getLogits() : select.getKey();

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

  chain.logitsType = logits.type;
  std::optional<Matmul> matmul = matchMatmul(logits.base);
  if (matmul && takesRouter(weigh, select, chain.score, *matmul))
    chain.router = matmul;
  else if (!logits.isRounded())
    chain.logits = logits.base;
  return chain;
}

/// Whether the gate may compute the logits. If others need them anyway, they
/// are better read than computed twice.
bool FuseGate::takesRouter(WeighOp weigh, SelectOp select, ScoreOp score,
                           const Matmul &matmul) {
  auto lhs = cast<RankedTensorType>(matmul.lhs.getType());
  auto rhs = cast<RankedTensorType>(matmul.rhs.getType());
  if (!isZeroFill(matmul.init) || !rhs.hasStaticShape() ||
      lhs.isDynamicDim(1) || lhs.getElementType() != rhs.getElementType() ||
      lhs.getElementTypeBitWidth() > 32)
    return false;
  SmallVector<Operation *> worklist{matmul.op};
  while (!worklist.empty())
    for (Operation *user : worklist.pop_back_val()->getUsers()) {
      if (user == weigh || user == select)
        continue;
      if (user != score &&
          (user->getNumResults() != 1 || !castSource(user->getResult(0))))
        return false;
      worklist.push_back(user);
    }
  return true;
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
  RankedTensorType experts = select.getExperts().getType();
  RankedTensorType weights = weigh.getWeights().getType();
  SmallVector<OpFoldResult> sizes{tensor::getMixedSize(rewriter, loc, x, 0),
                                  rewriter.getIndexAttr(experts.getDimSize(1))};
  auto typeUnlessF32 = [](FloatType type) {
    return type && !type.isF32() ? TypeAttr::get(type) : TypeAttr();
  };
  return GateOp::create(rewriter, loc, TypeRange{experts, weights}, x, router,
                        createDestination(rewriter, loc, experts, sizes),
                        createDestination(rewriter, loc, weights, sizes),
                        chain.score ? chain.score.getFn() : ScoreFn::identity,
                        select.getRule(), chain.selectOn, weigh.getFn(),
                        chain.weighOn, weigh.getNorm(), weigh.getEps(),
                        weigh.getScale(),
                        // Logits that are read need no rounding.
                        router ? typeUnlessF32(chain.logitsType) : TypeAttr(),
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

struct MoEFuseGatePass : moe::impl::MoEFuseGatePassBase<MoEFuseGatePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseGatePatterns(patterns);
    patterns.add<ReportLoneSelect>(&getContext());
    fuseOnce(getOperation(), std::move(patterns));
  }
};
} // namespace

void moe::populateFuseGatePatterns(RewritePatternSet &patterns) {
  patterns.add<FuseGate>(patterns.getContext());
}
