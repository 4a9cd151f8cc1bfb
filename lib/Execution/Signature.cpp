// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Execution/Signature.h"

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
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
        what + " has type " + text + "; ranked tensors and scalars of f16, " +
        "bf16, f32, f64, i1, i8, i32 and i64 can be passed");
  }
  result.dtype = *dtype;
  return result;
}
} // namespace

bool ValueType::accepts(ArrayView array) const {
  return array.dtype == dtype && array.shape.size() == shape.size() &&
         llvm::all_of(llvm::zip(shape, array.shape), [](auto sizes) {
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
