// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_TOOLS_MOE_RUN_ARRAY_H
#define MOE_TOOLS_MOE_RUN_ARRAY_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

namespace mlir::moe {

enum class DType { f16, bf16, f32, f64, i1, i8, i32, i64 };

/// The spelling of MLIR.
llvm::StringRef getName(DType dtype);
/// Bytes of one element; an i1 takes one.
int64_t getSize(DType dtype);
bool isFloat(DType dtype);
std::optional<DType> getDType(Type type);

float decodeHalf(uint16_t bits);
uint16_t encodeHalf(float value);
float decodeBFloat(uint16_t bits);
uint16_t encodeBFloat(float value);

/// A tensor, or a scalar of rank 0, in row-major order on the host.
class Array {
public:
  Array(DType dtype, llvm::ArrayRef<int64_t> shape);

  DType getDType() const { return dtype; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getNumElements() const;
  int64_t getNumBytes() const { return getNumElements() * getSize(dtype); }
  /// Aligned for vector accesses; never null, not even without elements.
  char *getData() { return data.get(); }
  const char *getData() const { return data.get(); }

  /// Element `index` as a number; for integers use getInteger.
  double getFloat(int64_t index) const;
  int64_t getInteger(int64_t index) const;
  void setFloat(int64_t index, double value);
  void setInteger(int64_t index, int64_t value);

  /// As in `6x8xf32`.
  std::string describe() const;

private:
  struct Free {
    void operator()(char *pointer) const { std::free(pointer); }
  };

  DType dtype;
  llvm::SmallVector<int64_t> shape;
  std::unique_ptr<char, Free> data;
};

} // namespace mlir::moe

#endif // MOE_TOOLS_MOE_RUN_ARRAY_H
