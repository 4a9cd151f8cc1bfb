// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TorchImporter.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

bool torch::isTorchType(Type type) {
  if (auto opaque = dyn_cast<OpaqueType>(type))
    return opaque.getDialectNamespace() == "torch";
  return type.getDialect().getNamespace() == "torch";
}

/// The text of the printed type, whoever registered it:
///
///   !torch.vtensor<[1,?,8],f32>   !torch.int   !torch.list<optional<vtensor>>
FailureOr<TorchType> torch::parseTorchType(Type type, std::string &storage) {
  if (!isTorchType(type))
    return failure();
  storage.clear();
  llvm::raw_string_ostream(storage) << type;
  StringRef text = storage;
  if (!text.consume_front("!torch."))
    return failure();
  TorchType result;
  result.name =
      text.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
  text = text.drop_front(result.name.size());
  if (result.name != "vtensor")
    return result;
  if (!text.consume_front("<") || !text.consume_back(">"))
    return result;
  if (text.consume_front("[")) {
    auto [sizes, rest] = text.split(']');
    result.hasSizes = true;
    SmallVector<StringRef> parts;
    if (!sizes.trim().empty())
      sizes.split(parts, ',');
    for (StringRef part : parts) {
      int64_t size = ShapedType::kDynamic;
      part = part.trim();
      if (part != "?" && (part.getAsInteger(10, size) || size < 0))
        return failure();
      result.shape.push_back(size);
    }
    text = rest;
  } else {
    text.consume_front("*");
  }
  text = text.ltrim();
  if (text.consume_front(","))
    result.element = text.trim();
  return result;
}

Type torch::parseDtype(MLIRContext *context, StringRef text) {
  auto integer = [&](unsigned width, IntegerType::SignednessSemantics sign) {
    return IntegerType::get(context, width, sign);
  };
  return llvm::StringSwitch<function_ref<Type()>>(text)
      .Case("f16", [&]() -> Type { return Float16Type::get(context); })
      .Case("bf16", [&]() -> Type { return BFloat16Type::get(context); })
      .Case("f32", [&]() -> Type { return Float32Type::get(context); })
      .Case("f64", [&]() -> Type { return Float64Type::get(context); })
      .Case("si8", [&]() -> Type { return integer(8, IntegerType::Signed); })
      .Case("si16", [&]() -> Type { return integer(16, IntegerType::Signed); })
      .Case("si32", [&]() -> Type { return integer(32, IntegerType::Signed); })
      .Case("si64", [&]() -> Type { return integer(64, IntegerType::Signed); })
      .Case("ui8", [&]() -> Type { return integer(8, IntegerType::Unsigned); })
      .Case("i1", [&]() -> Type { return integer(1, IntegerType::Signless); })
      .Default([]() -> Type { return {}; })();
}

Type torch::dtypeOfCode(MLIRContext *context, int64_t code) {
  static constexpr StringLiteral names[] = {
      "ui8", "si8", "si16", "si32", "si64", "f16", "f32", "f64",
      "",    "",    "",     "i1",   "",     "",    "",    "bf16"};
  if (code < 0 || code >= int64_t(std::size(names)))
    return {};
  return parseDtype(context, names[code]);
}

Type torch::signless(Type dtype) {
  if (auto integer = dyn_cast<IntegerType>(dtype))
    return IntegerType::get(dtype.getContext(), integer.getWidth());
  return dtype;
}

Type torch::mathType(Type dtype) {
  if (isFloat(dtype) && dtype.getIntOrFloatBitWidth() < 32)
    return Float32Type::get(dtype.getContext());
  return dtype;
}
