// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "OptTool.h"

#include "Input.h"

#include "mlir/IR/Dialect.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;

namespace {
/// MLIR shows no remark by default. A run that verifies diagnostics has to name
/// the remarks it expects, so nothing is added to it.
void addDefaultRemarks(SmallVectorImpl<char *> &arguments) {
  static char missed[] = "--remarks-filter-missed=moe";
  for (char *argument : arguments) {
    StringRef name = StringRef(argument).ltrim('-');
    if (name.starts_with("remark") || name.starts_with("verify-diagnostics"))
      return;
  }
  arguments.push_back(missed);
}

LogicalResult optimize(StringRef inputPath, StringRef outputPath,
                       DialectRegistry &registry) {
  auto config = MlirOptMainConfig::createFromCLOptions();
  auto input = moe::openInput(inputPath);
  if (!input) {
    llvm::WithColor::error() << llvm::toString(input.takeError()) << "\n";
    return failure();
  }
  std::string error;
  auto output = openOutputFile(outputPath, &error);
  if (!output) {
    llvm::WithColor::error() << error << "\n";
    return failure();
  }
  if (failed(MlirOptMain(output->os(), std::move(*input), registry, config)))
    return failure();
  output->keep();
  return success();
}
} // namespace

int moe::runOptTool(int argc, char **argv, DialectRegistry &registry) {
  llvm::InitLLVM init(argc, argv);
  SmallVector<char *> arguments(argv, argv + argc);
  if (refuseToOverwriteInput(arguments))
    return 1;
  addDefaultRemarks(arguments);
  argc = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  auto [input, output] = registerAndParseCLIOptions(
      argc, arguments.data(), "moe-opt: optimizer for MoE blocks\n", registry);
  return runOnLargeStack([&, input = input, output = output] {
    auto config = MlirOptMainConfig::createFromCLOptions();
    bool list = config.shouldShowDialects() || config.shouldListPasses();
    return asMainReturnCode(
        list ? MlirOptMain(argc, arguments.data(), input, output, registry)
             : optimize(input, output, registry));
  });
}
