// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "ExpertStages.h"
#include "FuseUtils.h"
#include "RowWork.h"

#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
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

/// What a grouped matmul says of its parts of one kind.
struct PartOperands {
  /// Appends the types of the parts to `types`. `find` gives the operand of a
  /// value of the body.
  PartOperands(ArrayRef<Part> parts, SmallVectorImpl<Type> &types,
               function_ref<Value(Value)> find) {
    SmallVector<Value> known;
    for (const Part &part : parts) {
      // What two matmuls read in both layouts is an operand for each.
      size_t place = 0;
      while (place < known.size() &&
             (known[place] != part.operand || layouts[place] != part.layout))
        ++place;
      which.push_back(place);
      if (place == known.size()) {
        known.push_back(part.operand);
        operands.push_back(find(part.operand));
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

  SmallVector<Value> operands;
  SmallVector<WeightLayout> layouts;
  SmallVector<int64_t> which, offsets, strides;
};

/// `value` with dimensions of size 1 in front or behind, as a matrix.
Value expandToMatrix(OpBuilder &builder, Location loc, Value value,
                     bool inFront) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() == 2)
    return value;
  SmallVector<int64_t> shape(2 - type.getRank(), 1);
  shape.insert(inFront ? shape.end() : shape.begin(), type.getShape().begin(),
               type.getShape().end());
  SmallVector<ReassociationIndices> groups;
  if (type.getRank() == 1)
    groups.push_back({0, 1});
  return tensor::ExpandShapeOp::create(
      builder, loc, RankedTensorType::get(shape, type.getElementType()), value,
      groups);
}

/// Turns the body into matmuls of all experts' rows at once:
///
///   moe.experts { matmul; slices; elementwise; matmul }
///     => moe.grouped_matmul {elementwise}; moe.grouped_matmul
///
/// Other work on rows stays what it is, between them and on all rows.
class FuseExperts : public OpRewritePattern<ExpertsOp> {
public:
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ExpertsOp op,
                                PatternRewriter &rewriter) const override;

private:
  static GroupedMatmulOp createMatmul(ExpertsOp op, const ExpertStages &body,
                                      const Stage &stage, RowWork &work,
                                      const IRMapping &outside,
                                      PatternRewriter &rewriter);
  static Value zeroRest(ExpertsOp op, Value result, PatternRewriter &rewriter);
};

LogicalResult FuseExperts::matchAndRewrite(ExpertsOp op,
                                           PatternRewriter &rewriter) const {
  FailureOr<ExpertStages> body = ExpertStages::read(op, passName);
  if (failed(body))
    return failure();
  // Outside the op, by values of its body.
  IRMapping outside;
  RowWork work(rewriter, op, body->getValues(), outside);
  bool hasRest = !coverAllRows(op.getOffsets(), op.getRows().front());
  unsigned numMatmuls = 0;
  for (const Step &step : body->getSteps()) {
    if (auto *inner = std::get_if<Operation *>(&step)) {
      work.repeat(*inner);
      continue;
    }
    const Stage &stage = std::get<Stage>(step);
    GroupedMatmulOp matmul =
        createMatmul(op, *body, stage, work, outside, rewriter);
    matmul.setZeroRest(hasRest && body->readsRest(stage.result));
    outside.map(stage.result, matmul.getResult(0));
    ++numMatmuls;
  }
  fired(op, passName, Twine(numMatmuls) + " grouped matmuls with epilogues");
  Value result = outside.lookup(op.getYield().getOperand(0));
  if (hasRest && !llvm::all_of(op->getUsers(), [&](Operation *user) {
        return readsLiveRowsOnly(user, op);
      })) {
    if (auto matmul = result.getDefiningOp<GroupedMatmulOp>())
      matmul.setZeroRest(true);
    else
      result = zeroRest(op, result, rewriter);
  }
  rewriter.replaceOp(op, result);
  return success();
}

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

GroupedMatmulOp FuseExperts::createMatmul(ExpertsOp op,
                                          const ExpertStages &body,
                                          const Stage &stage, RowWork &work,
                                          const IRMapping &outside,
                                          PatternRewriter &rewriter) {
  OpBuilder::InsertionGuard guard(rewriter);
  Location loc = locate(stage);
  SmallVector<Type> types;
  PartOperands products(stage.products, types,
                        [&](Value value) { return outside.lookup(value); });
  PartOperands vectors(stage.vectors, types, [&](Value value) {
    bool isShared = body.getValues()[value].spread == Spread::shared;
    return expandToMatrix(rewriter, loc, outside.lookup(value), isShared);
  });
  PartOperands rowParts(stage.rowParts, types, [&](Value value) {
    return expandToMatrix(rewriter, loc, outside.lookup(value),
                          /*inFront=*/false);
  });
  RankedTensorType type = work.onAllRows(stage.result.getType());
  Value init =
      work.createDestination(loc, type.getDimSize(1), type.getElementType());
  auto matmul = GroupedMatmulOp::create(
      rewriter, loc, type, outside.lookup(stage.rows), products.operands,
      vectors.operands, rowParts.operands, /*always_weights=*/ValueRange(),
      /*always_vectors=*/ValueRange(), op.getOffsets(), /*pairs=*/Value(),
      /*scatter_pairs=*/Value(), /*scatter_weights=*/Value(), init,
      products.getLayouts(rewriter.getContext()), products.which,
      products.offsets, products.strides, vectors.which, vectors.offsets,
      vectors.strides, rowParts.which, rowParts.offsets, rowParts.strides,
      /*always_on=*/0, /*slots=*/IntegerAttr(), /*zero_rest=*/false,
      ScheduleAttr());
  Block *epilogue =
      rewriter.createBlock(&matmul.getEpilogue(), {}, types,
                           SmallVector<Location>(types.size(), loc));
  Value element = body.emit(rewriter, stage, epilogue->getArguments(), outside);
  YieldOp::create(rewriter, loc, element);
  roundAccumulators(matmul, rewriter);
  return matmul;
}

/// `result` with zeros in the rows that belong to no expert, as moe.experts
/// promises.
Value FuseExperts::zeroRest(ExpertsOp op, Value result,
                            PatternRewriter &rewriter) {
  MLIRContext *context = rewriter.getContext();
  AffineMap identity = rewriter.getMultiDimIdentityMap(2);
  AffineMap last =
      AffineMap::get(2, 0, getAffineConstantExpr(op.getNumExperts(), context));
  SmallVector<utils::IteratorType> loops(2, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      rewriter, op.getLoc(), result.getType(), op.getOffsets(), result,
      ArrayRef<AffineMap>{last, identity}, loops,
      [&](OpBuilder &b, Location loc, ValueRange in) {
        Value row = arith::IndexCastOp::create(
            b, loc, b.getI32Type(), linalg::IndexOp::create(b, loc, 0));
        Value isLive = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                             row, in[0]);
        Value zero =
            arith::ConstantOp::create(b, loc, b.getZeroAttr(in[1].getType()));
        Value element = arith::SelectOp::create(b, loc, isLive, in[1], zero);
        linalg::YieldOp::create(b, loc, element);
      });
  return generic.getResult(0);
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
