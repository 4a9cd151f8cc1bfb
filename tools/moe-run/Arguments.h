// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_TOOLS_MOE_RUN_ARGUMENTS_H
#define MOE_TOOLS_MOE_RUN_ARGUMENTS_H

#include "moe/Validation/Arguments.h"

#include <string>
#include <vector>

namespace mlir::moe {

struct ArgumentOptions {
  std::vector<std::string> files;
  std::vector<int64_t> dims;
  InventOptions invent;
};

/// Reads the given files, one for each of the first arguments, and invents the
/// rest. Every argument has a stream of random numbers of its own, so giving
/// one as a file leaves the others as they are.
llvm::Expected<std::vector<Array>>
makeArguments(const Signature &signature, const ArgumentOptions &options);

} // namespace mlir::moe

#endif // MOE_TOOLS_MOE_RUN_ARGUMENTS_H
