// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Arguments.h"

#include "Npy.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;

namespace {
/// splitmix64: the standard library's distributions differ between vendors.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// In (0, 1].
  double uniform() { return double((next() >> 11) + 1) * 0x1p-53; }
  /// Normal with deviation 1, by Box and Muller.
  double normal() {
    double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }

private:
  uint64_t state;
};

llvm::Expected<Array> readArgument(const ValueType &type, StringRef path,
                                   size_t number) {
  llvm::Expected<Array> array = readNpy(path, type.dtype);
  if (!array)
    return llvm::createStringError("argument " + Twine(number) + ": " +
                                   llvm::toString(array.takeError()));
  if (!type.accepts(*array))
    return llvm::createStringError(path + " holds " + array->describe() +
                                   ", but argument " + Twine(number) + " is " +
                                   type.describe());
  return array;
}

llvm::Expected<Array> inventArgument(const ValueType &type, size_t number,
                                     const ArgumentOptions &options,
                                     ArrayRef<int64_t> &dims) {
  SmallVector<int64_t> shape(type.shape);
  for (int64_t &size : shape) {
    if (!ShapedType::isDynamic(size))
      continue;
    if (dims.empty())
      return llvm::createStringError(
          "argument " + Twine(number) + " is " + type.describe() +
          "; give its dynamic sizes with --dim, or the argument with --input");
    size = dims.front();
    dims = dims.drop_front();
  }
  int64_t most = options.intMax;
  if (type.dtype == DType::i1)
    most = std::min<int64_t>(most, 1);
  if ((type.dtype == DType::i8 && most > INT8_MAX) ||
      (type.dtype == DType::i32 && most > INT32_MAX))
    return llvm::createStringError("--int-max=" + Twine(most) +
                                   " does not fit argument " + Twine(number) +
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
} // namespace

llvm::Expected<std::vector<Array>>
moe::makeArguments(const Signature &signature, const ArgumentOptions &options) {
  if (options.files.size() > signature.arguments.size())
    return llvm::createStringError(
        Twine(options.files.size()) + " times --input, but '" + signature.name +
        "' has " + Twine(signature.arguments.size()) + " arguments");
  ArrayRef<int64_t> dims(options.dims);
  std::vector<Array> arguments;
  for (auto [number, type] : llvm::enumerate(signature.arguments)) {
    llvm::Expected<Array> array =
        number < options.files.size()
            ? readArgument(type, options.files[number], number)
            : inventArgument(type, number, options, dims);
    if (!array)
      return array.takeError();
    arguments.push_back(std::move(*array));
  }
  if (!dims.empty())
    return llvm::createStringError(
        Twine(options.dims.size()) + " times --dim, but only " +
        Twine(options.dims.size() - dims.size()) +
        " dynamic sizes to choose; arguments from files have theirs");
  return arguments;
}
