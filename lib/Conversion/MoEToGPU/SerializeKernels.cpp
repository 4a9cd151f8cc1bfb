// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Toolkit.h"

#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOESERIALIZEKERNELSPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// A folder that looks like a CUDA toolkit to the serializer, which wants its
/// tools as bin/ptxas and bin/fatbinary of one folder.
class ToolkitFolder {
public:
  explicit ToolkitFolder(ArrayRef<StringRef> tools) {
    if (llvm::sys::fs::createUniqueDirectory("moe-toolkit", path))
      return;
    llvm::SmallString<128> bin(path);
    llvm::sys::path::append(bin, "bin");
    if (llvm::sys::fs::create_directory(bin))
      return;
    for (StringRef tool : tools)
      if (std::optional<std::string> real = findTool(tool)) {
        llvm::SmallString<128> link(bin);
        llvm::sys::path::append(link, tool);
        (void)llvm::sys::fs::create_link(*real, link);
      }
  }
  ~ToolkitFolder() {
    if (!path.empty())
      (void)llvm::sys::fs::remove_directories(path);
  }
  ToolkitFolder(const ToolkitFolder &) = delete;
  ToolkitFolder &operator=(const ToolkitFolder &) = delete;

  StringRef getPath() const { return path; }

private:
  llvm::SmallString<128> path;
};

struct SerializeKernels
    : moe::impl::MoESerializeKernelsPassBase<SerializeKernels> {
  using MoESerializeKernelsPassBase::MoESerializeKernelsPassBase;

  void runOnOperation() override {
    std::optional<StringRef> feature = ptxFeature(chip);
    std::optional<gpu::CompilationTarget> target = parseFormat(format);
    if (!feature || !target) {
      getOperation().emitError("unknown chip '")
          << chip << "' or format '" << format << "'";
      return signalPassFailure();
    }
    MLIRContext *context = &getContext();
    auto nvvm = NVVM::NVVMTargetAttr::get(context, /*optLevel=*/3,
                                          "nvptx64-nvidia-cuda", chip, *feature);
    for (auto module : getOperation().getOps<gpu::GPUModuleOp>())
      module.setTargetsAttr(ArrayAttr::get(context, nvvm));
    // PTX needs no tools, so none are looked for.
    std::optional<ToolkitFolder> toolkit;
    if (*target == gpu::CompilationTarget::Binary)
      toolkit.emplace(ArrayRef<StringRef>{"ptxas"});
    if (*target == gpu::CompilationTarget::Fatbin)
      toolkit.emplace(ArrayRef<StringRef>{"ptxas", "fatbinary"});
    gpu::TargetOptions options(toolkit ? toolkit->getPath() : StringRef(), {},
                               {}, {}, *target);
    if (failed(gpu::transformGpuModulesToBinaries(
            getOperation(), gpu::OffloadingLLVMTranslationAttrInterface(),
            options)))
      signalPassFailure();
  }
};
} // namespace
