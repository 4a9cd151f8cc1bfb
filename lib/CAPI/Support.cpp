// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Support.h"

#include "moe/InitAll.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

char *moe::toError(const llvm::Twine &message) {
  return ::strdup(message.str().c_str());
}

char *moe::toError(llvm::Error error) {
  return error ? toError(llvm::toString(std::move(error))) : nullptr;
}

llvm::Error moe::runPasses(PassManager &manager, Operation *op) {
  MLIRContext *context = op->getContext();
  if (manager.getContext() != context)
    return llvm::createStringError(
        "the pass manager and the operation belong to different contexts");
  if (manager.getOpAnchorName() != op->getName().getStringRef() &&
      manager.getOpAnchorName() != OpPassManager::getAnyOpAnchorName())
    return llvm::createStringError(
        "a pass manager for '" + manager.getOpAnchorName() +
        "' cannot run on '" + op->getName().getStringRef() + "'");
  DialectRegistry registry;
  registerAllMoEExtensions(registry);
  context->appendDialectRegistry(registry);

  std::string text;
  llvm::raw_string_ostream stream(text);
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &said) {
    if (said.getSeverity() != DiagnosticSeverity::Error)
      return failure();
    stream << (text.empty() ? "" : "\n");
    if (auto place = said.getLocation()->findInstanceOf<FileLineColLoc>())
      stream << place.getFilename().getValue() << ":" << place.getLine() << ":"
             << place.getColumn() << ": ";
    stream << said;
    return success();
  });
  if (succeeded(manager.run(op)))
    return llvm::Error::success();
  return llvm::createStringError(text.empty() ? "a pass failed" : text);
}

extern "C" void moeErrorDestroy(char *error) { std::free(error); }
