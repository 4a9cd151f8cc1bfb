// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

InFlightDiagnostic Call::error() const { return op->emitOpError(); }

static std::optional<int64_t> knownInteger(const Item &item) {
  APInt value;
  if (item.kind == Item::Kind::integer &&
      matchPattern(item.scalar, m_ConstantInt(&value)))
    return value.getSExtValue();
  if (item.kind == Item::Kind::boolean &&
      matchPattern(item.scalar, m_ConstantInt(&value)))
    return value.getZExtValue();
  return std::nullopt;
}

static std::optional<double> knownNumber(const Item &item) {
  APFloat value(0.0);
  if (item.kind == Item::Kind::real &&
      matchPattern(item.scalar, m_ConstantFloat(&value)))
    return value.convertToDouble();
  if (std::optional<int64_t> integer = knownInteger(item))
    return double(*integer);
  return std::nullopt;
}

static bool isList(const Item &item, function_ref<bool(const Item &)> element) {
  return item.kind == Item::Kind::list && llvm::all_of(item.list, element);
}

static bool isKind(const Item &item, Item::Kind kind) {
  return item.kind == kind;
}

/// Why `item` is not what `letter` asks for; empty if it is.
static StringRef mismatch(const Item &item, char letter) {
  using Kind = Item::Kind;
  bool none = isKind(item, Kind::none);
  auto isInteger = [](const Item &i) { return isKind(i, Kind::integer); };
  auto isTensor = [](const Item &i) { return isKind(i, Kind::tensor); };
  switch (letter) {
  case 'T':
    return isTensor(item) ? "" : "a tensor";
  case 't':
    return none || isTensor(item) ? "" : "a tensor or none";
  case 'V':
    return isList(item, isTensor) ? "" : "a list of tensors";
  case 'O':
    return isList(item,
                  [&](const Item &i) {
                    return isTensor(i) || isKind(i, Kind::none);
                  })
               ? ""
               : "a list of tensors and none";
  case 'n':
    return none || item.isNumber() ? "" : "a number or none";
  case 'N':
    return item.isNumber() ? "" : "a number";
  case 'I':
    return isInteger(item) ? "" : "an integer";
  case 'o':
    return none || knownInteger(item) ? "" : "an integer constant or none";
  case 'i':
  case 'D':
  case 'U':
    return isInteger(item) && knownInteger(item) ? "" : "an integer constant";
  case 'F':
    return none || knownNumber(item) ? "" : "a number constant or none";
  case 'f':
    return knownNumber(item) ? "" : "a number constant";
  case 'b':
    return isKind(item, Kind::boolean) && knownInteger(item)
               ? ""
               : "a boolean constant";
  case 's':
    return isKind(item, Kind::text) ? "" : "a string";
  case 'S':
    return none || isKind(item, Kind::text) ? "" : "a string or none";
  case 'M':
    return none || isList(item, isInteger) ? "" : "a list of integers or none";
  case 'L':
    return isList(item, isInteger) ? "" : "a list of integers";
  case 'E':
    return none || isInteger(item) ||
                   isList(item,
                          [&](const Item &i) {
                            return isInteger(i) && knownInteger(i);
                          })
               ? ""
               : "a list of integer constants or none";
  default:
    return "";
  }
}

static std::optional<int64_t> wrapDimension(int64_t dim, int64_t rank) {
  // A scalar counts as a vector of one.
  int64_t count = std::max<int64_t>(rank, 1);
  if (dim < -count || dim >= count)
    return std::nullopt;
  return dim < 0 ? dim + count : dim;
}

LogicalResult Call::check(const Importer &importer) {
  if (importer.operands != "*" && size() != importer.operands.size())
    return error() << "expected " << importer.operands.size()
                   << " operands, found " << size();
  if (importer.operands == "*")
    return success();
  for (auto [i, letter] : llvm::enumerate(importer.operands)) {
    StringRef expected = mismatch(item(i), letter);
    if (!expected.empty())
      return error() << "operand " << i << " should be " << expected;
    if (!StringRef("DUE").contains(letter))
      continue;
    if (item(0).kind != Item::Kind::tensor)
      continue;
    int64_t rank = tensor(0).getRank() + (letter == 'U');
    SmallVector<int64_t> dims;
    if (item(i).kind == Item::Kind::list)
      dims = *knownIntegers(i);
    else if (!isNone(i))
      dims.push_back(integer(i));
    for (int64_t dim : dims)
      if (!wrapDimension(dim, rank))
        return error() << "dimension " << dim << " is out of range for rank "
                       << rank;
  }
  return success();
}

SmallVector<Tensor> Call::tensors(unsigned i) const {
  return llvm::map_to_vector(item(i).list,
                             [](const Item &item) { return item.tensor; });
}

int64_t Call::integer(unsigned i) const { return *knownInteger(item(i)); }
std::optional<double> Call::knownNumber(unsigned i) const {
  return ::knownNumber(item(i));
}
double Call::number(unsigned i) const { return *knownNumber(i); }

Sizes Call::integers(unsigned i) const {
  Sizes result;
  for (const Item &item : item(i).list)
    result.push_back(f.sizeOf(item.scalar));
  return result;
}

std::optional<SmallVector<int64_t>> Call::knownIntegers(unsigned i) const {
  SmallVector<int64_t> result;
  for (const Item &item : item(i).list) {
    std::optional<int64_t> value = knownInteger(item);
    if (!value)
      return std::nullopt;
    result.push_back(*value);
  }
  return result;
}

int64_t Call::dimension(unsigned i) const {
  return *wrapDimension(integer(i), tensor(0).getRank());
}

SmallVector<int64_t> Call::dimensions(unsigned i) const {
  SmallVector<int64_t> dims;
  if (i < size() && item(i).kind == Item::Kind::integer)
    dims.push_back(integer(i));
  else if (i < size() && item(i).kind == Item::Kind::list)
    dims = *knownIntegers(i);
  int64_t rank = tensor(0).getRank();
  if (dims.empty() || rank == 0)
    return llvm::to_vector(llvm::seq<int64_t>(0, rank));
  for (int64_t &dim : dims)
    dim = *wrapDimension(dim, rank);
  llvm::sort(dims);
  dims.erase(llvm::unique(dims), dims.end());
  return dims;
}

Type Call::resultDtype(unsigned i) const {
  std::string storage;
  FailureOr<TorchType> type =
      parseTorchType(op->getResult(i).getType(), storage);
  return succeeded(type) ? parseDtype(f.getContext(), type->element) : Type();
}

SmallVector<int64_t> Call::resultShape(unsigned i) const {
  std::string storage;
  FailureOr<TorchType> type =
      parseTorchType(op->getResult(i).getType(), storage);
  return succeeded(type) ? type->shape : SmallVector<int64_t>();
}

std::optional<int64_t> Call::knownSize(unsigned dim, unsigned i) const {
  if (i >= op->getNumResults())
    return std::nullopt;
  SmallVector<int64_t> shape = resultShape(i);
  if (dim >= shape.size() || ShapedType::isDynamic(shape[dim]))
    return std::nullopt;
  return shape[dim];
}

LogicalResult Call::giveItem(Item item, unsigned i) {
  if (i >= op->getNumResults())
    return error() << "expected " << i + 1 << " results or more";
  f.set(op->getResult(i), std::move(item));
  return success();
}

LogicalResult Call::give(Value value, unsigned i) {
  if (i >= op->getNumResults())
    return error() << "expected " << i + 1 << " results or more";
  return give(Tensor{value, resultDtype(i)}, i);
}

LogicalResult Call::give(const Tensor &tensor, unsigned i) {
  if (i >= op->getNumResults())
    return error() << "expected " << i + 1 << " results or more";
  Type declared = op->getResult(i).getType();
  std::string storage;
  FailureOr<TorchType> type = parseTorchType(declared, storage);
  Type dtype = resultDtype(i);
  if (failed(type) || type->name != "vtensor" || !type->hasSizes)
    return error() << "result " << i << " should be a !torch.vtensor of known "
                   << "rank, found " << declared;
  if (!dtype)
    return error() << "unsupported element type '" << type->element << "' in "
                   << declared;
  RankedTensorType found = tensor.getType();
  if (dtype != tensor.dtype ||
      failed(verifyCompatibleShape(type->shape, found.getShape())))
    return error() << "is declared to give " << declared << ", but gives "
                   << RankedTensorType::get(
                          found.getShape(),
                          tensor.dtype ? tensor.dtype : found.getElementType());
  // The exporter may know more than we can derive.
  SmallVector<int64_t> shape(found.getShape());
  for (auto [extent, known] : llvm::zip_equal(shape, type->shape))
    if (ShapedType::isDynamic(extent))
      extent = known;
  Value value = tensor.value;
  if (shape != found.getShape()) {
    Sizes sizes = f.sizesOf(value);
    value = tensor::CastOp::create(f.builder, f.loc, found.clone(shape), value);
    f.setSizes(value, sizes);
  }
  return giveItem({Item::Kind::tensor, {value, dtype}, {}, {}, {}}, i);
}

FailureOr<Sizes> Call::broadcast(ArrayRef<ArrayRef<Size>> shapes) const {
  size_t rank = 0;
  for (ArrayRef<Size> shape : shapes)
    rank = std::max(rank, shape.size());
  Sizes result(rank, f.size(1));
  for (ArrayRef<Size> shape : shapes) {
    size_t lead = rank - shape.size();
    for (auto [dim, extent] : llvm::enumerate(shape)) {
      Size &wide = result[lead + dim];
      if (extent == wide || extent == f.size(1))
        continue;
      if (wide == f.size(1)) {
        wide = extent;
        continue;
      }
      if (isa<AffineConstantExpr>(extent) && isa<AffineConstantExpr>(wide))
        return error() << "sizes " << toText(wide) << " and " << toText(extent)
                       << " do not broadcast";
      wide = f.broadcastSize(wide, extent);
    }
  }
  return result;
}

LogicalResult Call::elementwise(ArrayRef<const Item *> inputs, Type compute,
                                Type result, Body body) {
  if (!compute || !result)
    return error() << "has an unsupported element type";
  SmallVector<Sizes> storage;
  SmallVector<Value> tensors;
  SmallVector<Value> scalars(inputs.size());
  SmallVector<Type> dtypes;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    if (input->kind != Item::Kind::tensor) {
      scalars[i] = f.convert(*input, compute);
      continue;
    }
    storage.push_back(f.sizesOf(input->tensor.value));
    tensors.push_back(input->tensor.value);
    dtypes.push_back(input->tensor.dtype);
  }
  SmallVector<ArrayRef<Size>> shapes(storage.begin(), storage.end());
  FailureOr<Sizes> sizes = broadcast(shapes);
  if (failed(sizes))
    return failure();
  Value value = f.elementwise(tensors, *sizes, signless(result),
                              [&](OpBuilder &b, Location loc, ValueRange in) {
                                SmallVector<Value> operands(scalars);
                                unsigned next = 0;
                                for (Value &operand : operands) {
                                  if (operand)
                                    continue;
                                  operand = f.convert(b, loc, in[next],
                                                      dtypes[next], compute);
                                  ++next;
                                }
                                return body(b, loc, operands);
                              });
  return give(Tensor{value, result});
}

LogicalResult Call::elementwiseOf(ArrayRef<unsigned> operands, Type compute,
                                  Type result, Body body) {
  SmallVector<const Item *> inputs;
  for (unsigned i : operands)
    inputs.push_back(&item(i));
  return elementwise(inputs, compute, result, body);
}

/// Tensors of rank 1 and more decide; those of rank 0 only where their kind of
/// number is a wider one, and plain numbers after them.
Type Call::promote(ArrayRef<const Item *> inputs) const {
  auto category = [](Type type) {
    return isFloat(type) ? 2 : isBool(type) ? 0 : 1;
  };
  auto join = [&](Type lhs, Type rhs) -> Type {
    if (!lhs || lhs == rhs)
      return rhs;
    if (category(lhs) != category(rhs))
      return category(lhs) > category(rhs) ? lhs : rhs;
    unsigned left = lhs.getIntOrFloatBitWidth();
    unsigned right = rhs.getIntOrFloatBitWidth();
    if (left != right)
      return left > right ? lhs : rhs;
    // f16 with bf16, and ui8 with si8.
    return parseDtype(f.getContext(), isFloat(lhs) ? "f32" : "si16");
  };
  Type groups[3];
  for (const Item *input : inputs) {
    bool tensor = input->kind == Item::Kind::tensor;
    Type type = FunctionImporter::dtypeOf(*input, f.getContext());
    if (input->kind == Item::Kind::real)
      type = parseDtype(f.getContext(), "f32");
    unsigned group = !tensor ? 2 : input->tensor.getRank() == 0 ? 1 : 0;
    groups[group] = join(groups[group], type);
  }
  Type result;
  for (Type type : groups)
    if (type && (!result || category(type) > category(result)))
      result = type;
  return result;
}
