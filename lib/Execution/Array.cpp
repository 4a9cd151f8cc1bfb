// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Execution/Array.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir;
using namespace mlir::moe;

StringRef moe::getName(DType dtype) {
  switch (dtype) {
  case DType::f16:
    return "f16";
  case DType::bf16:
    return "bf16";
  case DType::f32:
    return "f32";
  case DType::f64:
    return "f64";
  case DType::i1:
    return "i1";
  case DType::i8:
    return "i8";
  case DType::i32:
    return "i32";
  case DType::i64:
    return "i64";
  }
  llvm_unreachable("covered switch");
}

int64_t moe::getSize(DType dtype) {
  switch (dtype) {
  case DType::i1:
  case DType::i8:
    return 1;
  case DType::f16:
  case DType::bf16:
    return 2;
  case DType::f32:
  case DType::i32:
    return 4;
  case DType::f64:
  case DType::i64:
    return 8;
  }
  llvm_unreachable("covered switch");
}

std::string moe::describe(DType dtype, ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + getName(dtype).str();
}

bool moe::isFloat(DType dtype) { return dtype <= DType::f64; }

std::optional<DType> moe::getDType(Type type) {
  if (type.isF16())
    return DType::f16;
  if (type.isBF16())
    return DType::bf16;
  if (type.isF32())
    return DType::f32;
  if (type.isF64())
    return DType::f64;
  if (type.isSignlessInteger(1))
    return DType::i1;
  if (type.isSignlessInteger(8))
    return DType::i8;
  if (type.isSignlessInteger(32))
    return DType::i32;
  if (type.isSignlessInteger(64))
    return DType::i64;
  return std::nullopt;
}

namespace {
template <typename To, typename From> To bitCast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

uint16_t encode(const llvm::fltSemantics &semantics, double value) {
  llvm::APFloat converted(value);
  bool losesInfo;
  converted.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return static_cast<uint16_t>(converted.bitcastToAPInt().getZExtValue());
}

template <typename T> T load(const char *data, int64_t index) {
  T value;
  std::memcpy(&value, data + index * sizeof(T), sizeof(T));
  return value;
}

template <typename T> void store(char *data, int64_t index, T value) {
  std::memcpy(data + index * sizeof(T), &value, sizeof(T));
}
} // namespace

float moe::decodeHalf(uint16_t bits) {
  llvm::APFloat value(llvm::APFloat::IEEEhalf(), llvm::APInt(16, bits));
  return value.convertToFloat();
}

uint16_t moe::encodeHalf(float value) {
  return encode(llvm::APFloat::IEEEhalf(), value);
}

float moe::decodeBFloat(uint16_t bits) {
  return bitCast<float>(static_cast<uint32_t>(bits) << 16);
}

uint16_t moe::encodeBFloat(float value) {
  return encode(llvm::APFloat::BFloat(), value);
}

Array::Array(DType dtype, ArrayRef<int64_t> shape)
    : dtype(dtype), shape(shape), data(allocate(getNumBytes())) {
  if (!data)
    llvm::report_bad_alloc_error("no memory for an array");
}

Array::Array(DType dtype, ArrayRef<int64_t> shape, Data data)
    : dtype(dtype), shape(shape), data(std::move(data)) {}

Array::Data Array::allocate(int64_t bytes) {
  constexpr int64_t kAlignment = 64;
  // aligned_alloc wants a multiple of the alignment, and a pointer to nothing
  // still has to be one.
  int64_t size = bytes / kAlignment * kAlignment + kAlignment;
  Data data(static_cast<char *>(std::aligned_alloc(kAlignment, size)));
  if (data)
    std::memset(data.get(), 0, size);
  return data;
}

llvm::Expected<Array> Array::create(DType dtype, ArrayRef<int64_t> shape) {
  int64_t bytes = moe::getSize(dtype);
  bool overflow = false;
  for (int64_t size : shape)
    overflow |= bool(llvm::MulOverflow(bytes, size, bytes));
  Data data;
  if (!overflow && bytes < int64_t(1) << 48)
    data = allocate(bytes);
  if (!data)
    return llvm::createStringError("no memory for " +
                                   moe::describe(dtype, shape));
  return Array(dtype, shape, std::move(data));
}

int64_t Array::getNumElements() const {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

double Array::getFloat(int64_t index) const {
  switch (dtype) {
  case DType::f16:
    return decodeHalf(load<uint16_t>(getData(), index));
  case DType::bf16:
    return decodeBFloat(load<uint16_t>(getData(), index));
  case DType::f32:
    return load<float>(getData(), index);
  case DType::f64:
    return load<double>(getData(), index);
  default:
    return static_cast<double>(getInteger(index));
  }
}

int64_t Array::getInteger(int64_t index) const {
  switch (dtype) {
  case DType::i1:
    return load<uint8_t>(getData(), index) & 1;
  case DType::i8:
    return load<int8_t>(getData(), index);
  case DType::i32:
    return load<int32_t>(getData(), index);
  case DType::i64:
    return load<int64_t>(getData(), index);
  default:
    llvm_unreachable("not an integer array");
  }
}

void Array::setFloat(int64_t index, double value) {
  switch (dtype) {
  case DType::f16:
    return store(getData(), index, encodeHalf(static_cast<float>(value)));
  case DType::bf16:
    return store(getData(), index, encodeBFloat(static_cast<float>(value)));
  case DType::f32:
    return store(getData(), index, static_cast<float>(value));
  case DType::f64:
    return store(getData(), index, value);
  default:
    llvm_unreachable("not an array of floats");
  }
}

void Array::setInteger(int64_t index, int64_t value) {
  switch (dtype) {
  case DType::i1:
    return store(getData(), index, static_cast<uint8_t>(value & 1));
  case DType::i8:
    return store(getData(), index, static_cast<int8_t>(value));
  case DType::i32:
    return store(getData(), index, static_cast<int32_t>(value));
  case DType::i64:
    return store(getData(), index, value);
  default:
    llvm_unreachable("not an integer array");
  }
}
