// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_TOOLS_MOE_RUN_ARGUMENTS_H
#define MOE_TOOLS_MOE_RUN_ARGUMENTS_H

#include "Array.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace mlir::moe {

/// A ranked tensor or a scalar; sizes may be ShapedType::kDynamic.
struct ValueType {
  DType dtype;
  SmallVector<int64_t> shape;
  bool isScalar;

  /// Whether an array fits; dynamic sizes take any.
  bool accepts(const Array &array) const;
  /// As MLIR prints it.
  std::string describe() const;
};

struct Signature {
  std::string name;
  SmallVector<ValueType> arguments, results;
};

/// The types of function `entry`; an error names what moe-run cannot pass.
llvm::Expected<Signature> getSignature(ModuleOp module, StringRef entry);

struct ArgumentOptions {
  std::vector<std::string> files;
  std::vector<int64_t> dims;
  uint64_t seed = 0;
  int64_t intMax = 1;
};

/// Reads the given files, one for each of the first arguments, and invents the
/// rest. Every argument has a stream of random numbers of its own, so giving
/// one as a file leaves the others as they are.
llvm::Expected<std::vector<Array>>
makeArguments(const Signature &signature, const ArgumentOptions &options);

} // namespace mlir::moe

#endif // MOE_TOOLS_MOE_RUN_ARGUMENTS_H
