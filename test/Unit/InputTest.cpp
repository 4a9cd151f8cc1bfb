// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "support/Input.h"

#include "gtest/gtest.h"

using namespace mlir::moe;

namespace {
TEST(InputTest, MeasuresNesting) {
  EXPECT_EQ(measureNesting(""), 0);
  EXPECT_EQ(measureNesting("module { func.func @f(%a: tensor<2xf32>) {} }"), 3);
  EXPECT_EQ(measureNesting("([{<>}])"), 4);
  EXPECT_EQ(measureNesting("()()()"), 1);
  EXPECT_EQ(measureNesting(")))("), 1);
}

TEST(InputTest, ArrowsAndRelationsAreNoBrackets) {
  EXPECT_EQ(measureNesting("((a) -> (b) -> (c))"), 2);
  EXPECT_EQ(measureNesting("<(d0) : (d0 >= 0, d0 - 1 >= 0, d0 <= 0)>"), 2);
}

TEST(InputTest, StringsAndCommentsDoNotCount) {
  EXPECT_EQ(measureNesting("\"(((\" ("), 1);
  EXPECT_EQ(measureNesting("\"\\\"(((\" ("), 1);
  EXPECT_EQ(measureNesting("// (((\n("), 1);
  EXPECT_EQ(measureNesting("// ((("), 0);
  EXPECT_EQ(measureNesting("\"((("), 0);
}

TEST(InputTest, LargeStackHoldsDeepRecursion) {
  struct Recursion {
    static int64_t run(int64_t depth) {
      volatile char frame[10000];
      frame[depth % 10000] = 1;
      return depth == 0 ? frame[0] : run(depth - 1) + frame[depth % 10000];
    }
  };
  EXPECT_EQ(runOnLargeStack([] { return int(Recursion::run(kMaxNesting)); }),
            int(kMaxNesting + 1));
}
} // namespace
