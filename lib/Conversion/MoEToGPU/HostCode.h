// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What of an entry function stays on the host, and what becomes kernels:
// placement and kernel making must agree on it.
#ifndef MOE_CONVERSION_MOETOGPU_HOSTCODE_H
#define MOE_CONVERSION_MOETOGPU_HOSTCODE_H

#include "mlir/IR/Operation.h"

namespace mlir::moe {

/// Whether `op` runs in a kernel as a whole, with everything inside it: an op
/// that works on buffers, a parallel loop, or a loop or condition whose body
/// is scalar code.
bool becomesKernel(Operation *op);

/// Calls `callback` on the ops of `root` that are not inside a kernel or inside
/// something that becomes one. Stops at, and returns, the first failure.
LogicalResult walkHostCode(Operation *root,
                           function_ref<LogicalResult(Operation *)> callback);

} // namespace mlir::moe

#endif // MOE_CONVERSION_MOETOGPU_HOSTCODE_H
