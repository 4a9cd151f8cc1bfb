// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Arguments.h"

#include "Npy.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
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

/// Takes its dynamic sizes from the front of `dims`.
llvm::Expected<Array> inventSized(const ValueType &type, size_t number,
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
  return inventArgument(type, shape, number, options.invent);
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
            : inventSized(type, number, options, dims);
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
