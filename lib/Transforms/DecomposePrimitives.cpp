// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// An insertion sort along the dimension, for every position in the others:
///
///   for i: hold x[i]; p = i; while p > 0 and x[i] goes before x[p-1]: p -= 1;
///          shift x[p..i) up by one; x[p] = held
struct DecomposeSort : OpRewritePattern<SortOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SortOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
    Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
    SmallVector<Value> sizes;
    for (OpFoldResult size :
         tensor::getMixedSizes(rewriter, loc, op.getInputs().front()))
      sizes.push_back(getValueOrCreateConstantIndexOp(rewriter, loc, size));

    // The loop over the sorted dimension comes last, inside all others.
    SmallVector<int64_t> dims;
    int64_t rank = sizes.size();
    int64_t sorted = op.getDimension();
    for (int64_t dim = 0; dim < rank; ++dim)
      if (dim != sorted)
        dims.push_back(dim);
    dims.push_back(sorted);

    SmallVector<Value> position(sizes.size());
    SmallVector<Value> state(op.getInputs());
    scf::ForOp outermost;
    for (int64_t dim : dims) {
      // One element is in order.
      Value first = dim == sorted ? one : zero;
      auto loop =
          scf::ForOp::create(rewriter, loc, first, sizes[dim], one, state);
      position[dim] = loop.getInductionVar();
      if (outermost)
        scf::YieldOp::create(rewriter, loc, loop.getResults());
      else
        outermost = loop;
      state.assign(loop.getRegionIterArgs().begin(),
                   loop.getRegionIterArgs().end());
      rewriter.setInsertionPointToStart(loop.getBody());
    }
    scf::YieldOp::create(rewriter, loc,
                         insertElement(op, rewriter, position, state));
    rewriter.replaceOp(op, outermost.getResults());
    return success();
  }

private:
  static SmallVector<Value> extractAll(OpBuilder &b, Location loc,
                                       ValueRange tensors, ValueRange at) {
    SmallVector<Value> elements;
    for (Value tensor : tensors)
      elements.push_back(tensor::ExtractOp::create(b, loc, tensor, at));
    return elements;
  }

  static SmallVector<Value> insertAll(OpBuilder &b, Location loc,
                                      ValueRange elements, ValueRange tensors,
                                      ValueRange at) {
    SmallVector<Value> written;
    for (auto [element, tensor] : llvm::zip_equal(elements, tensors))
      written.push_back(tensor::InsertOp::create(b, loc, element, tensor, at));
    return written;
  }

  /// A copy of the comparator.
  static Value goesBefore(SortOp op, OpBuilder &b, ValueRange first,
                          ValueRange second) {
    Block &body = op.getComparator().front();
    IRMapping mapping;
    for (auto [i, a, c] : llvm::enumerate(first, second)) {
      mapping.map(body.getArgument(2 * i), a);
      mapping.map(body.getArgument(2 * i + 1), c);
    }
    for (Operation &inner : body.without_terminator())
      b.clone(inner, mapping);
    return mapping.lookupOrDefault(body.getTerminator()->getOperand(0));
  }

  /// Moves the element at `position` to its place among those before it.
  static SmallVector<Value> insertElement(SortOp op, OpBuilder &b,
                                          ArrayRef<Value> position,
                                          ValueRange tensors) {
    Location loc = op.getLoc();
    int64_t dim = op.getDimension();
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    Value current = position[dim];
    auto along = [&](Value index) {
      SmallVector<Value> at(position);
      at[dim] = index;
      return at;
    };
    SmallVector<Value> held = extractAll(b, loc, tensors, position);

    auto search = scf::WhileOp::create(
        b, loc, b.getIndexType(), current,
        [&](OpBuilder &b, Location loc, ValueRange state) {
          Value place = state[0];
          Value notFirst = arith::CmpIOp::create(
              b, loc, arith::CmpIPredicate::ugt, place, zero);
          auto moves = scf::IfOp::create(
              b, loc, notFirst,
              [&](OpBuilder &b, Location loc) {
                Value before = arith::SubIOp::create(b, loc, place, one);
                SmallVector<Value> other =
                    extractAll(b, loc, tensors, along(before));
                // Exporters also write comparators that are true for equal
                // elements; those stay where they are, too.
                Value heldFirst = goesBefore(op, b, held, other);
                Value otherFirst = goesBefore(op, b, other, held);
                Value no = arith::ConstantIntOp::create(b, loc, 0, 1);
                Value answer =
                    arith::SelectOp::create(b, loc, otherFirst, no, heldFirst);
                scf::YieldOp::create(b, loc, answer);
              },
              [&](OpBuilder &b, Location loc) {
                Value no = arith::ConstantIntOp::create(b, loc, 0, 1);
                scf::YieldOp::create(b, loc, no);
              });
          scf::ConditionOp::create(b, loc, moves.getResult(0), place);
        },
        [&](OpBuilder &b, Location loc, ValueRange state) {
          scf::YieldOp::create(
              b, loc, ValueRange(arith::SubIOp::create(b, loc, state[0], one)));
        });
    Value place = search.getResult(0);

    Value distance = arith::SubIOp::create(b, loc, current, place);
    auto shift = scf::ForOp::create(
        b, loc, zero, distance, one, tensors,
        [&](OpBuilder &b, Location loc, Value step, ValueRange state) {
          Value to = arith::SubIOp::create(b, loc, current, step);
          Value from = arith::SubIOp::create(b, loc, to, one);
          SmallVector<Value> moved = extractAll(b, loc, state, along(from));
          scf::YieldOp::create(b, loc,
                               insertAll(b, loc, moved, state, along(to)));
        });
    return insertAll(b, loc, held, shift.getResults(), along(place));
  }
};
} // namespace

void moe::populateDecomposePrimitivePatterns(RewritePatternSet &patterns) {
  patterns.add<DecomposeSort>(patterns.getContext());
}
