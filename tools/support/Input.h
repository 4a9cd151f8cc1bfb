// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What every tool does with input nobody has checked.
#ifndef MOE_TOOLS_SUPPORT_INPUT_H
#define MOE_TOOLS_SUPPORT_INPUT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace mlir::moe {

/// MLIR's parser recurses; beyond this even a large stack runs out.
constexpr int64_t kMaxNesting = 10000;

/// Calls `function` on a thread with a stack for kMaxNesting levels.
int runOnLargeStack(llvm::function_ref<int()> function);

/// How deep the brackets of a text nest; strings and comments do not count.
int64_t measureNesting(llvm::StringRef text);

/// Opens a file, or standard input for "-", and refuses what nests too deep.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
openInput(llvm::StringRef path);

/// Says so, and returns true, if the file after -o is also an input: opening it
/// would empty it, and a failure would delete it.
bool refuseToOverwriteInput(llvm::ArrayRef<char *> arguments);

} // namespace mlir::moe

#endif // MOE_TOOLS_SUPPORT_INPUT_H
