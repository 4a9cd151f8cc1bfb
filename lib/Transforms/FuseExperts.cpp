// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "ExpertStages.h"
#include "FuseUtils.h"

#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEFUSEEXPERTSPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-fuse-experts";

/// Rounds an accumulator by the type of its block argument, where that is all
/// the epilogue does with it.
void roundAccumulators(GroupedMatmulOp matmul, RewriterBase &rewriter) {
  for (BlockArgument accumulator :
       matmul.getEpilogue().getArguments().take_front(matmul.getNumParts())) {
    if (!accumulator.getType().isF32() || accumulator.use_empty())
      continue;
    SmallVector<Operation *> users(accumulator.getUsers());
    Type narrow = users.front()->getResultTypes().empty()
                      ? Type()
                      : users.front()->getResult(0).getType();
    if (!llvm::all_of(users, [&](Operation *user) {
          return isa<arith::TruncFOp>(user) &&
                 user->getResult(0).getType() == narrow;
        }))
      continue;
    accumulator.setType(narrow);
    for (Operation *user : users)
      rewriter.replaceOp(user, accumulator);
  }
}

/// Whether nobody reads rows that belong to no expert: a combine or a sum finds
/// rows by the pairs of the plan that made the offsets.
bool readsLiveRowsOnly(Operation *user, ExpertsOp op) {
  if (auto combine = dyn_cast<CombineOp>(user))
    return combine.getRows() == op.getResult() &&
           combine.getInit() != op.getResult() &&
           combine.getWeights() != op.getResult() &&
           comeFromOnePlan(op.getOffsets(), combine.getPairs());
  return false;
}

/// What a grouped matmul says of its parts, or of its vector parts.
struct PartOperands {
  /// Appends the types of the parts to `types`.
  PartOperands(ArrayRef<Part> parts, const IRMapping &outside,
               SmallVectorImpl<Type> &types) {
    for (const Part &part : parts) {
      Value operand = outside.lookup(part.operand);
      // What two matmuls read in both layouts is an operand for each.
      size_t known = 0;
      while (known < stacked.size() &&
             (stacked[known] != operand || layouts[known] != part.layout))
        ++known;
      which.push_back(known);
      if (known == stacked.size()) {
        stacked.push_back(operand);
        layouts.push_back(part.layout);
      }
      offsets.push_back(part.offset);
      strides.push_back(part.stride);
      types.push_back(part.type);
    }
  }

  /// Null if all lie as they do by default.
  ArrayAttr getLayouts(MLIRContext *context) const {
    if (!llvm::is_contained(layouts, WeightLayout::in_out))
      return {};
    return ArrayAttr::get(
        context, llvm::map_to_vector(layouts, [&](WeightLayout layout) {
          return Attribute(WeightLayoutAttr::get(context, layout));
        }));
  }

  /// With the experts as first dimension.
  SmallVector<Value> stacked;
  SmallVector<WeightLayout> layouts;
  SmallVector<int64_t> which, offsets, strides;
};

/// Turns the body into matmuls of all experts' rows at once:
///
///   moe.experts { matmul; slices; elementwise; matmul }
///     => moe.grouped_matmul {elementwise}; moe.grouped_matmul
struct FuseExperts : OpRewritePattern<ExpertsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ExpertsOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<ExpertStages> body = ExpertStages::read(op, passName);
    if (failed(body))
      return failure();
    // Outside the op, by values of its body.
    IRMapping outside;
    for (OpOperand &operand : op->getOpOperands())
      if (operand.get() != op.getOffsets())
        outside.map(op.getBlockArgument(operand), operand.get());
    Value result;
    for (const Stage &stage : body->getStages()) {
      result = createMatmul(op, stage, outside, rewriter);
      outside.map(stage.result, result);
    }
    fired(op, passName,
          Twine(body->getStages().size()) + " grouped matmuls with epilogues");
    if (!coverAllRows(op.getOffsets(), op.getRows().front()) &&
        !llvm::all_of(op->getUsers(), [&](Operation *user) {
          return readsLiveRowsOnly(user, op);
        }))
      result = zeroRest(op, result, rewriter);
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  static Value createMatmul(ExpertsOp op, const Stage &stage,
                            const IRMapping &outside,
                            PatternRewriter &rewriter);
  static Value zeroRest(ExpertsOp op, Value result, PatternRewriter &rewriter);
};

/// Where the result of a stage and its products stand, in that order.
Location locate(const Stage &stage) {
  SmallVector<Operation *> products;
  for (const auto &[column, number] : stage.productColumns)
    products.push_back(column.value.getDefiningOp());
  llvm::sort(products, [](Operation *a, Operation *b) {
    return a != b && a->isBeforeInBlock(b);
  });
  SmallVector<Location> places{stage.result.getLoc()};
  for (Operation *product : products)
    places.push_back(product->getLoc());
  return FusedLoc::get(stage.result.getContext(), places);
}

Value FuseExperts::createMatmul(ExpertsOp op, const Stage &stage,
                                const IRMapping &outside,
                                PatternRewriter &rewriter) {
  OpBuilder::InsertionGuard guard(rewriter);
  Location loc = locate(stage);
  SmallVector<Type> types;
  PartOperands products(stage.products, outside, types);
  PartOperands vectors(stage.vectors, outside, types);
  auto stageType = cast<RankedTensorType>(stage.result.getType());
  auto type = RankedTensorType::get(
      {op.getResult().getType().getDimSize(0), stageType.getDimSize(1)},
      stageType.getElementType());
  Value rows = outside.lookup(stage.rows);
  Value init = createDestination(
      rewriter, loc, type,
      {tensor::getMixedSize(rewriter, loc, op.getRows().front(), 0),
       rewriter.getIndexAttr(type.getDimSize(1))});
  auto matmul = GroupedMatmulOp::create(
      rewriter, loc, type, rows, products.stacked, vectors.stacked,
      /*always_weights=*/ValueRange(), /*always_vectors=*/ValueRange(),
      op.getOffsets(), /*pairs=*/Value(), init,
      products.getLayouts(rewriter.getContext()), products.which,
      products.offsets, products.strides, vectors.which, vectors.offsets,
      vectors.strides, /*always_on=*/0, /*slots=*/IntegerAttr(),
      ScheduleAttr());
  Block *epilogue =
      rewriter.createBlock(&matmul.getEpilogue(), {}, types,
                           SmallVector<Location>(types.size(), loc));
  Value element = ExpertStages::emit(rewriter, stage, epilogue->getArguments());
  YieldOp::create(rewriter, loc, element);
  roundAccumulators(matmul, rewriter);
  return matmul.getResult(0);
}

/// The rows of a grouped matmul that belong to no expert are undefined, those
/// of moe.experts zero.
Value FuseExperts::zeroRest(ExpertsOp op, Value result,
                            PatternRewriter &rewriter) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(result.getType());
  Value last =
      arith::ConstantIndexOp::create(rewriter, loc, op.getNumExperts());
  Value live = arith::IndexCastOp::create(
      rewriter, loc, rewriter.getIndexType(),
      tensor::ExtractOp::create(rewriter, loc, op.getOffsets(), last));
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(rewriter, loc, result);
  sizes[0] = arith::SubIOp::create(
                 rewriter, loc,
                 getValueOrCreateConstantIndexOp(rewriter, loc, sizes[0]), live)
                 .getResult();
  SmallVector<OpFoldResult> offsets{live, rewriter.getIndexAttr(0)};
  SmallVector<OpFoldResult> strides(2, rewriter.getIndexAttr(1));
  Value zero = arith::ConstantOp::create(
      rewriter, loc, rewriter.getZeroAttr(type.getElementType()));
  Value rest = tensor::ExtractSliceOp::create(rewriter, loc, result, offsets,
                                              sizes, strides);
  rest = linalg::FillOp::create(rewriter, loc, zero, rest).getResult(0);
  return tensor::InsertSliceOp::create(rewriter, loc, rest, result, offsets,
                                       sizes, strides);
}

struct MoEFuseExpertsPass
    : moe::impl::MoEFuseExpertsPassBase<MoEFuseExpertsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseExpertsPatterns(patterns);
    fuseOnce(getOperation(), std::move(patterns));
  }
};
} // namespace

void moe::populateFuseExpertsPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseExperts>(patterns.getContext());
}
