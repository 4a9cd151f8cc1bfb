// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Toolkit.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

using namespace mlir;

namespace {
std::optional<std::string> executableAt(const Twine &folder, StringRef tool) {
  llvm::SmallString<128> path;
  folder.toVector(path);
  llvm::sys::path::append(path, tool);
  if (llvm::sys::fs::can_execute(path))
    return path.str().str();
  return std::nullopt;
}
} // namespace

std::optional<gpu::CompilationTarget> moe::parseFormat(StringRef format) {
  return llvm::StringSwitch<std::optional<gpu::CompilationTarget>>(format)
      .Case("isa", gpu::CompilationTarget::Assembly)
      .Case("bin", gpu::CompilationTarget::Binary)
      .Case("fatbin", gpu::CompilationTarget::Fatbin)
      .Default(std::nullopt);
}

std::optional<std::string> moe::findTool(StringRef tool) {
  if (auto ptxas = llvm::sys::Process::GetEnv("MOE_PTXAS");
      ptxas && !ptxas->empty()) {
    if (tool == "ptxas")
      return llvm::sys::fs::can_execute(*ptxas) ? ptxas : std::nullopt;
    if (auto path = executableAt(llvm::sys::path::parent_path(*ptxas), tool))
      return path;
  }
  if (auto home = llvm::sys::Process::GetEnv("CUDA_HOME");
      home && !home->empty())
    if (auto path = executableAt(Twine(*home) + "/bin", tool))
      return path;
  if (llvm::ErrorOr<std::string> path = llvm::sys::findProgramByName(tool))
    return *path;
  return std::nullopt;
}
