// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Toolkit.h"

#include "moe/Conversion/Passes.h"
#include "moe/Support/GPUChips.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOESERIALIZEKERNELSPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Files of one compilation, deleted at the end.
class TemporaryFiles {
public:
  ~TemporaryFiles() {
    for (const std::string &path : paths)
      (void)llvm::sys::fs::remove(path);
  }
  /// The path of a new file, or nothing if none can be made.
  std::optional<std::string> create(StringRef suffix, StringRef contents = "") {
    llvm::SmallString<128> path;
    int descriptor;
    if (llvm::sys::fs::createTemporaryFile("moe-kernels", suffix, descriptor,
                                           path))
      return std::nullopt;
    llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true) << contents;
    return paths.emplace_back(path.str());
  }

private:
  std::vector<std::string> paths;
};

LogicalResult runTool(Operation *op, TemporaryFiles &files, StringRef tool,
                      ArrayRef<std::string> arguments) {
  std::optional<std::string> path = findTool(tool), log = files.create("log");
  if (!path || !log)
    return op->emitError("cannot run ") << tool << " for the kernels";
  SmallVector<StringRef> command{*path};
  command.append(arguments.begin(), arguments.end());
  std::string problem;
  std::optional<StringRef> redirects[] = {std::nullopt, StringRef(*log),
                                          StringRef(*log)};
  if (llvm::sys::ExecuteAndWait(*path, command, /*Env=*/std::nullopt, redirects,
                                /*SecondsToWait=*/0, /*MemoryLimit=*/0,
                                &problem) == 0)
    return success();
  if (auto text = llvm::MemoryBuffer::getFile(*log))
    problem += (*text)->getBuffer();
  return op->emitError() << tool << " failed: " << problem;
}

/// Assembles the PTX of `binary`. The serializer could run the tools too, but
/// takes a whole toolkit, with a device library, or none.
LogicalResult assemble(gpu::BinaryOp binary, StringRef chip,
                       gpu::CompilationTarget target) {
  auto ptx = cast<gpu::ObjectAttr>(binary.getObjects()[0]);
  TemporaryFiles files;
  auto source = files.create("ptx", ptx.getObject().getValue().rtrim('\0'));
  auto output = files.create("cubin");
  if (!source || !output)
    return binary.emitError("cannot write temporary files");
  if (failed(runTool(binary, files, "ptxas",
                     {"-O3", ("-arch=" + chip).str(), *source, "-o", *output})))
    return failure();
  if (target == gpu::CompilationTarget::Fatbin) {
    auto fat = files.create("fatbin");
    std::string number = chip.drop_front(3).str();
    if (!fat ||
        failed(runTool(binary, files, "fatbinary",
                       {"-64",
                        "--image3=kind=elf,sm=" + number + ",file=" + *output,
                        "--image3=kind=ptx,sm=" + number + ",file=" + *source,
                        "--create=" + *fat})))
      return failure();
    output = fat;
  }
  auto code = llvm::MemoryBuffer::getFile(*output);
  if (!code)
    return binary.emitError("cannot read what the assembler wrote");
  auto object = gpu::ObjectAttr::get(
      binary.getContext(), ptx.getTarget(), target,
      StringAttr::get(binary.getContext(), (*code)->getBuffer()),
      ptx.getProperties(), ptx.getKernels());
  binary.setObjectsAttr(ArrayAttr::get(binary.getContext(), object));
  return success();
}

/// Drops how long compilation took, which the serializer notes down: the same
/// input has to give the same output.
void dropTimes(gpu::BinaryOp binary) {
  MLIRContext *context = binary.getContext();
  SmallVector<Attribute> objects;
  for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>()) {
    SmallVector<NamedAttribute> kept;
    for (NamedAttribute property : object.getProperties())
      if (!property.getName().strref().ends_with("TimeInMs"))
        kept.push_back(property);
    objects.push_back(gpu::ObjectAttr::get(
        context, object.getTarget(), object.getFormat(), object.getObject(),
        DictionaryAttr::get(context, kept), object.getKernels()));
  }
  binary.setObjectsAttr(ArrayAttr::get(context, objects));
}

struct SerializeKernels
    : moe::impl::MoESerializeKernelsPassBase<SerializeKernels> {
  using MoESerializeKernelsPassBase::MoESerializeKernelsPassBase;

  void runOnOperation() override {
    std::optional<StringRef> feature = ptxFeature(chip);
    std::optional<gpu::CompilationTarget> target = parseFormat(format);
    if (!feature || !target) {
      emitError(getOperation().getLoc(), "unknown chip '")
          << chip << "' or format '" << format << "'";
      return signalPassFailure();
    }
    MLIRContext *context = &getContext();
    auto nvvm = NVVM::NVVMTargetAttr::get(
        context, /*optLevel=*/3, "nvptx64-nvidia-cuda", chip, *feature);
    for (auto module : getOperation().getOps<gpu::GPUModuleOp>())
      module.setTargetsAttr(ArrayAttr::get(context, nvvm));
    if (failed(checkLibrary()))
      return signalPassFailure();
    gpu::TargetOptions options({}, {}, {}, {},
                               gpu::CompilationTarget::Assembly);
    if (failed(gpu::transformGpuModulesToBinaries(
            getOperation(), gpu::OffloadingLLVMTranslationAttrInterface(),
            options)))
      return signalPassFailure();
    for (auto binary : getOperation().getOps<gpu::BinaryOp>()) {
      dropTimes(binary);
      if (*target != gpu::CompilationTarget::Assembly &&
          failed(assemble(binary, chip, *target)))
        return signalPassFailure();
    }
  }

  /// Code must not depend on whether this machine has CUDA's device library.
  LogicalResult checkLibrary() {
    WalkResult result = getOperation().walk([](LLVM::LLVMFuncOp function) {
      if (!function.getName().starts_with("__nv_") ||
          !function->getParentOfType<gpu::GPUModuleOp>())
        return WalkResult::advance();
      function.emitError("a kernel calls ")
          << function.getName() << " of CUDA's device library";
      return WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }
};
} // namespace
