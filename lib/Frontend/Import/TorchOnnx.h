// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_IMPORT_TORCHONNX_H
#define MOE_FRONTEND_IMPORT_TORCHONNX_H

#include "TorchImporter.h"

namespace mlir::moe::torch {

/// Reads an ONNX operator: what is an argument of a torch op is an attribute
/// torch.onnx.NAME there, or a tensor that may be left out.
struct Onnx {
  Call &call;
  FunctionImporter &f;

  explicit Onnx(Call &call) : call(call), f(call.f) {}

  /// The first `count` operands must be tensors, the others may be left out.
  LogicalResult tensors(unsigned count) const;
  int64_t integer(StringRef name, int64_t otherwise) const;
  double number(StringRef name, double otherwise) const;
  StringRef text(StringRef name, StringRef otherwise) const;
  std::optional<SmallVector<int64_t>> integers(StringRef name) const;
  int64_t opset() const;

  /// `dim` from zero on, of `rank`; an error if it is out of range.
  FailureOr<int64_t> dimension(int64_t dim, int64_t rank) const;
  FailureOr<SmallVector<int64_t>> dimensions(ArrayRef<int64_t> dims,
                                             int64_t rank) const;
  /// The elements of operand i, a vector of known length.
  FailureOr<Sizes> contents(unsigned i) const;
  FailureOr<SmallVector<int64_t>> knownContents(unsigned i) const;
  /// Axes in operand i, or, in older opsets, in the attribute.
  FailureOr<std::optional<SmallVector<int64_t>>> axes(unsigned i) const;
};

void addOnnxShapeOps(Table &table);
void addOnnxMathOps(Table &table);

} // namespace mlir::moe::torch

#endif // MOE_FRONTEND_IMPORT_TORCHONNX_H
