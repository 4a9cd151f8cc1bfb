// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Backend.h"

using namespace mlir;

llvm::Expected<std::unique_ptr<moe::Backend>>
moe::createBackend(StringRef name, const BackendOptions &options) {
  if (name == "reference")
    return createReferenceBackend();
  if (name == "cpu")
    return createCPUBackend(options);
  if (name == "nvptx")
    return createNVPTXBackend(options);
  return llvm::createStringError("unknown backend '" + name +
                                 "'; expected reference, cpu or nvptx");
}
