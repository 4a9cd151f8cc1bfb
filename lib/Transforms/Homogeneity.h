// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_TRANSFORMS_HOMOGENEITY_H
#define MOE_TRANSFORMS_HOMOGENEITY_H

#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// Why the body of `op` may not be homogeneous of degree one, body(w r) = w
/// body(r) for every w >= 0 but for rounding; empty if it is known to be.
std::string whyNotHomogeneous(ExpertsOp op);

} // namespace mlir::moe

#endif // MOE_TRANSFORMS_HOMOGENEITY_H
