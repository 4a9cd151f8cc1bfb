// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_TOOLS_MOE_RUN_OPTIONS_H
#define MOE_TOOLS_MOE_RUN_OPTIONS_H

#include "Arguments.h"
#include "Backend.h"

#include "mlir/IR/Remarks.h"

namespace mlir::moe {

/// The command line, checked.
struct RunOptions {
  std::string input, entry, backend, compare;
  BackendOptions backendOptions;
  ArgumentOptions arguments;
  std::vector<std::string> outputs, expected, plugins;
  std::optional<double> rtol, atol;
  int64_t repeat;
  bool time;
  /// Compare at the edges of routing, too.
  bool edges;
  remark::RemarkCategories remarks;
};

/// Exits by itself on --help and on options there are not.
llvm::Expected<RunOptions> parseOptions(int argc, char **argv);

} // namespace mlir::moe

#endif // MOE_TOOLS_MOE_RUN_OPTIONS_H
