// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_EXECUTION_ARRAY_H
#define MOE_EXECUTION_ARRAY_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

namespace mlir::moe {

enum class DType { f16, bf16, f32, f64, i1, i8, i32, i64 };

/// The spelling of MLIR.
llvm::StringRef getName(DType dtype);
/// As in `6x8xf32`.
std::string describe(DType dtype, llvm::ArrayRef<int64_t> shape);
/// Bytes of one element; an i1 takes one.
int64_t getSize(DType dtype);
bool isFloat(DType dtype);
std::optional<DType> getDType(Type type);

float decodeHalf(uint16_t bits);
uint16_t encodeHalf(float value);
float decodeBFloat(uint16_t bits);
uint16_t encodeBFloat(float value);

/// A tensor, or a scalar of rank 0, in row-major order, that somebody else
/// owns.
struct ArrayView {
  DType dtype;
  llvm::ArrayRef<int64_t> shape;
  void *data;
};

/// A tensor, or a scalar of rank 0, in row-major order on the host.
class Array {
public:
  /// Ends the process if there is not enough memory.
  Array(DType dtype, llvm::ArrayRef<int64_t> shape);
  /// For sizes that nobody has checked.
  static llvm::Expected<Array> create(DType dtype,
                                      llvm::ArrayRef<int64_t> shape);

  DType getDType() const { return dtype; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getNumElements() const;
  int64_t getNumBytes() const { return getNumElements() * getSize(dtype); }
  /// Aligned for vector accesses; never null, not even without elements.
  char *getData() { return data.get(); }
  const char *getData() const { return data.get(); }
  operator ArrayView() { return {dtype, shape, data.get()}; }

  /// Element `index` as a number; for integers use getInteger.
  double getFloat(int64_t index) const;
  int64_t getInteger(int64_t index) const;
  void setFloat(int64_t index, double value);
  void setInteger(int64_t index, int64_t value);

  std::string describe() const { return moe::describe(dtype, shape); }

private:
  struct Free {
    void operator()(char *pointer) const { std::free(pointer); }
  };

  using Data = std::unique_ptr<char, Free>;
  /// Null if there is not enough memory.
  static Data allocate(int64_t bytes);
  Array(DType dtype, llvm::ArrayRef<int64_t> shape, Data data);

  DType dtype;
  llvm::SmallVector<int64_t> shape;
  Data data;
};

} // namespace mlir::moe

#endif // MOE_EXECUTION_ARRAY_H
