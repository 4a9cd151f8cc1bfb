// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Validation/Arguments.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;

/// splitmix64.
uint64_t Random::next() {
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

double Random::uniform() { return double((next() >> 11) + 1) * 0x1p-53; }

/// Box and Muller.
double Random::normal() {
  double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(6.283185307179586 * uniform());
}

llvm::Expected<Array> moe::inventArgument(const ValueType &type,
                                          ArrayRef<int64_t> shape,
                                          size_t number,
                                          const InventOptions &options) {
  int64_t most = options.intMax;
  if (type.dtype == DType::i1)
    most = std::min<int64_t>(most, 1);
  if ((type.dtype == DType::i8 && most > INT8_MAX) ||
      (type.dtype == DType::i32 && most > INT32_MAX))
    return llvm::createStringError("integers up to " + Twine(most) +
                                   " do not fit argument " + Twine(number) +
                                   ", which is " + type.describe());
  llvm::Expected<Array> array = Array::create(type.dtype, shape);
  if (!array)
    return llvm::createStringError("argument " + Twine(number) + ": " +
                                   llvm::toString(array.takeError()));
  Random random(options.seed * 0x2545f4914f6cdd1du + number);
  double scale =
      shape.size() < 2
          ? 1
          : 1 / std::sqrt(double(std::max<int64_t>(shape.back(), 1)));
  for (int64_t i = 0, e = array->getNumElements(); i < e; ++i) {
    if (isFloat(type.dtype))
      array->setFloat(i, random.normal() * scale);
    else
      array->setInteger(i, int64_t(random.next() % (uint64_t(most) + 1)));
  }
  return array;
}
