// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Validation/Compare.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace mlir::moe;

namespace {
Array floats(llvm::ArrayRef<double> values) {
  Array array(DType::f64, {int64_t(values.size())});
  for (size_t i = 0; i < values.size(); ++i)
    array.setFloat(i, values[i]);
  return array;
}

int64_t countMismatches(double actual, double expected, Tolerance tolerance) {
  return compare(floats({actual}), floats({expected}), tolerance).mismatches;
}

TEST(CompareTest, ToleranceIsRelativeToTheExpectedValue) {
  EXPECT_EQ(countMismatches(110, 100, {0.1, 0}), 0);
  EXPECT_EQ(countMismatches(100, 110.1, {0.1, 0}), 0);
  EXPECT_EQ(countMismatches(110.1, 100, {0.1, 0}), 1);
  EXPECT_EQ(countMismatches(0.5, 0, {0.1, 0.5}), 0);
  EXPECT_EQ(countMismatches(0.6, 0, {0.1, 0.5}), 1);
}

TEST(CompareTest, WhatIsNotFiniteAgreesWithItself) {
  Tolerance wide{1e9, 1e9};
  EXPECT_EQ(countMismatches(NAN, NAN, {0, 0}), 0);
  EXPECT_EQ(countMismatches(INFINITY, INFINITY, {0, 0}), 0);
  EXPECT_EQ(countMismatches(INFINITY, -INFINITY, wide), 1);
  EXPECT_EQ(countMismatches(1, INFINITY, wide), 1);
  EXPECT_EQ(countMismatches(INFINITY, 1, wide), 1);
  EXPECT_EQ(countMismatches(NAN, 1, wide), 1);
  EXPECT_EQ(countMismatches(1, NAN, wide), 1);
  EXPECT_EQ(countMismatches(0.0, -0.0, {0, 0}), 0);
}

TEST(CompareTest, IntegersAreExact) {
  Array a(DType::i64, {1}), b(DType::i64, {1});
  a.setInteger(0, (int64_t(1) << 53) + 1);
  b.setInteger(0, int64_t(1) << 53);
  EXPECT_EQ(compare(a, b, {1, 1}).mismatches, 1);
  EXPECT_EQ(compare(a, a, {0, 0}).mismatches, 0);
}

TEST(CompareTest, FindsTheWorstElement) {
  Array a(DType::f32, {2, 3}), b(DType::f32, {2, 3});
  a.setFloat(1, 1);
  a.setFloat(5, 3);
  Comparison comparison = compare(a, b, {0, 0});
  EXPECT_EQ(comparison.mismatches, 2);
  EXPECT_EQ(comparison.worst, 5);
  EXPECT_EQ(describe(comparison, a, b),
            "2 of 6 elements differ, the first in token 0; largest error 3 at "
            "[1, 2]: got 3, expected 0");
}

TEST(CompareTest, NothingAgreesWithNothing) {
  Array none(DType::f32, {0, 4});
  Comparison comparison = compare(none, none, {0, 0});
  EXPECT_EQ(comparison.mismatches, 0);
  EXPECT_FALSE(comparison.worst);
  EXPECT_EQ(describe(comparison, none, none), "all 0 elements agree");
}
} // namespace
