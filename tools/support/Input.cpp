// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Input.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/thread.h"

#include <algorithm>

using namespace mlir;

int moe::runOnLargeStack(llvm::function_ref<int()> function) {
  int result = 0;
  llvm::thread thread(std::optional<unsigned>(512u << 20),
                      [&] { result = function(); });
  thread.join();
  return result;
}

int64_t moe::measureNesting(llvm::StringRef text) {
  int64_t depth = 0, deepest = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char next = i + 1 < text.size() ? text[i + 1] : '\0';
    switch (text[i]) {
    case '"':
      for (++i; i < text.size() && text[i] != '"' && text[i] != '\n'; ++i)
        if (text[i] == '\\')
          ++i;
      break;
    case '/':
      if (next == '/')
        i = std::min(text.find('\n', i), text.size());
      break;
    case '(':
    case '[':
    case '{':
    case '<':
      if (next != '=')
        deepest = std::max(deepest, ++depth);
      break;
    case '-':
      if (next == '>')
        ++i;
      break;
    case ')':
    case ']':
    case '}':
    case '>':
      if (text[i] != '>' || next != '=')
        depth = std::max<int64_t>(depth - 1, 0);
      break;
    }
  }
  return deepest;
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
moe::openInput(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(path);
  if (!buffer)
    return llvm::createStringError("cannot open '" + path +
                                   "': " + buffer.getError().message());
  int64_t nesting = measureNesting((*buffer)->getBuffer());
  bool bytecode = (*buffer)->getBuffer().starts_with("ML\xefR");
  if (!bytecode && nesting > kMaxNesting)
    return llvm::createStringError(path + ": nested " + llvm::Twine(nesting) +
                                   " levels deep; at most " +
                                   llvm::Twine(kMaxNesting) + " are read");
  return std::move(*buffer);
}

bool moe::refuseToOverwriteInput(llvm::ArrayRef<char *> arguments) {
  llvm::StringRef output;
  llvm::SmallVector<llvm::StringRef> inputs;
  for (size_t i = 1; i < arguments.size(); ++i) {
    llvm::StringRef argument = arguments[i];
    if (argument == "-o" || argument == "--o")
      output = ++i < arguments.size() ? arguments[i] : "";
    else if (!argument.consume_front("-o=") && !argument.consume_front("--o="))
      inputs.push_back(argument);
    else
      output = argument;
  }
  // Devices may be both.
  if (!llvm::sys::fs::is_regular_file(output))
    return false;
  for (llvm::StringRef input : inputs)
    if (llvm::sys::fs::equivalent(input, output)) {
      llvm::WithColor::error() << "-o " << output << " would overwrite "
                               << "the input\n";
      return true;
    }
  return false;
}
