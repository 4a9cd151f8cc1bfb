// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEATTACHCPUTARGETPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;

namespace {
/// What LLVM knows about the CPUs of this machine's architecture.
std::unique_ptr<llvm::MCSubtargetInfo> createSubtargetInfo() {
  llvm::InitializeNativeTarget();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  return std::unique_ptr<llvm::MCSubtargetInfo>(
      target->createMCSubtargetInfo(triple, "", ""));
}

struct AttachCPUTarget
    : moe::impl::MoEAttachCPUTargetPassBase<AttachCPUTarget> {
  using MoEAttachCPUTargetPassBase::MoEAttachCPUTargetPassBase;

  void runOnOperation() override {
    std::string name = cpu;
    SmallVector<std::string> list;
    if (failed(resolve(name, list)))
      return signalPassFailure();

    Builder builder(&getContext());
    SmallVector<StringRef> references(list.begin(), list.end());
    auto attribute = LLVM::TargetFeaturesAttr::get(&getContext(), references);
    getOperation().walk([&](FunctionOpInterface function) {
      if (function.isExternal() || function->hasAttr("target_cpu"))
        return;
      function->setAttr("target_cpu", builder.getStringAttr(name));
      if (!list.empty())
        function->setAttr("target_features", attribute);
    });
  }

private:
  /// Replaces `native` and checks every name against LLVM's tables.
  LogicalResult resolve(std::string &name, SmallVector<std::string> &list) {
    ModuleOp module = getOperation();
    std::unique_ptr<llvm::MCSubtargetInfo> subtarget = createSubtargetInfo();
    if (!subtarget)
      return emitError(module.getLoc(),
                       "LLVM has no back end for the CPU of this machine");
    // The name alone would promise what a hypervisor may have masked.
    if (name == "native") {
      name = llvm::sys::getHostCPUName().str();
      for (const auto &[feature, present] : llvm::sys::getHostCPUFeatures())
        list.push_back(((present ? "+" : "-") + feature).str());
      llvm::sort(list);
    } else if (!subtarget->isCPUStringValid(name)) {
      return emitError(module.getLoc()) << "unknown cpu '" << name << "'";
    }
    SmallVector<StringRef> added;
    StringRef(features).split(added, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
    for (StringRef feature : added) {
      feature = feature.trim();
      StringRef bare = feature.drop_front(feature.empty() ? 0 : 1);
      bool known =
          llvm::any_of(subtarget->getAllProcessorFeatures(),
                       [&](const auto &entry) { return bare == entry.Key; });
      if (!known || (feature.front() != '+' && feature.front() != '-'))
        return emitError(module.getLoc()) << "unknown cpu feature '" << feature
                                          << "'; expected +name or -name";
      llvm::erase_if(
          list, [&](StringRef other) { return other.drop_front() == bare; });
      list.push_back(feature.str());
    }
    return success();
  }
};
} // namespace
