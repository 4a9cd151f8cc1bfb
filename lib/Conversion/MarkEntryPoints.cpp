// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringExtras.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEMARKENTRYPOINTSPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;

namespace {
constexpr StringLiteral kSignature = "moe.signature";

bool isStartOfName(StringRef text) {
  return !llvm::isDigit(text.front()) && llvm::all_of(text, [](char c) {
    return llvm::isAlnum(c) || c == '_';
  });
}

struct MarkEntryPoints
    : moe::impl::MoEMarkEntryPointsPassBase<MarkEntryPoints> {
  using MoEMarkEntryPointsPassBase::MoEMarkEntryPointsPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (!prefix.empty() && !isStartOfName(prefix)) {
      module.emitError() << "prefix '" << prefix
                         << "' is not the start of a name in C";
      return signalPassFailure();
    }
    for (auto function : module.getOps<func::FuncOp>()) {
      if (function.isPrivate() || function.isDeclaration())
        continue;
      mark(function);
      if (failed(rename(function)))
        return signalPassFailure();
    }
  }

private:
  void mark(func::FuncOp function) {
    Builder builder(&getContext());
    StringRef writable = bufferization::BufferizationDialect::kWritableAttrName;
    function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                      builder.getUnitAttr());
    for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
      if (isa<TensorType>(type) && !function.getArgAttr(index, writable))
        function.setArgAttr(index, writable, builder.getBoolAttr(false));
  }

  LogicalResult rename(func::FuncOp function) {
    if (function->hasAttr(kSignature))
      return success();
    function->setAttr(kSignature, TypeAttr::get(function.getFunctionType()));
    if (prefix.empty())
      return success();
    auto name = StringAttr::get(&getContext(), prefix + function.getName());
    if (SymbolTable::lookupSymbolIn(getOperation(), name))
      return function.emitError()
             << "cannot be called '" << name.getValue()
             << "': the module has another symbol of that name";
    if (failed(
            SymbolTable::replaceAllSymbolUses(function, name, getOperation())))
      return function.emitError() << "cannot be renamed: its uses are unknown";
    function.setName(name);
    return success();
  }
};
} // namespace
