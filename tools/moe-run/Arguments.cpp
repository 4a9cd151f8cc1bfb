// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Arguments.h"

#include "Npy.h"

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

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

llvm::Expected<ValueType> getValueType(Type type, const Twine &what) {
  ValueType result;
  Type element = type;
  result.isScalar = true;
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    element = tensor.getElementType();
    result.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
    result.isScalar = false;
  }
  std::optional<DType> dtype = getDType(element);
  if (!dtype) {
    std::string text;
    llvm::raw_string_ostream(text) << type;
    return llvm::createStringError(
        what + " has type " + text + "; moe-run passes ranked tensors and " +
        "scalars of f16, bf16, f32, f64, i1, i8, i32 and i64");
  }
  result.dtype = *dtype;
  return result;
}

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
  int64_t most = type.dtype == DType::i1 ? 1 : options.intMax;
  if (type.dtype == DType::i1)
    most = std::min<int64_t>(most, options.intMax);
  if ((type.dtype == DType::i8 && most > INT8_MAX) ||
      (type.dtype == DType::i32 && most > INT32_MAX))
    return llvm::createStringError("--int-max=" + Twine(most) +
                                   " does not fit argument " + Twine(number) +
                                   ", which is " + type.describe());

  Array array(type.dtype, shape);
  Random random(options.seed * 0x2545f4914f6cdd1du + number);
  double scale =
      shape.size() < 2
          ? 1
          : 1 / std::sqrt(double(std::max<int64_t>(shape.back(), 1)));
  for (int64_t i = 0, e = array.getNumElements(); i < e; ++i) {
    if (isFloat(type.dtype))
      array.setFloat(i, random.normal() * scale);
    else
      array.setInteger(i, int64_t(random.next() % (uint64_t(most) + 1)));
  }
  return array;
}
} // namespace

bool ValueType::accepts(const Array &array) const {
  return array.getDType() == dtype && array.getShape().size() == shape.size() &&
         llvm::all_of(llvm::zip(shape, array.getShape()), [](auto sizes) {
           auto [wanted, found] = sizes;
           return ShapedType::isDynamic(wanted) || wanted == found;
         });
}

std::string ValueType::describe() const {
  if (isScalar)
    return getName(dtype).str();
  std::string text = "tensor<";
  for (int64_t size : shape)
    text += (ShapedType::isDynamic(size) ? "?" : std::to_string(size)) + "x";
  return text + getName(dtype).str() + ">";
}

llvm::Expected<Signature> moe::getSignature(ModuleOp module, StringRef entry) {
  auto function = dyn_cast_or_null<FunctionOpInterface>(
      SymbolTable::lookupSymbolIn(module, entry));
  if (!function || function.isExternal()) {
    SmallVector<StringRef> names;
    for (auto other : module.getOps<FunctionOpInterface>())
      if (!other.isExternal() && !other.isPrivate())
        names.push_back(other.getName());
    return llvm::createStringError(
        "no function '" + entry + "' to run; " +
        (names.empty() ? std::string("the module has no public function")
                       : "the module has " + llvm::join(names, ", ")));
  }
  Signature signature;
  signature.name = entry.str();
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto value = getValueType(type, "argument " + Twine(index));
    if (!value)
      return value.takeError();
    signature.arguments.push_back(*value);
  }
  for (auto [index, type] : llvm::enumerate(function.getResultTypes())) {
    auto value = getValueType(type, "result " + Twine(index));
    if (!value)
      return value.takeError();
    signature.results.push_back(*value);
  }
  return signature;
}

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
