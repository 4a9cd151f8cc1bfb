// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Analysis/ElementExpr.h"

#include "mlir/IR/BuiltinTypes.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::moe;

namespace {

TEST(ElementExpr, EqualExpressionsAreOneObject) {
  ElementExprContext context;
  Expr t = context.var(6), s = context.var(2);
  Expr a = context.add(context.scale(t, 2), s);
  Expr b = context.add(s, context.add(t, t));
  EXPECT_EQ(a, b);
  EXPECT_NE(a, context.add(context.scale(t, 3), s));
  EXPECT_EQ(context.add(a, context.scale(a, -1)), context.index(0));
}

TEST(ElementExpr, TwoLoopsOfOneExtentDiffer) {
  ElementExprContext context;
  EXPECT_NE(context.var(6), context.var(6));
  EXPECT_EQ(context.var(1), context.index(0));
}

TEST(ElementExpr, SplitsAPairIntoTokenAndSlot) {
  ElementExprContext context;
  Expr t = context.var(ShapedType::kDynamic), s = context.var(2);
  Expr pair = context.add(context.scale(t, 2), s);
  EXPECT_EQ(context.floorDiv(pair, 2), t);
  EXPECT_EQ(context.mod(pair, 2), s);
  EXPECT_EQ(context.floorDiv(context.add(pair, context.index(6)), 2),
            context.add(t, context.index(3)));
}

TEST(ElementExpr, DoesNotSplitWhatMayCarry) {
  ElementExprContext context;
  Expr t = context.var(6), s = context.var(3);
  Expr index = context.add(context.scale(t, 2), s);
  EXPECT_EQ(context.floorDiv(index, 2), nullptr);
  EXPECT_EQ(context.mod(index, 2), nullptr);
  // Nothing is known of an index without an extent.
  EXPECT_EQ(context.mod(context.var(ShapedType::kDynamic), 2), nullptr);
}

TEST(ElementExpr, SplitsNegativeConstants) {
  ElementExprContext context;
  Expr t = context.var(6);
  // floor((4 t - 3) / 4) = t - 1, remainder 1.
  Expr index = context.add(context.scale(t, 4), context.index(-3));
  EXPECT_EQ(context.floorDiv(index, 4), context.add(t, context.index(-1)));
  EXPECT_EQ(context.mod(index, 4), context.index(1));
}

TEST(ElementExpr, RangesAreExactAndNeverOverflow) {
  ElementExprContext context;
  Expr t = context.var(6), s = context.var(2);
  EXPECT_EQ(*context.range(context.add(context.scale(t, -2), s)),
            (IntRange{-10, 1}));
  // No tensor is longer than memory.
  Expr any = context.var(ShapedType::kDynamic);
  EXPECT_EQ(*context.range(any), (IntRange{0, int64_t(1) << 48}));
  EXPECT_EQ(context.range(context.scale(any, int64_t(1) << 15)), std::nullopt);
  Expr wide = context.var(int64_t(1) << 62);
  EXPECT_EQ(context.range(context.scale(wide, 4)), std::nullopt);
}

TEST(ElementExpr, SubstitutesEverywhere) {
  ElementExprContext context;
  Expr t = context.var(6), u = context.var(6), s = context.var(2);
  Expr index = context.add(context.scale(t, 2), s);
  EXPECT_EQ(context.substitute(index, t, u),
            context.add(context.scale(u, 2), s));
  EXPECT_EQ(context.substitute(index, t, context.index(3)),
            context.add(s, context.index(6)));
  EXPECT_TRUE(context.dependsOn(index, t));
  EXPECT_FALSE(context.dependsOn(index, u));
}

} // namespace
