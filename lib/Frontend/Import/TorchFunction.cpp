// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TorchImporter.h"

#include "moe/Frontend/Build.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

const Table &torch::getTable() {
  static const Table table = [] {
    Table result;
    for (auto add :
         {addConstantOps, addScalarOps, addCreationOps, addUnaryOps,
          addBinaryOps, addSelectionOps, addViewOps, addShapeOps, addMatmulOps,
          addAttentionOps, addNormOps, addReductionOps, addSortOps, addIndexOps,
          addScatterOps, addCountOps, addGroupedOps, addOnnxOps})
      add(result);
    return result;
  }();
  return table;
}

/// Of torch.operator the name of what it stands for; "torch." is left out.
static StringRef nameOf(Operation *op) {
  StringRef name = op->getName().stripDialect();
  if (name != "operator")
    return name;
  auto inner = op->getAttrOfType<StringAttr>("name");
  if (!inner)
    return name;
  name = inner.getValue();
  name.consume_front("torch.");
  return name;
}

static bool isTorchOp(Operation *op) {
  return op->getName().getDialectNamespace() == "torch";
}

FunctionImporter::FunctionImporter(func::FuncOp function)
    : builder(function.getContext()), loc(function.getLoc()),
      function(function) {}

const Item *FunctionImporter::lookup(Value value) {
  auto known = items.find(value);
  return known == items.end() ? nullptr : &known->second;
}

/// What a value of torch type `type` becomes; null, with an error, if nothing.
static Type convertType(Type type, Location loc) {
  std::string storage;
  FailureOr<TorchType> parsed = parseTorchType(type, storage);
  Builder b(type.getContext());
  if (failed(parsed)) {
    emitError(loc) << "malformed torch type " << type;
    return {};
  }
  if (parsed->name == "int")
    return b.getI64Type();
  if (parsed->name == "float")
    return b.getF64Type();
  if (parsed->name == "bool")
    return b.getI1Type();
  if (parsed->name != "vtensor") {
    emitError(loc) << "cannot take or return a " << type
                   << "; a function of tensors (!torch.vtensor) and numbers is "
                      "expected";
    return {};
  }
  if (!parsed->hasSizes) {
    emitError(loc) << type << " does not say its rank; export with shapes";
    return {};
  }
  Type dtype = parseDtype(type.getContext(), parsed->element);
  if (!dtype) {
    emitError(loc) << "unsupported element type '" << parsed->element << "' in "
                   << type;
    return {};
  }
  return RankedTensorType::get(parsed->shape, signless(dtype));
}

static Item makeItem(Value value, Type torchType) {
  std::string storage;
  TorchType parsed = *parseTorchType(torchType, storage);
  if (parsed.name == "vtensor")
    return {Item::Kind::tensor,
            {value, parseDtype(value.getContext(), parsed.element)},
            {},
            {},
            {}};
  Item::Kind kind = parsed.name == "int"     ? Item::Kind::integer
                    : parsed.name == "float" ? Item::Kind::real
                                             : Item::Kind::boolean;
  return {kind, {}, value, {}, {}};
}

/// Every name that is not known, once.
LogicalResult FunctionImporter::checkNames() {
  llvm::StringMap<bool> seen;
  function.walk([&](Operation *op) {
    if (!isTorchOp(op))
      return;
    StringRef name = nameOf(op);
    if (getTable().contains(name) || !seen.try_emplace(name).second)
      return;
    op->emitError("'torch.")
        << name
        << "' is not among the torch operations that moe-import takes; "
           "decompose it before the export (run_decompositions), or see the "
           "table in lib/Frontend/Import/README.md";
  });
  return success(seen.empty());
}

LogicalResult FunctionImporter::convertSignature() {
  SmallVector<Type> inputs, results;
  auto convert = [&](Type type) {
    return isTorchType(type) ? convertType(type, function.getLoc()) : type;
  };
  for (Type type : function.getArgumentTypes())
    inputs.push_back(convert(type));
  for (Type type : function.getResultTypes())
    results.push_back(convert(type));
  if (llvm::is_contained(inputs, Type()) || llvm::is_contained(results, Type()))
    return failure();
  if (!function.isDeclaration())
    for (auto [argument, type] :
         llvm::zip_equal(function.getArguments(), inputs)) {
      Type before = argument.getType();
      argument.setType(type);
      if (before != type)
        items[argument] = makeItem(argument, before);
    }
  function.setType(builder.getFunctionType(inputs, results));
  return success();
}

bool FunctionImporter::isConcerned() {
  bool concerned =
      llvm::any_of(function.getFunctionType().getInputs(), isTorchType) ||
      llvm::any_of(function.getFunctionType().getResults(), isTorchType);
  function.walk([&](Operation *op) { concerned |= isTorchOp(op); });
  return concerned;
}

LogicalResult FunctionImporter::run() {
  if (failed(checkNames()))
    return failure();
  if (!function.isDeclaration() && !function.getBody().hasOneBlock())
    return function.emitError(
        "a torch graph of several blocks is not imported; export without "
        "control flow");
  if (failed(convertSignature()))
    return failure();
  if (function.isDeclaration())
    return success();
  Block &block = function.getBody().front();
  SmallVector<Operation *> ops, imported;
  for (Operation &op : block)
    ops.push_back(&op);
  for (Operation *op : ops) {
    builder.setInsertionPoint(op);
    loc = op->getLoc();
    if (!isTorchOp(op)) {
      if (failed(importForeign(op)))
        return failure();
      continue;
    }
    if (failed(importOp(op)))
      return failure();
    imported.push_back(op);
  }
  for (Operation *op : llvm::reverse(imported))
    op->erase();
  IRRewriter rewriter(getContext());
  eraseDeadOps(function, rewriter);
  return success();
}

LogicalResult FunctionImporter::importOp(Operation *op) {
  const Importer &importer = getTable().find(nameOf(op))->second;
  for (Value operand : op->getOperands())
    if (!lookup(operand))
      return op->emitError("reads a ")
             << operand.getType() << " that no torch operation made";
  Call call(*this, op);
  if (failed(call.check(importer)) || failed(importer.import(call)))
    return failure();
  for (Value result : op->getResults())
    if (!lookup(result) && !result.use_empty())
      return op->emitError("makes a ")
             << result.getType() << ", which is not what it should make";
  return success();
}

/// Returns and calls take what the values became; other ops take none.
LogicalResult FunctionImporter::importForeign(Operation *op) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isTorchType(operand.get().getType()) && !lookup(operand.get()))
      continue;
    const Item *item = lookup(operand.get());
    if (!item || !isa<func::ReturnOp, func::CallOp>(op))
      return op->emitError("takes a torch value, and only torch operations, "
                           "func.call and func.return may");
    Value value =
        item->kind == Item::Kind::tensor ? item->tensor.value : item->scalar;
    if (!value)
      return op->emitError("takes a list, a text or nothing; a tensor or a "
                           "number is expected");
    Type wanted = isTorchType(operand.get().getType())
                      ? convertType(operand.get().getType(), loc)
                      : operand.get().getType();
    if (isa<func::ReturnOp>(op))
      wanted = function.getResultTypes()[operand.getOperandNumber()];
    if (!wanted)
      return failure();
    if (value.getType() != wanted)
      value = tensor::CastOp::create(builder, loc, wanted, value);
    operand.set(value);
  }
  for (OpResult result : op->getResults()) {
    Type before = result.getType();
    if (!isTorchType(before))
      continue;
    Type type = convertType(before, loc);
    if (!type)
      return failure();
    if (!isa<func::CallOp>(op))
      return op->emitError("makes a torch value, and only torch operations and "
                           "func.call may");
    result.setType(type);
    items[result] = makeItem(result, before);
  }
  return success();
}
