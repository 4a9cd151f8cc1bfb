// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_TOTALORDER_H
#define MOE_FRONTEND_TOTALORDER_H

#include "mlir/IR/Value.h"

#include <optional>
#include <utility>

namespace mlir::moe {

/// (a, b) if `condition` holds where float a is larger than float b in the
/// total order: -NaN, -infinity, .., -0, +0, .., infinity, NaN. It also may
/// hold where they are the same.
std::optional<std::pair<Value, Value>> matchTotalOrderLarger(Value condition);

} // namespace mlir::moe

#endif // MOE_FRONTEND_TOTALORDER_H
