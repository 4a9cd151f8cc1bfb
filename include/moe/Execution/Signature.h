// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_EXECUTION_SIGNATURE_H
#define MOE_EXECUTION_SIGNATURE_H

#include "moe/Execution/Array.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>

namespace mlir::moe {

/// A ranked tensor or a scalar; sizes may be ShapedType::kDynamic.
struct ValueType {
  DType dtype;
  SmallVector<int64_t> shape;
  bool isScalar;

  /// Whether an array fits; dynamic sizes take any.
  bool accepts(ArrayView array) const;
  /// As MLIR prints it.
  std::string describe() const;
};

struct Signature {
  std::string name;
  SmallVector<ValueType> arguments, results;
};

/// The types of function `entry`; an error names what cannot be passed.
llvm::Expected<Signature> getSignature(ModuleOp module, StringRef entry);

} // namespace mlir::moe

#endif // MOE_EXECUTION_SIGNATURE_H
