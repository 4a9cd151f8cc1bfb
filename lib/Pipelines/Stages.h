// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parts of pipelines that several back ends share.
#ifndef MOE_PIPELINES_STAGES_H
#define MOE_PIPELINES_STAGES_H

#include "mlir/Pass/PassManager.h"

namespace mlir::moe {

/// TOSA, and arith and math on tensors, to linalg, tensor and scf; nothing
/// happens where there is none.
void addTosaLowering(OpPassManager &pm);

} // namespace mlir::moe

#endif // MOE_PIPELINES_STAGES_H
