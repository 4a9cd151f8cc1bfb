// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::moe;

std::string hlo::textOf(Attribute attribute) {
  if (auto opaque = dyn_cast<OpaqueAttr>(attribute))
    return opaque.getAttrData().str();
  std::string text;
  llvm::raw_string_ostream(text) << attribute;
  StringRef rest(text);
  // "#stablehlo.dot<...>" or "#stablehlo<...>"
  if (!rest.consume_front("#"))
    return text;
  size_t end = rest.find_first_of(".<");
  if (end == StringRef::npos)
    return rest.str();
  if (rest[end] == '<')
    return rest.substr(end + 1).drop_back().str();
  return rest.substr(end + 1).str();
}

std::optional<SmallVector<int64_t>> hlo::integersOf(Attribute attribute) {
  SmallVector<int64_t> values;
  if (auto array = dyn_cast_or_null<DenseI64ArrayAttr>(attribute))
    return llvm::to_vector(array.asArrayRef());
  if (auto array = dyn_cast_or_null<DenseI32ArrayAttr>(attribute))
    return SmallVector<int64_t>(llvm::iterator_range(array.asArrayRef()));
  if (auto array = dyn_cast_or_null<DenseBoolArrayAttr>(attribute))
    return SmallVector<int64_t>(llvm::iterator_range(array.asArrayRef()));
  if (auto dense = dyn_cast_or_null<DenseIntElementsAttr>(attribute)) {
    bool isBool = dense.getElementType().isInteger(1);
    for (const APInt &value : dense.getValues<APInt>())
      values.push_back(isBool ? value.getZExtValue() : value.getSExtValue());
    return values;
  }
  if (auto array = dyn_cast_or_null<ArrayAttr>(attribute)) {
    for (Attribute element : array) {
      auto value = dyn_cast<IntegerAttr>(element);
      if (!value)
        return std::nullopt;
      values.push_back(value.getValue().getSExtValue());
    }
    return values;
  }
  return std::nullopt;
}

SmallVector<int64_t> hlo::integers(Operation *op, StringRef name) {
  return integersOf(op->getAttr(name)).value_or(SmallVector<int64_t>());
}

std::optional<int64_t> hlo::integer(Operation *op, StringRef name) {
  auto value = op->getAttrOfType<IntegerAttr>(name);
  if (!value)
    return std::nullopt;
  return value.getValue().getSExtValue();
}

std::string hlo::enumerator(Operation *op, StringRef name) {
  Attribute attribute = op->getAttr(name);
  if (!attribute)
    return "";
  if (auto string = dyn_cast<StringAttr>(attribute))
    return string.str();
  std::string text = textOf(attribute);
  return StringRef(text).rtrim(" >").rsplit(' ').second.str();
}

hlo::Fields::Fields(Attribute attribute) {
  if (!attribute)
    return;
  std::string text = textOf(attribute);
  // name = [1, 2], name = 3
  StringRef rest = StringRef(text).split('<').second.rtrim(" >");
  while (!rest.empty()) {
    auto [name, after] = rest.split('=');
    after = after.ltrim();
    StringRef value;
    if (after.consume_front("["))
      std::tie(value, rest) = after.split(']');
    else
      std::tie(value, rest) = after.split(',');
    rest = rest.ltrim(" ,");
    SmallVector<StringRef> parts;
    value.split(parts, ',', -1, /*KeepEmpty=*/false);
    SmallVector<int64_t> &numbers = fields[name.trim()];
    for (StringRef part : parts) {
      int64_t number;
      if (!part.trim().getAsInteger(10, number))
        numbers.push_back(number);
    }
  }
}

ArrayRef<int64_t> hlo::Fields::operator[](StringRef name) const {
  auto found = fields.find(name);
  return found == fields.end() ? ArrayRef<int64_t>() : found->second;
}

InFlightDiagnostic hlo::malformed(Operation *op, const Twine &what) {
  return op->emitError() << "malformed " << op->getName() << ": expected "
                         << what;
}
