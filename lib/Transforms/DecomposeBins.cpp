// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "DecomposeUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// The bins of one select by expert, by two maps without an order between their
/// elements, so that a GPU runs them side by side:
///
///   place[t, e]        = how many tokens of t's group e ranks before t
///   bins[e, g * C + c] = the t of group g with place[t, e] = c
class Bins {
public:
  Bins(SelectOp op, OpBuilder &builder)
      : builder(builder), loc(op.getLoc()), op(op), scope(op.getScope()),
        size(cast<TopKAttr>(op.getRule()).getK()), i32(builder.getI32Type()),
        numTokens(getValueOrCreateConstantIndexOp(
            builder, loc, tensor::getMixedSize(builder, loc, op.getKey(), 0))),
        limit(buildLimit()) {}

  Value build() {
    Value places = mapKeys([&](OpBuilder &b, Value token, Value expert) {
      return rankOf(b, token, expert);
    });
    if (op.getOrder() == SlotOrder::by_index)
      places = mapKeys([&](OpBuilder &b, Value token, Value expert) {
        return placeById(b, places, token, expert);
      });
    return fill(places);
  }

private:
  /// How many entries of a bin a group fills at most: C, or `count`.
  Value buildLimit() {
    Value all = arith::ConstantIndexOp::create(builder, loc, size);
    Value count = op.getCount();
    if (!count)
      return arith::IndexCastOp::create(builder, loc, i32, all);
    if (!count.getType().isIndex())
      count = arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                         count);
    Value least = arith::MinSIOp::create(builder, loc, all, count);
    // What is far below 0 must not come back as something above.
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    least = arith::MaxSIOp::create(builder, loc, least, zero);
    return arith::IndexCastOp::create(builder, loc, i32, least);
  }

  /// An i32 for every key.
  Value mapKeys(function_ref<Value(OpBuilder &, Value, Value)> body) {
    return mapElements(builder, loc, op.getKey().getType().clone(i32),
                       tensor::getMixedSizes(builder, loc, op.getKey()), {}, {},
                       [&](OpBuilder &b, Location loc, ValueRange) {
                         Value token = linalg::IndexOp::create(b, loc, 0);
                         Value expert = linalg::IndexOp::create(b, loc, 1);
                         return body(b, token, expert);
                       });
  }

  Value keyOf(OpBuilder &b, Value token, Value expert) {
    Value key = tensor::ExtractOp::create(b, loc, op.getKey(),
                                          ValueRange{token, expert});
    bool isNarrow = key.getType().getIntOrFloatBitWidth() < 32;
    return isNarrow ? castFloat(b, loc, key, b.getF32Type()) : key;
  }

  Value rankOf(OpBuilder &b, Value token, Value expert) {
    TokenRange around = tokensAround(b, loc, token, numTokens, scope);
    Value own = keyOf(b, token, expert);
    return countIf(b, loc, around.begin, around.end,
                   [&](OpBuilder &b, Location loc, Value other) {
                     return ranksBefore(b, loc, keyOf(b, other, expert), other,
                                        own, token,
                                        op.getNanRank() == NanRank::first);
                   });
  }

  Value isIn(OpBuilder &b, Value ranks, Value token, Value expert) {
    Value rank =
        tensor::ExtractOp::create(b, loc, ranks, ValueRange{token, expert});
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, rank,
                                 limit);
  }

  /// The picked tokens of lower id; past all entries where it is not picked.
  Value placeById(OpBuilder &b, Value ranks, Value token, Value expert) {
    TokenRange around = tokensAround(b, loc, token, numTokens, scope);
    Value place = countIf(b, loc, around.begin, token,
                          [&](OpBuilder &b, Location, Value other) {
                            return isIn(b, ranks, other, expert);
                          });
    return arith::SelectOp::create(b, loc, isIn(b, ranks, token, expert), place,
                                   limit);
  }

  Value fill(Value places) {
    RankedTensorType type = op.getExperts().getType();
    Value entries = arith::ConstantIndexOp::create(builder, loc, size);
    Value groups = arith::ConstantIndexOp::create(builder, loc, 1);
    if (scope)
      groups = arith::CeilDivUIOp::create(
          builder, loc, numTokens,
          arith::ConstantIndexOp::create(builder, loc, *scope));
    Value width = arith::MulIOp::create(builder, loc, groups, entries);
    return mapElements(
        builder, loc, type, {builder.getIndexAttr(type.getDimSize(0)), width},
        {}, {}, [&](OpBuilder &b, Location loc, ValueRange) {
          Value expert = linalg::IndexOp::create(b, loc, 0);
          Value column = linalg::IndexOp::create(b, loc, 1);
          Value group = arith::DivUIOp::create(b, loc, column, entries);
          Value entry = arith::IndexCastOp::create(
              b, loc, i32, arith::RemUIOp::create(b, loc, column, entries));
          TokenRange tokens = tokensOfGroup(b, loc, group, numTokens, scope);
          Value found = findToken(b, places, tokens, expert, entry);
          Value isFilled = arith::CmpIOp::create(
              b, loc, arith::CmpIPredicate::slt, entry, limit);
          Value none = arith::ConstantIntOp::create(b, loc, -1, 32);
          return arith::SelectOp::create(b, loc, isFilled, found, none);
        });
  }

  /// The token whose place is `entry`, or -1.
  Value findToken(OpBuilder &builder, Value places, TokenRange tokens,
                  Value expert, Value entry) {
    Value step = arith::ConstantIndexOp::create(builder, loc, 1);
    Value none = arith::ConstantIntOp::create(builder, loc, -1, 32);
    auto loop = scf::ForOp::create(
        builder, loc, tokens.begin, tokens.end, step, none,
        [&](OpBuilder &b, Location loc, Value token, ValueRange state) {
          Value place = tensor::ExtractOp::create(b, loc, places,
                                                  ValueRange{token, expert});
          Value isIt = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                             place, entry);
          Value id = arith::IndexCastOp::create(b, loc, i32, token);
          Value next = arith::SelectOp::create(b, loc, isIt, id, state[0]);
          scf::YieldOp::create(b, loc, next);
        });
    return loop.getResult(0);
  }

  OpBuilder &builder;
  Location loc;
  SelectOp op;
  std::optional<int64_t> scope;
  /// Entries per bin and group.
  int64_t size;
  Type i32;
  Value numTokens, limit;
};

struct DecomposeSelectByExpert : OpRewritePattern<SelectOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SelectOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.isByExpert())
      return rewriter.notifyMatchFailure(op, "tokens select experts");
    rewriter.replaceOp(op, Bins(op, rewriter).build());
    return success();
  }
};
} // namespace

void moe::populateDecomposeBinsPatterns(RewritePatternSet &patterns) {
  patterns.add<DecomposeSelectByExpert>(patterns.getContext());
}
