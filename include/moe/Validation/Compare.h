// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_VALIDATION_COMPARE_H
#define MOE_VALIDATION_COMPARE_H

#include "moe/Execution/Array.h"

namespace mlir::moe {

struct Tolerance {
  double rtol, atol;
};

/// 1e-4 for f32 and f64, 1e-2 for bf16 and f16. Integers are always compared
/// exactly.
Tolerance getDefaultTolerance(DType dtype);

struct Comparison {
  int64_t mismatches = 0;
  /// The first element that differs, in row-major order.
  std::optional<int64_t> first;
  /// The element furthest from its counterpart; no index without elements.
  std::optional<int64_t> worst;
  /// |a - b| there; infinite if only one of the two is a number.
  double worstError = 0;
};

/// Element by element: |a - b| <= atol + rtol * |b|, with b from `expected`.
/// NaN agrees with NaN and an infinity with the same. Shapes and types are
/// equal.
Comparison compare(const Array &actual, const Array &expected,
                   Tolerance tolerance);

void printElement(llvm::raw_ostream &os, const Array &array, int64_t index);

/// As in `3 of 48 elements differ, the first in token 0; largest error 0.5 at
/// [0, 3]: got 1, expected 1.5`, or what the largest error is if none does. A
/// token is a row along the last dimension.
std::string describe(const Comparison &comparison, const Array &actual,
                     const Array &expected);

} // namespace mlir::moe

#endif // MOE_VALIDATION_COMPARE_H
