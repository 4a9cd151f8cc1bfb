// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_CAPI_PIPELINEOPTIONS_H
#define MOE_CAPI_PIPELINEOPTIONS_H

#include "moe-c/Pipelines.h"
#include "moe/Pipelines/Options.h"

namespace mlir::moe {

/// Takes over what the caller set.
void setOptions(CPUOptions &options, const MoECPUOptions &given);

} // namespace mlir::moe

#endif // MOE_CAPI_PIPELINEOPTIONS_H
