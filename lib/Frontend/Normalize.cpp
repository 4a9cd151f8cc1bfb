// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Passes.h"
#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOENORMALIZEPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Whether `op` may be the choice of a router.
bool mayChoose(Operation *op) {
  if (isa<SortOp, tosa::ArgMaxOp>(op))
    return true;
  auto reduction = dyn_cast<linalg::LinalgOp>(op);
  return reduction && reduction->getNumResults() == 2 &&
         reduction.getNumReductionLoops() != 0;
}

/// Whether a router may be found in `function` and none was so far: what was
/// raised once has to stay as it is.
bool isToBeRaised(FunctionOpInterface function) {
  bool found = false;
  WalkResult raised = function->walk([&](Operation *op) {
    found |= mayChoose(op);
    return isa<SelectOp, GateOp>(op) ? WalkResult::interrupt()
                                     : WalkResult::advance();
  });
  return found && !raised.wasInterrupted();
}

/// Whether a slice without strides is all of `tensor`.
bool isWhole(Value tensor, ArrayRef<OpFoldResult> offsets,
             ArrayRef<OpFoldResult> sizes) {
  using Variable = ValueBoundsConstraintSet::Variable;
  for (auto [dim, offset, size] : llvm::enumerate(offsets, sizes)) {
    FailureOr<bool> equal = ValueBoundsConstraintSet::areEqual(
        Variable(size), Variable(tensor, dim));
    if (getConstantIntValue(offset) != 0 || failed(equal) || !*equal)
      return false;
  }
  return true;
}

/// Two slices of one rank that follow each other along one dimension and are
/// the same along all others.
struct Neighbours {
  int64_t dim;
  SmallVector<OpFoldResult> offsets, sizes;

  template <typename SliceOp>
  static std::optional<Neighbours> match(SliceOp first, SliceOp second) {
    if (!first.hasUnitStride() || !second.hasUnitStride() ||
        first.getDroppedDims().any() || second.getDroppedDims().any())
      return std::nullopt;
    Neighbours both{-1, first.getMixedOffsets(), first.getMixedSizes()};
    SmallVector<OpFoldResult> offsets = second.getMixedOffsets();
    SmallVector<OpFoldResult> sizes = second.getMixedSizes();
    for (auto [dim, offset] : llvm::enumerate(offsets)) {
      if (isEqualConstantIntOrValue(offset, both.offsets[dim]) &&
          isEqualConstantIntOrValue(sizes[dim], both.sizes[dim]))
        continue;
      std::optional<int64_t> begin = getConstantIntValue(both.offsets[dim]);
      std::optional<int64_t> size = getConstantIntValue(both.sizes[dim]);
      std::optional<int64_t> next = getConstantIntValue(offset);
      std::optional<int64_t> more = getConstantIntValue(sizes[dim]);
      if (both.dim != -1 || !begin || !size || !next || !more ||
          *begin + *size != *next)
        return std::nullopt;
      both.dim = dim;
      both.sizes[dim] =
          IntegerAttr::get(IndexType::get(first->getContext()), *size + *more);
    }
    return both.dim == -1 ? std::nullopt : std::optional(both);
  }

  bool isAllOf(Value tensor) const { return isWhole(tensor, offsets, sizes); }

  Value extract(OpBuilder &b, Location loc, Value tensor) const {
    if (isAllOf(tensor))
      return tensor;
    SmallVector<OpFoldResult> strides(offsets.size(), b.getIndexAttr(1));
    return tensor::ExtractSliceOp::create(b, loc, tensor, offsets, sizes,
                                          strides);
  }
};

/// Slices of one tensor that follow each other.
std::optional<std::pair<Value, Neighbours>> matchSlices(Value first,
                                                        Value second) {
  auto a = first.getDefiningOp<tensor::ExtractSliceOp>();
  auto b = second.getDefiningOp<tensor::ExtractSliceOp>();
  if (!a || !b || a.getSource() != b.getSource())
    return std::nullopt;
  std::optional<Neighbours> both = Neighbours::match(a, b);
  if (!both)
    return std::nullopt;
  return std::make_pair(a.getSource(), *both);
}

/// Whether two ops compute the same, each of its own operands.
bool isSameWork(linalg::LinalgOp a, linalg::LinalgOp b) {
  return a.getNumDpsInputs() == 2 && b.getNumDpsInputs() == 2 &&
         a->getNumResults() == 1 && b->getNumResults() == 1 &&
         a.hasPureTensorSemantics() && b.hasPureTensorSemantics() &&
         linalg::isaContractionOpInterface(a) &&
         a.getIndexingMapsArray() == b.getIndexingMapsArray() &&
         a.getIteratorTypesArray() == b.getIteratorTypesArray() &&
         OperationEquivalence::isRegionEquivalentTo(
             &a->getRegion(0), &b->getRegion(0),
             OperationEquivalence::IgnoreLocations);
}

/// A product computed in parts is one product.
///
///   %a = matmul %x, %w[.., 0 .. n]      %b = matmul %x, %w[.., n .. m]
///   insert %b into (insert %a into %y [.., 0 .. n]) [.., n .. m]
/// =>
///   insert (matmul %x, %w[.., 0 .. m]) into %y [.., 0 .. m]
struct JoinProduct : OpRewritePattern<tensor::InsertSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::InsertSliceOp outer,
                                PatternRewriter &rewriter) const override {
    auto inner = outer.getDest().getDefiningOp<tensor::InsertSliceOp>();
    if (!inner || !inner->hasOneUse())
      return failure();
    auto first = inner.getSource().getDefiningOp<linalg::LinalgOp>();
    auto second = outer.getSource().getDefiningOp<linalg::LinalgOp>();
    if (!first || !second || !first->hasOneUse() || !second->hasOneUse())
      return failure();
    if (inner.getSourceType().getRank() != inner.getDestType().getRank() ||
        outer.getSourceType().getRank() != outer.getDestType().getRank() ||
        !isSameWork(first, second))
      return failure();
    std::optional<Neighbours> place = Neighbours::match(inner, outer);
    if (!place)
      return rewriter.notifyMatchFailure(outer, "not one beside the other");
    unsigned whole = first->getOperand(0) == second->getOperand(0) ? 0 : 1;
    if (first->getOperand(whole) != second->getOperand(whole))
      return rewriter.notifyMatchFailure(outer, "both operands are in parts");
    auto operand = matchSlices(first->getOperand(1 - whole),
                               second->getOperand(1 - whole));
    auto init = matchSlices(first->getOperand(2), second->getOperand(2));
    // The parts of all three have to be those of one loop.
    auto loopOf = [&](unsigned number, int64_t dim) {
      return first.getMatchingIndexingMap(&first->getOpOperand(number))
          .getResult(dim);
    };
    if (!operand || !init || init->second.dim != place->dim ||
        loopOf(1 - whole, operand->second.dim) != loopOf(2, place->dim) ||
        !isa<AffineDimExpr>(loopOf(2, place->dim)))
      return rewriter.notifyMatchFailure(outer, "parts of different loops");

    Location loc = rewriter.getFusedLoc({first.getLoc(), second.getLoc()});
    SmallVector<Value> operands(3);
    operands[whole] = first->getOperand(whole);
    operands[1 - whole] =
        operand->second.extract(rewriter, loc, operand->first);
    operands[2] = init->second.extract(rewriter, loc, init->first);
    Operation *product = mlir::clone(
        rewriter, first, TypeRange{operands[2].getType()}, operands);
    product->setLoc(loc);
    if (place->isAllOf(inner.getDest())) {
      rewriter.replaceOp(outer, product->getResult(0));
      return success();
    }
    SmallVector<OpFoldResult> strides(place->offsets.size(),
                                      rewriter.getIndexAttr(1));
    rewriter.replaceOpWithNewOp<tensor::InsertSliceOp>(
        outer, product->getResult(0), inner.getDest(), place->offsets,
        place->sizes, strides);
    return success();
  }
};

/// Upstream folds a slice of everything where sizes are static.
struct DropWholeSlice : OpRewritePattern<tensor::ExtractSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExtractSliceOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getType() != op.getSourceType() || !op.hasUnitStride() ||
        !isWhole(op.getSource(), op.getMixedOffsets(), op.getMixedSizes()))
      return failure();
    rewriter.replaceOp(op, op.getSource());
    return success();
  }
};

struct Normalize : moe::impl::MoENormalizePassBase<Normalize> {
  LogicalResult initialize(MLIRContext *context) override {
    pipeline = OpPassManager(OpPassManager::getAnyOpAnchorName());
    pipeline.addPass(createCanonicalizerPass());
    pipeline.addPass(createCSEPass());
    RewritePatternSet set(context);
    set.add<DropWholeSlice, JoinProduct>(context);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    SmallVector<FunctionOpInterface> routers;
    getOperation()->walk([&](FunctionOpInterface function) {
      if (isToBeRaised(function))
        routers.push_back(function);
    });
    for (FunctionOpInterface function : routers) {
      if (failed(runPipeline(pipeline, function)))
        return signalPassFailure();
      // Stopping early leaves a program that means the same.
      (void)applyPatternsGreedily(function, patterns);
    }
  }

  OpPassManager pipeline;
  FrozenRewritePatternSet patterns;
};
} // namespace
