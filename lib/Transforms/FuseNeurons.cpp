// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FuseUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEFUSENEURONSPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-fuse-neurons";
/// More tokens share more loads of a row and skip fewer of them. Accumulators
/// of four tokens and three units fill a CPU's registers.
constexpr int64_t kTile = 4;

/// Whether folding `block`, which takes and yields one float, gives 0 for 0.
bool mapsZeroToZero(Block &block) {
  DenseMap<Value, Attribute> known;
  auto valueOf = [&](Value value) -> Attribute {
    Attribute constant;
    return matchPattern(value, m_Constant(&constant)) ? constant
                                                      : known.lookup(value);
  };
  BlockArgument argument = block.getArgument(0);
  known[argument] = FloatAttr::get(argument.getType(), 0.0);
  for (Operation &op : block.without_terminator()) {
    SmallVector<Attribute> operands =
        llvm::map_to_vector(op.getOperands(), valueOf);
    SmallVector<OpFoldResult> results;
    // Folding in place would change the region.
    if (op.getNumRegions() != 0 || !llvm::all_of(operands, [](Attribute value) {
          return value != nullptr;
        }))
      continue;
    Operation *copy = op.clone();
    if (succeeded(copy->fold(operands, results)) && !results.empty())
      for (auto [result, folded] : llvm::zip_equal(op.getResults(), results)) {
        auto value = dyn_cast<Value>(folded);
        known[result] = value ? valueOf(value) : cast<Attribute>(folded);
      }
    copy->destroy();
  }
  auto yielded = dyn_cast_or_null<FloatAttr>(
      valueOf(block.getTerminator()->getOperand(0)));
  return yielded && yielded.getValue().isZero();
}

/// Gives a layer its destinations:
///
///   %y = moe.neurons post %x, %u, %c ...
///     =>   %y, ... = moe.masked_ffn post ins(%x, %u, %c) ... outs(...)
struct FuseNeurons : OpRewritePattern<NeuronsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(NeuronsOp op,
                                PatternRewriter &rewriter) const override {
    Block &activation = op.getActivation().front();
    bool isPost = op.getSide() == MaskSide::post;
    if (!isPost && !mapsZeroToZero(activation))
      return missed(rewriter, op, passName,
                    "the mask is before an activation that is not known to map "
                    "0 to 0: every unit counts for every token");
    if (!isPost && op.getSamples() > 32)
      return missed(rewriter, op, passName,
                    "the mask is before the activation, and there are more "
                    "than 32 samples");
    if (llvm::any_of(op->getOperandTypes(), [](Type type) {
          Type element = getElementTypeOrSelf(type);
          return isa<FloatType>(element) &&
                 element.getIntOrFloatBitWidth() > 32;
        }))
      return missed(rewriter, op, passName,
                    "products accumulate in f32, and an operand has wider "
                    "floats");

    Location loc = op.getLoc();
    RankedTensorType result = op.getResult().getType();
    int64_t tokens = op.getX().getType().getDimSize(0);
    bool isDynamic = ShapedType::isDynamic(tokens);
    int64_t tile = isDynamic ? kTile : std::clamp<int64_t>(tokens, 1, kTile);
    OpFoldResult numTokens = tensor::getMixedSize(rewriter, loc, op.getX(), 0);
    OpFoldResult numTiles =
        rewriter.getIndexAttr(isDynamic ? 0 : llvm::divideCeil(tokens, tile));
    OpFoldResult numRows =
        rewriter.getIndexAttr(isDynamic ? 0 : tokens * op.getSamples());
    if (isDynamic) {
      auto constant = [&](int64_t value) -> Value {
        return arith::ConstantIndexOp::create(rewriter, loc, value);
      };
      Value count = cast<Value>(numTokens);
      Value padded =
          arith::AddIOp::create(rewriter, loc, count, constant(tile - 1));
      numTiles = arith::DivUIOp::create(rewriter, loc, padded, constant(tile))
                     .getResult();
      numRows =
          arith::MulIOp::create(rewriter, loc, count, constant(op.getSamples()))
              .getResult();
    }
    if (isPost)
      numRows = numTokens;

    SmallVector<Value> destinations;
    auto add = [&](OpFoldResult rows, int64_t columns, Type element) {
      auto type = RankedTensorType::get(
          {getConstantIntValue(rows).value_or(ShapedType::kDynamic), columns},
          element);
      destinations.push_back(createDestination(
          rewriter, loc, type, {rows, rewriter.getIndexAttr(columns)}));
    };
    int64_t numUnits = op.getUp().getType().getDimSize(0);
    add(numTokens, result.getDimSize(1), result.getElementType());
    add(numTokens, numUnits,
        activation.getTerminator()->getOperand(0).getType());
    add(numRows, numUnits, rewriter.getF32Type());
    add(numTokens, numUnits, rewriter.getI32Type());
    add(numTiles, numUnits, rewriter.getI32Type());
    add(numTiles, llvm::divideCeil(numUnits, MaskedFfnOp::kBlock),
        rewriter.getI32Type());

    auto fused = MaskedFfnOp::create(
        rewriter, loc, ValueRange(destinations).getTypes(), op.getSide(),
        op.getX(), op.getUnits(), op.getCoefficients(), op.getUp(),
        op.getUpBias(), op.getDown(), op.getDownBias(), op.getSampleWeights(),
        op.getCount(), destinations[0], destinations[1], destinations[2],
        destinations[3], destinations[4], destinations[5], op.getSamples(),
        tile);
    rewriter.inlineRegionBefore(op.getActivation(), fused.getActivation(),
                                fused.getActivation().end());
    Value out = fused.getResult(0);
    if (out.getType() != result)
      out = tensor::CastOp::create(rewriter, loc, result, out);
    rewriter.replaceOp(op, out);
    fired(fused, passName,
          "a feed-forward layer on the units that tokens keep");
    return success();
  }
};

struct MoEFuseNeuronsPass
    : moe::impl::MoEFuseNeuronsPassBase<MoEFuseNeuronsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseNeuronsPatterns(patterns);
    fuseOnce(getOperation(), std::move(patterns));
  }
};
} // namespace

void moe::populateFuseNeuronsPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseNeurons>(patterns.getContext());
}
