// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the importers of torch ops share: values of the graph that became
// something else, sizes as symbolic expressions, and small ops to build with.
#ifndef MOE_FRONTEND_IMPORT_TORCHIMPORTER_H
#define MOE_FRONTEND_IMPORT_TORCHIMPORTER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::moe::torch {

/// A number of elements: a constant, or an expression over symbols that stand
/// for values of the function. Equal sizes are, mostly, equal expressions.
using Size = AffineExpr;
using Sizes = SmallVector<AffineExpr>;
/// For messages.
std::string toText(Size size);

/// A tensor of the graph. `dtype` says what PyTorch says: integers are signed
/// or unsigned, i1 is bool; the value itself is signless.
struct Tensor {
  Value value;
  Type dtype;

  RankedTensorType getType() const {
    return cast<RankedTensorType>(value.getType());
  }
  int64_t getRank() const { return getType().getRank(); }
};

/// What a value of the graph is.
struct Item {
  enum class Kind { none, tensor, integer, real, boolean, text, list };
  Kind kind = Kind::none;
  Tensor tensor;
  /// i64, f64 or i1 for integer, real and boolean.
  Value scalar;
  StringRef text;
  std::vector<Item> list;

  bool isNumber() const {
    return kind == Kind::integer || kind == Kind::real || kind == Kind::boolean;
  }
};

/// A type as torch writes it, read from its text.
struct TorchType {
  StringRef name; ///< vtensor, int, list, ...
  bool hasSizes = false;
  SmallVector<int64_t> shape;
  StringRef element;
};
/// The text lives in `storage`. Fails on other dialects' types.
FailureOr<TorchType> parseTorchType(Type type, std::string &storage);
bool isTorchType(Type type);
/// si64, ui8, i1, f32, ... of its text; null if we have no such element.
Type parseDtype(MLIRContext *context, StringRef text);
/// As PyTorch numbers them; null if we have no such element.
Type dtypeOfCode(MLIRContext *context, int64_t code);
Type signless(Type dtype);
/// Where results of narrow floats are computed: PyTorch rounds once.
Type mathType(Type dtype);
inline bool isFloat(Type dtype) { return isa<FloatType>(dtype); }
inline bool isBool(Type dtype) { return dtype.isInteger(1); }
inline bool isUnsigned(Type dtype) {
  return isBool(dtype) || dtype.isUnsignedInteger();
}

/// The scalar body of an elementwise op: of converted inputs.
using Body = function_ref<Value(OpBuilder &, Location, ValueRange)>;

class Call;
class FunctionImporter;
using ImportFn = LogicalResult (*)(Call &);
/// How an op is imported. `operands` has a letter per operand:
///
///   T tensor             t tensor or none       V tensors   O tensors or none
///   N number             n number or none       I integer   i known integer
///   o known int or none  F known number or none f known number
///   b known bool         s text                 S text or none
///   L integers           M integers or none     x anything
///   D dimension of operand 0   U same, of one rank more
///   E dimensions of operand 0, or none
struct Importer {
  StringRef operands;
  ImportFn import;
};
/// By name without "torch."; ops inside torch.operator by the name they carry.
using Table = llvm::StringMap<Importer>;
void addConstantOps(Table &table);
void addScalarOps(Table &table);
void addCreationOps(Table &table);
void addUnaryOps(Table &table);
void addBinaryOps(Table &table);
void addSelectionOps(Table &table);
void addViewOps(Table &table);
void addShapeOps(Table &table);
void addMatmulOps(Table &table);
void addAttentionOps(Table &table);
void addNormOps(Table &table);
void addReductionOps(Table &table);
void addSortOps(Table &table);
void addIndexOps(Table &table);
void addScatterOps(Table &table);
void addCountOps(Table &table);
void addGroupedOps(Table &table);
void addOnnxOps(Table &table);
const Table &getTable();
/// Imports one function.
class FunctionImporter {
public:
  explicit FunctionImporter(func::FuncOp function);
  LogicalResult run();
  /// Whether there is anything of torch in it.
  bool isConcerned();

  MLIRContext *getContext() { return builder.getContext(); }
  OpBuilder builder;
  Location loc;

  // Values.
  const Item *lookup(Value value);
  void set(Value value, Item item) { items[value] = std::move(item); }

  // Constants, in front of everything.
  Value constant(TypedAttr attr);
  Value constant(Type type, double value);
  Value constantInt(int64_t value);
  Value index(int64_t value);

  // Sizes.
  Size size(int64_t constant);
  Size sizeOf(Value integer);
  Sizes sizesOf(Value tensor);
  void setSizes(Value tensor, ArrayRef<Size> sizes);
  Value toIndex(Size size);
  Value toInteger(Size size);
  OpFoldResult toFold(Size size);
  Size multiply(Size lhs, Size rhs);
  Size product(ArrayRef<Size> sizes);
  /// lhs / rhs where it is known to leave no rest.
  Size divide(Size lhs, Size rhs);
  /// A new symbol for a value of type index.
  Size symbol(Value index);
  /// What two sizes become that may both be one, checked when the graph runs.
  Size broadcastSize(Size lhs, Size rhs);
  Size minimum(Size lhs, Size rhs);
  Size maximum(Size lhs, Size rhs);

  // Tensors.
  Value empty(ArrayRef<Size> sizes, Type element);
  Value fill(ArrayRef<Size> sizes, Value scalar);
  Value reshape(Value tensor, ArrayRef<Size> sizes);
  Value transpose(Value tensor, ArrayRef<int64_t> permutation);
  /// `tensor` with sizes that `sizes` extends or stretches.
  Value broadcastTo(Value tensor, ArrayRef<Size> sizes);
  Value slice(Value tensor, int64_t dim, Size offset, Size length,
              int64_t step = 1);
  Value concat(ArrayRef<Value> tensors, int64_t dim);
  /// All loops parallel; `inputs` are read through `maps`.
  Value generic(ValueRange inputs, ArrayRef<AffineMap> maps,
                ArrayRef<Size> sizes, Type element, Body body);
  /// Inputs are stretched to `sizes`; where a size may be one and is not known
  /// to be, that is decided when the graph runs.
  Value elementwise(ValueRange inputs, ArrayRef<Size> sizes, Type element,
                    Body body);
  /// Whether it must be decided at run time how these sizes stretch.
  bool mayStretch(ArrayRef<Size> sizes, ArrayRef<Size> to);
  /// What a tensor of these sizes is read through when stretched.
  AffineMap stretch(ArrayRef<Size> sizes, ArrayRef<Size> to);
  Tensor asType(const Tensor &tensor, Type dtype);
  /// Along `dims`, which stay with size one if `keep`. The body is given the
  /// element and what was reduced so far.
  Value reduce(Value tensor, ArrayRef<int64_t> dims, bool keep, Value init,
               Body body);
  /// The numbers of one dimension, in all of `sizes`.
  Value iota(ArrayRef<Size> sizes, int64_t dim, Type element);
  /// A loop nest over `sizes` that carries tensors.
  SmallVector<Value>
  loops(ArrayRef<Size> sizes, ValueRange init,
        function_ref<SmallVector<Value>(OpBuilder &, Location, ValueRange,
                                        ValueRange)>
            body);

  // Batched products of matrices [.., M, K] x [.., K, N] of one element type.
  Value matmul(Value lhs, Value rhs, Type element);
  /// exp(x - max) / sum along `dim`, in `element`.
  Value softmax(Value tensor, int64_t dim);
  Value sum(Value tensor, ArrayRef<int64_t> dims, bool keep);
  Value maxOf(Value tensor, ArrayRef<int64_t> dims, bool keep);

  // Scalars.
  /// `value` as `to`; where both are known it is a constant.
  Value convert(OpBuilder &b, Location loc, Value value, Type from, Type to);
  Value convert(const Item &number, Type to);
  static Type dtypeOf(const Item &number, MLIRContext *context);
  void assertTrue(Value condition, const Twine &message);

  /// Integers of small tensors that shapes are put together from.
  DenseMap<Value, Sizes> contents;

private:
  LogicalResult importOp(Operation *op);
  LogicalResult importForeign(Operation *op);
  LogicalResult convertSignature();
  LogicalResult checkNames();

  func::FuncOp function;
  DenseMap<Value, Item> items;
  DenseMap<Attribute, Value> constants;
  DenseMap<Value, Sizes> shapes;
  DenseMap<Value, Size> integers;
  DenseMap<Size, Value> indices;
  SmallVector<Value> symbols;
};

/// One op with its operands checked against its letters.
class Call {
public:
  Call(FunctionImporter &f, Operation *op) : f(f), op(op) {}

  FunctionImporter &f;
  Operation *op;

  InFlightDiagnostic error() const;
  LogicalResult check(const Importer &importer);

  unsigned size() const { return op->getNumOperands(); }
  const Item &item(unsigned i) const { return *f.lookup(op->getOperand(i)); }
  bool isNone(unsigned i) const {
    return i >= size() || item(i).kind == Item::Kind::none;
  }
  const Tensor &tensor(unsigned i) const { return item(i).tensor; }
  Value value(unsigned i) const { return tensor(i).value; }
  Sizes sizesOf(unsigned i) const { return f.sizesOf(value(i)); }
  SmallVector<Tensor> tensors(unsigned i) const;
  int64_t integer(unsigned i) const;
  double number(unsigned i) const;
  std::optional<double> knownNumber(unsigned i) const;
  bool flag(unsigned i) const { return integer(i) != 0; }
  StringRef text(unsigned i) const { return item(i).text; }
  Sizes integers(unsigned i) const;
  std::optional<SmallVector<int64_t>> knownIntegers(unsigned i) const;
  /// From zero on.
  int64_t dimension(unsigned i) const;
  /// All if none is given.
  SmallVector<int64_t> dimensions(unsigned i) const;

  /// What the graph says of result `i`.
  Type resultDtype(unsigned i = 0) const;
  SmallVector<int64_t> resultShape(unsigned i = 0) const;
  /// The size of a result, where the graph knows it.
  std::optional<int64_t> knownSize(unsigned dim, unsigned i = 0) const;

  /// Result `i`, which must have the shape and element type that the graph
  /// says.
  LogicalResult give(Value value, unsigned i = 0);
  LogicalResult give(const Tensor &tensor, unsigned i = 0);
  LogicalResult giveItem(Item item, unsigned i = 0);
  LogicalResult giveInteger(Value value) {
    return giveItem({Item::Kind::integer, {}, value, {}, {}});
  }
  LogicalResult giveBool(Value value) {
    return giveItem({Item::Kind::boolean, {}, value, {}, {}});
  }

  /// The sizes all of `shapes` stretch to.
  FailureOr<Sizes> broadcast(ArrayRef<ArrayRef<Size>> shapes) const;
  /// An elementwise op of operands that are tensors or numbers, converted to
  /// `compute` first, whose body yields `result`.
  LogicalResult elementwise(ArrayRef<const Item *> inputs, Type compute,
                            Type result, Body body);
  LogicalResult elementwiseOf(ArrayRef<unsigned> operands, Type compute,
                              Type result, Body body);
  /// PyTorch's type for work on these together.
  Type promote(ArrayRef<const Item *> inputs) const;
};

// Parts of importers that others are made of.

/// `tensor` in another shape, of which one size may be -1.
FailureOr<Value> viewAs(Call &call, Value tensor, Sizes sizes);
/// `tensor` sorted along `dim`, NaN as the largest, and where each was.
std::pair<Value, Value> sortAlong(FunctionImporter &f, const Tensor &tensor,
                                  int64_t dim, bool descending);
/// The first k of these as results 0 and 1.
LogicalResult giveTopK(Call &call, const Tensor &tensor, Size k, int64_t dim,
                       bool largest);
/// Where a tensor of i1 is true, in order: [n, rank] of i64.
Value nonzero(FunctionImporter &f, Value tensor);
/// `elements` of numbers of any sign as the constant result 0.
LogicalResult importElements(Call &call, ElementsAttr elements);

/// `tensor` at the places that a list of tensors and none says.
FailureOr<Tensor> readIndexed(Call &call, const Tensor &tensor,
                              const std::vector<Item> &list);
/// self with `source` written to, or added at, these places.
LogicalResult giveIndexPut(Call &call, const Tensor &self,
                           const std::vector<Item> &list, const Tensor &source,
                           bool accumulate);
/// One element along `dim` for every element of `index`.
LogicalResult giveGathered(Call &call, const Tensor &source, int64_t dim,
                           const Tensor &index);
/// The other way; `kind` says how what is there and what comes are combined.
LogicalResult giveScattered(Call &call, const Tensor &self, int64_t dim,
                            const Tensor &index, const Tensor &source,
                            StringRef kind);
/// What is on and below, or on and above, a diagonal; else zero.
LogicalResult giveTriangle(Call &call, const Tensor &tensor, int64_t offset,
                           bool lower);
LogicalResult giveSum(Call &call, const Tensor &tensor, ArrayRef<int64_t> dims,
                      bool keep);
LogicalResult giveMean(Call &call, ArrayRef<int64_t> dims, bool keep);
LogicalResult giveProduct(Call &call, ArrayRef<int64_t> dims, bool keep);
LogicalResult giveExtreme(Call &call, ArrayRef<int64_t> dims, bool keep,
                          bool largest);
/// The first of the largest or smallest along `dim`, and where it is.
std::pair<Value, Value> locate(FunctionImporter &f, const Tensor &tensor,
                               int64_t dim, bool keep, bool largest);
LogicalResult giveCumulative(Call &call, int64_t dim, bool product);
LogicalResult giveSoftmax(Call &call, int64_t dim, bool log);
/// Over the dimensions from `axis` on, with weight and bias behind operand 0.
LogicalResult giveLayerNorm(Call &call, int64_t axis, double eps);
LogicalResult giveRmsNorm(Call &call, int64_t axis, double eps);
LogicalResult giveEinsum(Call &call, StringRef equation,
                         ArrayRef<Tensor> tensors);
LogicalResult giveGelu(Call &call, StringRef approximate);

} // namespace mlir::moe::torch

#endif // MOE_FRONTEND_IMPORT_TORCHIMPORTER_H
