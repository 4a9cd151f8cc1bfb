// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How errors and options cross from C++ to C.
#ifndef MOE_CAPI_SUPPORT_H
#define MOE_CAPI_SUPPORT_H

#include "moe-c/Support.h"

#include "mlir/IR/Operation.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Error.h"

#include <algorithm>
#include <cstring>

namespace mlir::moe {

/// A text for moeErrorDestroy.
char *toError(const llvm::Twine &message);
/// The same of an error; null if it is none.
char *toError(llvm::Error error);

/// Runs the passes; the error holds their diagnostics. Registers what they rely
/// on first.
llvm::Error runPasses(PassManager &manager, Operation *op);

/// The options as this library knows them. Fields past the end of the caller's
/// struct are zero.
template <typename Options>
llvm::Expected<Options> readOptions(const Options *given) {
  Options options = {};
  if (!given)
    return options;
  size_t size = given->size, known = std::min(size, sizeof(Options));
  if (size <= sizeof(size))
    return llvm::createStringError(
        "options of size " + llvm::Twine(size) +
        "; expected the field 'size' to be sizeof the struct");
  const char *bytes = reinterpret_cast<const char *>(given);
  if (std::any_of(bytes + known, bytes + size, [](char byte) { return byte; }))
    return llvm::createStringError(
        "options of size " + llvm::Twine(size) + " set a field past the " +
        llvm::Twine(sizeof(Options)) + " bytes that this library knows");
  std::memcpy(&options, given, known);
  return options;
}

/// Sets an option from a string of C, unless that is empty.
template <typename Option> void setText(Option &option, MlirStringRef text) {
  if (text.length)
    option = std::string(text.data, text.length);
}

} // namespace mlir::moe

#endif // MOE_CAPI_SUPPORT_H
