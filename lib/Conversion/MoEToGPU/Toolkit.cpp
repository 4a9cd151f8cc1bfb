// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Toolkit.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

using namespace mlir;

namespace {
struct Chip {
  llvm::StringLiteral name, feature;
};
// The oldest PTX version that has the chip and every instruction the kernels
// use.
constexpr Chip kChips[] = {
    {"sm_80", "+ptx80"},   {"sm_86", "+ptx80"},   {"sm_87", "+ptx80"},
    {"sm_89", "+ptx80"},   {"sm_90", "+ptx80"},   {"sm_90a", "+ptx80"},
    {"sm_100", "+ptx86"},  {"sm_100a", "+ptx86"}, {"sm_101", "+ptx86"},
    {"sm_101a", "+ptx86"}, {"sm_120", "+ptx87"},  {"sm_120a", "+ptx87"},
};

std::optional<std::string> executableAt(const Twine &folder, StringRef tool) {
  llvm::SmallString<128> path;
  folder.toVector(path);
  llvm::sys::path::append(path, tool);
  if (llvm::sys::fs::can_execute(path))
    return path.str().str();
  return std::nullopt;
}
} // namespace

std::optional<StringRef> moe::ptxFeature(StringRef chip) {
  for (const Chip &known : kChips)
    if (known.name == chip)
      return known.feature;
  return std::nullopt;
}

std::string moe::knownChips() {
  return llvm::join(
      llvm::map_range(kChips, [](const Chip &chip) { return chip.name.str(); }),
      ", ");
}

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
