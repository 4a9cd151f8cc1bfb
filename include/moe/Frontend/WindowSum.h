// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_WINDOWSUM_H
#define MOE_FRONTEND_WINDOWSUM_H

#include "mlir/IR/Value.h"

#include <optional>

namespace mlir::moe {

/// Along one dimension, element t of a tensor is the sum of those elements
/// t + low .. t + high of `source` that exist. A running sum is one, with low
/// at or below the negated size and high 0, or -1 where it leaves out element
/// t.
struct WindowSum {
  Value source;
  int64_t low = 0, high = 0;
};

/// `value` along `axis` as a sum over the longest window that can be told:
/// through padding with zeros, slices, sums of shifted tensors, reductions of
/// windows and loops that carry a sum. Just its own elements at least.
WindowSum matchWindowSum(Value value, int64_t axis);

} // namespace mlir::moe

#endif // MOE_FRONTEND_WINDOWSUM_H
