// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe-c/Pipelines.h"

#include "PipelineOptions.h"
#include "Support.h"

#include "moe/Pipelines/Pipelines.h"

#include "mlir/CAPI/Pass.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Passes that do not fit their manager would end the process.
llvm::Error checkAnchor(MlirOpPassManager manager) {
  if (!manager.ptr)
    return llvm::createStringError("no pass manager to add a pipeline to");
  StringRef anchor = unwrap(manager)->getOpAnchorName();
  if (anchor == ModuleOp::getOperationName() ||
      anchor == OpPassManager::getAnyOpAnchorName())
    return llvm::Error::success();
  return llvm::createStringError(
      "the pipelines run on builtin.module, not on " + anchor);
}

template <typename Options, typename Build>
char *add(MlirOpPassManager manager, const Options *given, Build build) {
  if (llvm::Error error = checkAnchor(manager))
    return toError(std::move(error));
  llvm::Expected<Options> options = readOptions(given);
  if (!options)
    return toError(options.takeError());
  build(*unwrap(manager), *options);
  return nullptr;
}
} // namespace

void moe::setOptions(CPUOptions &options, const MoECPUOptions &given) {
  setText(options.cpu, given.cpu);
  setText(options.features, given.features);
  setText(options.prefix, given.prefix);
}

char *moeAddRaisePipeline(MlirOpPassManager manager,
                          const MoERaiseOptions *options) {
  return add(manager, options,
             [](OpPassManager &pm, const MoERaiseOptions &given) {
               RaiseOptions options;
               options.require = given.require;
               buildRaisePipeline(pm, options);
             });
}

char *moeAddFusePipeline(MlirOpPassManager manager) {
  if (llvm::Error error = checkAnchor(manager))
    return toError(std::move(error));
  buildFusePipeline(*unwrap(manager));
  return nullptr;
}

char *moeAddOptimizePipeline(MlirOpPassManager manager,
                             const MoEOptimizeOptions *options) {
  return add(manager, options,
             [](OpPassManager &pm, const MoEOptimizeOptions &given) {
               OptimizeOptions options;
               setText(options.target, given.target);
               setText(options.chip, given.chip);
               if (given.lanes)
                 options.lanes = std::max<int64_t>(given.lanes, 0);
               options.validate = given.validate;
               buildOptimizePipeline(pm, options);
             });
}

char *moeAddToCPUPipeline(MlirOpPassManager manager,
                          const MoECPUOptions *options) {
  return add(manager, options,
             [](OpPassManager &pm, const MoECPUOptions &given) {
               CPUOptions options;
               setOptions(options, given);
               buildToCPUPipeline(pm, options);
             });
}

char *moeAddToNVPTXPipeline(MlirOpPassManager manager,
                            const MoENVPTXOptions *options) {
  return add(manager, options,
             [](OpPassManager &pm, const MoENVPTXOptions &given) {
               NVPTXOptions options;
               setText(options.chip, given.chip);
               setText(options.format, given.format);
               buildToNVPTXPipeline(pm, options);
             });
}
