// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "ShimDialects.h"

#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/InliningUtils.h"

#include <memory>

using namespace mlir;

namespace {
/// Whatever is inlined keeps its meaning: these graphs are values only.
struct ShimInliner : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;

  bool isLegalToInline(Operation *, Operation *, bool) const final {
    return true;
  }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final {
    return true;
  }
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
};

/// No effects, so that equal operations merge. Without this, nothing could be
/// said about a graph that stands in a dialect we do not know.
struct NoEffects : MemoryEffectOpInterface::FallbackModel<NoEffects> {
  void getEffects(Operation *,
                  SmallVectorImpl<MemoryEffects::EffectInstance> &) const {}
};

/// Operations that are there for what they do and not for their results.
bool hasEffects(StringRef operation) {
  return operation.contains("assert") || operation.contains("custom_call") ||
         operation.contains("feed") || operation.contains("send") ||
         operation.contains("recv") || operation.contains("print");
}

/// The parser puts "custom op '<name>'" in front of the message.
ParseResult refusePrettyForm(OpAsmParser &parser, OperationState &state) {
  return parser.emitError(parser.getNameLoc(),
                          "is in the pretty form of its dialect; read in "
                          "generic form; print with --mlir-print-op-generic");
}

class ShimDialect : public Dialect {
public:
  ShimDialect(StringRef name, MLIRContext *context, TypeID id)
      : Dialect(name, context, id), noEffects(std::make_unique<NoEffects>()) {
    allowUnknownOperations();
    allowUnknownTypes();
    addInterfaces<ShimInliner>();
  }

  Attribute parseAttribute(DialectAsmParser &parser, Type type) const override {
    return OpaqueAttr::get(StringAttr::get(getContext(), getNamespace()),
                           parser.getFullSymbolSpec(),
                           type ? type : NoneType::get(getContext()));
  }

  Type parseType(DialectAsmParser &parser) const override {
    return OpaqueType::get(StringAttr::get(getContext(), getNamespace()),
                           parser.getFullSymbolSpec());
  }

  std::optional<ParseOpHook>
  getParseOperationHook(StringRef operation) const override {
    return ParseOpHook(refusePrettyForm);
  }

  void *getRegisteredInterfaceForOp(TypeID interface,
                                    OperationName operation) override {
    if (interface != TypeID::get<MemoryEffectOpInterface>() ||
        hasEffects(operation.getStringRef()))
      return nullptr;
    return noEffects.get();
  }

private:
  std::unique_ptr<NoEffects> noEffects;
};

struct StableHLO;
struct CHLO;
struct Torch;
struct TMTensor;

template <typename Tag> void insert(DialectRegistry &registry, StringRef name) {
  // One id for each name: the context keeps dialects by both.
  static SelfOwningTypeID id;
  TypeID typeID = id;
  registry.insert(typeID, name, [name, typeID](MLIRContext *context) {
    return context->getOrLoadDialect(name, typeID, [=] {
      return std::unique_ptr<Dialect>(new ShimDialect(name, context, typeID));
    });
  });
}
} // namespace

void moe::registerShimDialects(DialectRegistry &registry) {
  insert<StableHLO>(registry, "stablehlo");
  insert<CHLO>(registry, "chlo");
  insert<Torch>(registry, "torch");
  insert<TMTensor>(registry, "tm_tensor");
}
