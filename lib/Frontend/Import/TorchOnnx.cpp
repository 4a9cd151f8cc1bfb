// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operators of ONNX, as torch-mlir's importer writes them. What they share with
// torch's is built by the same functions; names that mean the same are the same
// importer.
#include "TorchOnnx.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

static Attribute attribute(Operation *op, StringRef name) {
  return op->getAttr(("torch.onnx." + name).str());
}

LogicalResult Onnx::tensors(unsigned count) const {
  for (unsigned i = 0; i < std::max(count, call.size()); ++i) {
    if (i >= count && (call.isNone(i) || i >= call.size()))
      continue;
    if (call.isNone(i) || call.item(i).kind != Item::Kind::tensor)
      return call.error() << "operand " << i << " should be a tensor";
  }
  return success();
}

int64_t Onnx::integer(StringRef name, int64_t otherwise) const {
  auto value = dyn_cast_or_null<IntegerAttr>(attribute(call.op, name));
  return value ? value.getValue().getSExtValue() : otherwise;
}

double Onnx::number(StringRef name, double otherwise) const {
  auto value = dyn_cast_or_null<FloatAttr>(attribute(call.op, name));
  return value ? value.getValueAsDouble() : otherwise;
}

StringRef Onnx::text(StringRef name, StringRef otherwise) const {
  auto value = dyn_cast_or_null<StringAttr>(attribute(call.op, name));
  return value ? value.getValue() : otherwise;
}

std::optional<SmallVector<int64_t>> Onnx::integers(StringRef name) const {
  auto list = dyn_cast_or_null<ArrayAttr>(attribute(call.op, name));
  if (!list)
    return std::nullopt;
  SmallVector<int64_t> result;
  for (Attribute element : list) {
    auto value = dyn_cast<IntegerAttr>(element);
    if (!value)
      return std::nullopt;
    result.push_back(value.getValue().getSExtValue());
  }
  return result;
}

int64_t Onnx::opset() const {
  auto function = call.op->getParentOfType<func::FuncOp>();
  auto version =
      function->getAttrOfType<IntegerAttr>("torch.onnx_meta.opset_version");
  // The newest meaning where nothing is said.
  return version ? version.getValue().getSExtValue() : 20;
}

FailureOr<int64_t> Onnx::dimension(int64_t dim, int64_t rank) const {
  if (dim < -rank || dim >= rank)
    return call.error() << "dimension " << dim << " is out of range for rank "
                        << rank;
  return dim < 0 ? dim + rank : dim;
}

FailureOr<SmallVector<int64_t>> Onnx::dimensions(ArrayRef<int64_t> dims,
                                                 int64_t rank) const {
  SmallVector<int64_t> result;
  for (int64_t dim : dims) {
    FailureOr<int64_t> wrapped = dimension(dim, rank);
    if (failed(wrapped))
      return failure();
    result.push_back(*wrapped);
  }
  llvm::sort(result);
  result.erase(llvm::unique(result), result.end());
  return result;
}

FailureOr<Sizes> Onnx::contents(unsigned i) const {
  Value tensor = call.value(i);
  auto known = f.contents.find(tensor);
  if (known != f.contents.end())
    return known->second;
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getRank() > 1 || !type.hasStaticShape() ||
      !type.getElementType().isInteger())
    return call.error() << "operand " << i
                        << " should be integers of known number, found "
                        << type;
  Sizes result;
  DenseIntElementsAttr constant;
  if (matchPattern(tensor, m_Constant(&constant))) {
    for (const APInt &element : constant.getValues<APInt>())
      result.push_back(f.size(element.getSExtValue()));
    return result;
  }
  for (int64_t n = 0; n < type.getNumElements(); ++n) {
    SmallVector<Value> place(type.getRank(), f.index(n));
    Value element = tensor::ExtractOp::create(f.builder, f.loc, tensor, place);
    Type si64 = parseDtype(f.getContext(), "si64");
    result.push_back(f.sizeOf(
        f.convert(f.builder, f.loc, element, call.tensor(i).dtype, si64)));
  }
  return result;
}

FailureOr<SmallVector<int64_t>> Onnx::knownContents(unsigned i) const {
  FailureOr<Sizes> sizes = contents(i);
  if (failed(sizes))
    return failure();
  SmallVector<int64_t> result;
  for (Size size : *sizes) {
    auto known = dyn_cast<AffineConstantExpr>(size);
    if (!known)
      return call.error() << "operand " << i << " should be a constant";
    result.push_back(known.getValue());
  }
  return result;
}

FailureOr<std::optional<SmallVector<int64_t>>> Onnx::axes(unsigned i) const {
  if (call.isNone(i))
    return integers("axes");
  FailureOr<SmallVector<int64_t>> known = knownContents(i);
  if (failed(known))
    return failure();
  return std::optional<SmallVector<int64_t>>(*known);
}

/// One of several attributes that may hold the value.
static LogicalResult importConstant(Call &call) {
  Onnx onnx(call);
  if (auto elements =
          dyn_cast_or_null<ElementsAttr>(attribute(call.op, "value")))
    return importElements(call, elements);
  OpBuilder &b = call.f.builder;
  if (auto value =
          dyn_cast_or_null<IntegerAttr>(attribute(call.op, "value_int")))
    return importElements(
        call, DenseElementsAttr::get(
                  RankedTensorType::get({}, b.getI64Type()),
                  ArrayRef<int64_t>{value.getValue().getSExtValue()}));
  if (auto value =
          dyn_cast_or_null<FloatAttr>(attribute(call.op, "value_float")))
    return importElements(
        call, DenseElementsAttr::get(
                  RankedTensorType::get({}, b.getF32Type()),
                  ArrayRef<float>{float(value.getValueAsDouble())}));
  if (auto values = onnx.integers("value_ints")) {
    auto type =
        RankedTensorType::get({int64_t(values->size())}, b.getI64Type());
    return importElements(call,
                          DenseElementsAttr::get(type, ArrayRef(*values)));
  }
  return call.error() << "expected torch.onnx.value, value_int, value_ints or "
                         "value_float";
}

void torch::addOnnxOps(Table &table) {
  table["onnx.Constant"] = {"", importConstant};
  addOnnxShapeOps(table);
  addOnnxMathOps(table);
  // Operators with the operands and the meaning of an op of torch.
  static constexpr std::pair<StringLiteral, StringLiteral> same[] = {
      {"onnx.Abs", "aten.abs"},
      {"onnx.And", "aten.logical_and"},
      {"onnx.BitwiseAnd", "aten.bitwise_and.Tensor"},
      {"onnx.BitwiseNot", "aten.bitwise_not"},
      {"onnx.BitwiseOr", "aten.bitwise_or.Tensor"},
      {"onnx.BitwiseXor", "aten.bitwise_xor.Tensor"},
      {"onnx.CastLike", "aten.type_as"},
      {"onnx.Ceil", "aten.ceil"},
      {"onnx.Cos", "aten.cos"},
      {"onnx.Equal", "aten.eq.Tensor"},
      {"onnx.Erf", "aten.erf"},
      {"onnx.Exp", "aten.exp"},
      {"onnx.Floor", "aten.floor"},
      {"onnx.Greater", "aten.gt.Tensor"},
      {"onnx.GreaterOrEqual", "aten.ge.Tensor"},
      {"onnx.Identity", "aten.alias"},
      {"onnx.IsNaN", "aten.isnan"},
      {"onnx.Less", "aten.lt.Tensor"},
      {"onnx.LessOrEqual", "aten.le.Tensor"},
      {"onnx.Log", "aten.log"},
      {"onnx.MatMul", "aten.matmul"},
      {"onnx.Mul", "aten.mul.Tensor"},
      {"onnx.Neg", "aten.neg"},
      {"onnx.Not", "aten.logical_not"},
      {"onnx.Or", "aten.logical_or"},
      {"onnx.Pow", "aten.pow.Tensor_Tensor"},
      {"onnx.Reciprocal", "aten.reciprocal"},
      {"onnx.Relu", "aten.relu"},
      {"onnx.Round", "aten.round"},
      {"onnx.Sigmoid", "aten.sigmoid"},
      {"onnx.Sign", "aten.sign"},
      {"onnx.Sin", "aten.sin"},
      {"onnx.Sqrt", "aten.sqrt"},
      {"onnx.Tan", "aten.tan"},
      {"onnx.Tanh", "aten.tanh"},
      {"onnx.Where", "aten.where.self"},
      {"onnx.Xor", "aten.logical_xor"},
  };
  for (auto [name, torchName] : same) {
    Importer importer = table.lookup(torchName);
    table[name] = importer;
  }
}
