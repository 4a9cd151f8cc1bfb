// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constants and lists, and what a graph asserts of its values.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

static LogicalResult importInt(Call &call) {
  auto value = call.op->getAttrOfType<IntegerAttr>("value");
  if (!value)
    return call.error() << "expected an integer 'value'";
  return call.giveInteger(call.f.constantInt(value.getInt()));
}

static LogicalResult importFloat(Call &call) {
  auto value = call.op->getAttrOfType<FloatAttr>("value");
  if (!value)
    return call.error() << "expected a float 'value'";
  Type f64 = call.f.builder.getF64Type();
  Value constant = call.f.constant(f64, value.getValueAsDouble());
  return call.giveItem({Item::Kind::real, {}, constant, {}, {}});
}

static LogicalResult importNumber(Call &call) {
  return call.op->getAttrOfType<FloatAttr>("value") ? importFloat(call)
                                                    : importInt(call);
}

static LogicalResult importBool(Call &call) {
  auto value = call.op->getAttrOfType<BoolAttr>("value");
  if (!value)
    return call.error() << "expected a boolean 'value'";
  return call.giveBool(call.f.constant(value));
}

static LogicalResult importText(Call &call) {
  auto value = call.op->getAttrOfType<StringAttr>("value");
  if (!value)
    return call.error() << "expected a string 'value'";
  return call.giveItem({Item::Kind::text, {}, {}, value.getValue(), {}});
}

static LogicalResult importNone(Call &call) { return call.giveItem({}); }

/// dense<...> : tensor<...xsi64>, or a resource, with signless elements.
static LogicalResult importLiteral(Call &call) {
  auto value = call.op->getAttrOfType<ElementsAttr>("value");
  if (!value)
    return call.error() << "expected elements as 'value'";
  return importElements(call, value);
}

LogicalResult torch::importElements(Call &call, ElementsAttr value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !isa<IntegerType, FloatType>(type.getElementType()))
    return call.error() << "expected a tensor of numbers, found "
                        << value.getType();
  Type element = signless(type.getElementType());
  RankedTensorType plain = type.clone(element);
  TypedAttr result;
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    result = dense.bitcast(element);
  } else if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    // Constants that the passes can look into.
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return call.error() << "the data of resource '"
                          << resource.getRawHandle().getKey()
                          << "' are missing";
    bool splat = false;
    if (element.isInteger(1) ||
        !DenseElementsAttr::isValidRawBuffer(plain, blob->getData(), splat))
      return call.error() << "the data of resource '"
                          << resource.getRawHandle().getKey() << "' do not fit "
                          << type;
    result = DenseElementsAttr::getFromRawBuffer(plain, blob->getData());
  }
  if (!result)
    return call.error() << "expected dense elements";
  return call.give(call.f.constant(result));
}

static LogicalResult importList(Call &call) {
  Item list;
  list.kind = Item::Kind::list;
  for (unsigned i = 0; i < call.size(); ++i)
    list.list.push_back(call.item(i));
  return call.giveItem(std::move(list));
}

static LogicalResult importUnpack(Call &call) {
  if (call.size() != 1 || call.item(0).kind != Item::Kind::list)
    return call.error() << "expected a list";
  std::vector<Item> list = call.item(0).list;
  if (list.size() != call.op->getNumResults())
    return call.error() << "unpacks " << call.op->getNumResults()
                        << " elements of a list of " << list.size();
  for (auto [i, item] : llvm::enumerate(list)) {
    LogicalResult given = item.kind == Item::Kind::tensor
                              ? call.give(item.tensor, i)
                              : call.giveItem(item, i);
    if (failed(given))
      return failure();
  }
  return success();
}

static LogicalResult importGetItem(Call &call) {
  const Item &list = call.item(0);
  int64_t i = call.integer(1);
  int64_t count = list.list.size();
  if (list.kind != Item::Kind::list || i < -count || i >= count)
    return call.error() << "index " << i << " is out of range for a list of "
                        << count;
  Item item = list.list[i < 0 ? i + count : i];
  return item.kind == Item::Kind::tensor ? call.give(item.tensor)
                                         : call.giveItem(item);
}

/// What the exporter assumed, checked when the graph runs.
static LogicalResult importAssert(Call &call) {
  const Item &condition = call.item(0);
  Value holds = condition.kind == Item::Kind::tensor
                    ? Value()
                    : call.f.convert(condition, call.f.builder.getI1Type());
  if (!holds)
    return call.error() << "expected a number to assert";
  StringRef message = call.size() > 1 ? call.text(1) : StringRef();
  if (auto inner = call.op->getAttrOfType<StringAttr>("message"))
    message = inner.getValue();
  call.f.assertTrue(holds, message.empty() ? "a runtime assertion of the graph"
                                           : message);
  return success();
}

/// Shape and element type are part of our types: the exporter's word is
/// checked against them. Strides, device and layout have no meaning here.
static LogicalResult importMetadata(Call &call) {
  if (!call.isNone(3)) {
    Type dtype = dtypeOfCode(call.f.getContext(), call.integer(3));
    if (dtype != call.tensor(0).dtype)
      return call.error() << "asserts another element type than "
                          << call.tensor(0).dtype;
  }
  if (call.isNone(1))
    return success();
  Sizes wanted = call.integers(1), found = call.sizesOf(0);
  if (wanted.size() != found.size())
    return call.error() << "asserts rank " << wanted.size() << " of a tensor "
                        << "of rank " << found.size();
  for (auto [want, have] : llvm::zip_equal(wanted, found)) {
    if (want == have)
      continue;
    if (isa<AffineConstantExpr>(want) && isa<AffineConstantExpr>(have))
      return call.error() << "asserts size " << toText(want) << ", found "
                          << toText(have);
    call.f.assertTrue(arith::CmpIOp::create(
                          call.f.builder, call.f.loc, arith::CmpIPredicate::eq,
                          call.f.toIndex(want), call.f.toIndex(have)),
                      "a size is not what the graph asserts");
  }
  return success();
}

static LogicalResult importNothing(Call &) { return success(); }

/// A size that the exporter gave a name; who wants it, asks the tensors.
static LogicalResult importSymbolicInt(Call &call) {
  if (!call.op->getResult(0).use_empty() &&
      llvm::any_of(call.op->getUsers(), [](Operation *user) {
        return user->getName().stripDialect() != "bind_symbolic_shape";
      }))
    return call.error() << "is read by more than bind_symbolic_shape";
  return call.giveItem({});
}

void torch::addConstantOps(Table &table) {
  table["constant.int"] = {"", importInt};
  table["constant.float"] = {"", importFloat};
  table["constant.number"] = {"", importNumber};
  table["constant.bool"] = {"", importBool};
  table["constant.str"] = {"", importText};
  table["constant.device"] = {"", importText};
  table["constant.none"] = {"", importNone};
  table["vtensor.literal"] = {"", importLiteral};
  table["prim.ListConstruct"] = {"*", importList};
  table["prim.TupleConstruct"] = {"*", importList};
  table["prim.ListUnpack"] = {"*", importUnpack};
  table["prim.TupleUnpack"] = {"*", importUnpack};
  table["aten.__getitem__.t"] = {"xi", importGetItem};
  table["prim.TupleIndex"] = {"xi", importGetItem};
  table["runtime.assert"] = {"x", importAssert};
  table["aten._assert_scalar"] = {"xs", importAssert};
  table["aten._assert_tensor_metadata"] = {"TMxoxx", importMetadata};
  table["aten.sym_constrain_range"] = {"xxx", importNothing};
  table["aten.sym_constrain_range_for_size"] = {"xxx", importNothing};
  table["bind_symbolic_shape"] = {"*", importNothing};
  table["symbolic_int"] = {"", importSymbolicInt};
}
