// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_IMPORT_TMTENSOROPS_H
#define MOE_FRONTEND_IMPORT_TMTENSOROPS_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::moe {

/// Replace a tm_tensor op; a malformed one is an error.
LogicalResult importTmTensorScatter(Operation *op, RewriterBase &rewriter);
LogicalResult importTmTensorTopK(Operation *op, RewriterBase &rewriter);
LogicalResult importTmTensorAttention(Operation *op, RewriterBase &rewriter);

} // namespace mlir::moe

#endif // MOE_FRONTEND_IMPORT_TMTENSOROPS_H
