// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Pipelines/Pipelines.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

namespace {
struct NoOptions : PassPipelineOptions<NoOptions> {};

/// PassPipelineRegistration would end the program where the pipeline stands on
/// the wrong operation, and say nothing of options that there are none of.
template <typename Options, typename Build>
void add(StringRef name, StringRef description, Build build) {
  auto fill = [name = name.str(),
               build](OpPassManager &pm, StringRef text,
                      function_ref<LogicalResult(const Twine &)> error) {
    StringRef anchor = pm.getOpAnchorName();
    if (anchor != ModuleOp::getOperationName() &&
        anchor != OpPassManager::getAnyOpAnchorName())
      return error("'" + Twine(name) + "' runs on builtin.module, not on " +
                   anchor);
    Options options;
    if (failed(options.parseFromString(text)))
      return failure();
    if constexpr (std::is_same_v<Options, NoOptions>)
      build(pm);
    else
      build(pm, options);
    return success();
  };
  registerPassPipeline(name, description, fill,
                       [](function_ref<void(const detail::PassOptions &)> use) {
                         use(Options());
                       });
}
} // namespace

void moe::registerPipelines() {
  add<NoOptions>("moe-import",
                 "Foreign ops become upstream ops and moe primitives",
                 buildImportPipeline);
  add<RaiseOptions>("moe-raise",
                    "Recognise MoE blocks and write them as moe stage ops",
                    buildRaisePipeline);
  add<NoOptions>("moe-fuse", "Stage ops become codegen ops", buildFusePipeline);
  add<OptimizeOptions>("moe-optimize", "Raise, fuse and schedule",
                       buildOptimizePipeline);
  add<NoOptions>(
      "moe-to-reference",
      "The input as it stands, through upstream lowerings to the llvm dialect",
      buildReferencePipeline);
  add<CPUOptions>("moe-to-cpu", "Everything down to the llvm dialect for a CPU",
                  buildToCPUPipeline);
  add<NoOptions>("moe-lower-to-llvm",
                 "Bufferized code to the llvm dialect for a CPU",
                 buildLowerToLLVMPipeline);
  add<NVPTXOptions>("moe-to-nvptx",
                    "Everything down to the llvm dialect and one gpu.binary",
                    buildToNVPTXPipeline);
}
