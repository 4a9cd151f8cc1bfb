// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the importers of StableHLO and CHLO share. Their ops are read by name
// and by the printed text of attributes, so that it makes no difference whether
// they are registered, stand-ins or unknown.
#ifndef MOE_FRONTEND_IMPORT_HLO_H
#define MOE_FRONTEND_IMPORT_HLO_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::moe::hlo {

// Attributes, in HloAttributes.cpp.

/// What stands between `#dialect` or `#dialect.` and the end, as printed.
std::string textOf(Attribute attribute);
/// All integers of an array or dense attribute, in order; none if it is
/// neither.
std::optional<SmallVector<int64_t>> integersOf(Attribute attribute);
/// Those of attribute `name`; empty if it is missing or no integers.
SmallVector<int64_t> integers(Operation *op, StringRef name);
std::optional<int64_t> integer(Operation *op, StringRef name);
/// GT of `#stablehlo<comparison_direction GT>`; empty if it is missing.
std::string enumerator(Operation *op, StringRef name);

/// The fields of `#stablehlo.gather<offset_dims = [1], index_vector_dim = 1>`.
/// Fields that are missing are empty, as they are not printed then.
class Fields {
public:
  explicit Fields(Attribute attribute);
  ArrayRef<int64_t> operator[](StringRef name) const;

private:
  llvm::StringMap<SmallVector<int64_t>> fields;
};

/// "malformed stablehlo.slice: expected `what`" at `op`.
InFlightDiagnostic malformed(Operation *op, const Twine &what);

// Signs, in HloSigns.cpp. arith has signs in operations, StableHLO in types.

/// Makes all unsigned integers signless, and marks foreign ops that take or
/// give them.
void dropSigns(ModuleOp module);
/// Whether this operand, or result, was unsigned.
bool isUnsigned(Operation *op, unsigned operand = 0);
bool yieldsUnsigned(Operation *op);
bool hasUnsigned(Operation *op);

// Operations, in HloTables.cpp.

bool isForeign(Operation *op);
/// stablehlo.return, which belongs to the op around it.
bool isReturn(Operation *op);

/// Replaces a foreign op, and says why where it cannot.
using Importer = LogicalResult (*)(Operation *, RewriterBase &);
struct ImporterEntry {
  StringLiteral name;
  Importer import;
};

/// Null if `op` is not imported.
Importer findImporter(Operation *op);

// One table for each file that has importers.
ArrayRef<ImporterEntry> shapeImporters();
ArrayRef<ImporterEntry> sliceImporters();
ArrayRef<ImporterEntry> dotImporters();
ArrayRef<ImporterEntry> gatherImporters();
ArrayRef<ImporterEntry> windowImporters();
ArrayRef<ImporterEntry> reductionImporters();
ArrayRef<ImporterEntry> controlImporters();
ArrayRef<ImporterEntry> convolutionImporters();
ArrayRef<ImporterEntry> selectAndScatterImporters();
ArrayRef<ImporterEntry> normImporters();
ArrayRef<ImporterEntry> linearAlgebraImporters();
ArrayRef<ImporterEntry> einsumImporters();
ArrayRef<ImporterEntry> randomImporters();
ArrayRef<ImporterEntry> fourierImporters();
ArrayRef<ImporterEntry> tokenImporters();
ArrayRef<ImporterEntry> compositeImporters();
ArrayRef<ImporterEntry> chloImporters();
ArrayRef<ImporterEntry> raggedImporters();

/// Whether the region of `op` holds operations on whole tensors, which are
/// imported one by one, and not the scalar body of a reduction or sort.
bool hasTensorRegions(Operation *op);

// Scalars, in HloScalar.cpp.

/// A foreign elementwise op to be computed for one element of each operand.
struct Scalar {
  Operation *op;
  OpBuilder &b;
  Location loc;
  SmallVector<Value> args;
  /// Of the result.
  Type type;

  template <typename Op, typename... Args> Value make(Args &&...values) const {
    return Op::create(b, loc, std::forward<Args>(values)...);
  }
  Type argType() const { return args[0].getType(); }
  bool isFloat() const { return isa<FloatType>(argType()); }
  bool isInteger() const { return isa<IntegerType>(argType()); }
  /// i1 is unsigned: its 1 is larger than its 0.
  bool isUnsigned() const {
    return argType().isInteger(1) || hlo::isUnsigned(op, 0);
  }
  Value constant(Type type, double value) const;
  Value constant(Type type, const APInt &value) const;
};

/// Null where the operation is not defined on these types.
using ScalarBuilder = Value (*)(const Scalar &);
struct ScalarEntry {
  StringLiteral name;
  unsigned numOperands;
  ScalarBuilder build;
};

// One table for each file that has scalar builders. A name may be in several:
// the first that gives a value is taken.
ArrayRef<ScalarEntry> arithmeticScalars();
ArrayRef<ScalarEntry> mathScalars();
ArrayRef<ScalarEntry> conversionScalars();
ArrayRef<ScalarEntry> chloScalars();
ArrayRef<ScalarEntry> specialScalars();
ArrayRef<ScalarEntry> complexScalars();

bool isElementwise(Operation *op);
/// chlo.broadcast_add and its like: the element is that of stablehlo.add, of
/// operands whose shapes may differ.
bool isBroadcasting(Operation *op);
/// The op on scalars; null, with an error, if it has no such form.
Value buildScalar(OpBuilder &b, Location loc, Operation *op, ValueRange args);
/// What `block`, on tensors of rank 0, returns for these scalars.
FailureOr<SmallVector<Value>> inlineScalars(OpBuilder &b, Location loc,
                                            Block &block, ValueRange args);
LogicalResult importElementwise(Operation *op, RewriterBase &rewriter);

// Building, in HloBuild.cpp and HloDot.cpp.

/// The only element of a tensor of rank 0, as a constant where it is one.
Value scalarOf(OpBuilder &b, Location loc, Value tensor);
/// The element that all of `tensor` is known to be; null otherwise.
TypedAttr splatOf(Value tensor);
/// The same also for complex elements, which are no TypedAttr.
bool isSplat(Value tensor);

using ElementBuilder = function_ref<Value(OpBuilder &, Location, ValueRange)>;

/// A tensor of `type` whose elements `body` computes from those that the maps
/// pick of `inputs`; dynamic sizes are those of `like`.
Value buildElements(OpBuilder &b, Location loc, RankedTensorType type,
                    ValueRange inputs, ArrayRef<AffineMap> maps, Value like,
                    ElementBuilder body);
/// The same where all inputs have the shape of the result.
Value buildElements(OpBuilder &b, Location loc, RankedTensorType type,
                    ValueRange inputs, ElementBuilder body);
/// A tensor of `type` that starts as zeros. `body` takes the elements that the
/// maps pick of `inputs`, then what is accumulated. The last map is that of the
/// result; loops that it does not name are reduced.
Value buildReduction(OpBuilder &b, Location loc, RankedTensorType type,
                     ValueRange inputs, ArrayRef<AffineMap> maps,
                     ElementBuilder body);
/// The same, from `init`.
Value buildReduction(OpBuilder &b, Location loc, Value init, ValueRange inputs,
                     ArrayRef<AffineMap> maps, ElementBuilder body);
/// `value` in every place.
Value buildFill(OpBuilder &b, Location loc, RankedTensorType type, Value value,
                Value like = nullptr);
/// The only element of `scalar`, of rank 0, in every place of `empty`.
Value buildFilled(OpBuilder &b, Location loc, Value scalar, Value empty);
/// `value` with element type `type`, by extension or rounding.
Value castFloat(OpBuilder &b, Location loc, Value value, Type type);
/// The same for all elements.
Value buildCast(OpBuilder &b, Location loc, RankedTensorType type, Value input);
/// Zero of an integer, float or complex type.
Value buildZero(OpBuilder &b, Location loc, Type type);
Value buildOne(OpBuilder &b, Location loc, Type type);
Value toIndex(OpBuilder &b, Location loc, Value value, bool isUnsigned);
/// `index` where it is from 0 to `last`, else the nearer of them. Unsigned ones
/// beyond the signed range are beyond the end.
Value clampIndex(OpBuilder &b, Location loc, Value index, int64_t last,
                 bool isUnsigned);
/// Element (i, ..) of the result is element (i[dims[0]], ..) of `input`, whose
/// dimensions of size one repeat.
Value buildBroadcast(OpBuilder &b, Location loc, RankedTensorType type,
                     Value input, ArrayRef<int64_t> dims);
/// The same elements in row-major order in another static shape.
Value buildReshape(OpBuilder &b, Location loc, RankedTensorType type,
                   Value input);
/// A slice of type `type`; what has no elements is no slice of anything, since
/// its offsets may be outside.
Value buildSlice(OpBuilder &b, Location loc, RankedTensorType type, Value input,
                 ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                 ArrayRef<OpFoldResult> strides);
Value buildTranspose(OpBuilder &b, Location loc, Value input,
                     ArrayRef<int64_t> permutation);

/// The integer whose signed order is the total order of floats:
/// -NaN < -inf < ... < -0 < +0 < ... < +inf < +NaN.
Value totalOrder(OpBuilder &b, Location loc, Value value);

/// Dimensions in pairs, left and right; the rest of each side is free.
struct DotDimensions {
  SmallVector<int64_t> lhsBatch, rhsBatch, lhsContracting, rhsContracting;
};
/// Replaces `op` by the contraction of its first two operands.
LogicalResult importContraction(Operation *op, RewriterBase &rewriter,
                                const DotDimensions &dims);
/// Sums are kept in f32 and rounded at the end, unless the result is wider or
/// the algorithm asks for more.
Type accumulatorType(Operation *op, Builder &b, Type result);
/// An error unless all elements are floats, or integers, or of one complex
/// type.
LogicalResult checkProduct(Operation *op, RankedTensorType lhs,
                           RankedTensorType rhs, RankedTensorType out);
/// `sum` + `lhs` * `rhs` in the type of the sum; or and and for i1.
Value accumulateProduct(Operation *op, OpBuilder &b, Location loc, Value lhs,
                        Value rhs, Value sum);

/// What chlo.ragged_dot adds: the dimension of the left side that is cut into
/// groups, and that of the right side that counts them, if there is one.
struct RaggedDimensions {
  DotDimensions dot;
  int64_t ragged;
  std::optional<int64_t> group;
};
/// Those of a stablehlo.composite "chlo.ragged_dot"; none of other composites.
std::optional<RaggedDimensions> raggedOfComposite(Operation *op);
LogicalResult importRaggedDot(Operation *op, RewriterBase &rewriter,
                              const RaggedDimensions &dims);

/// The ranked tensor types of operands or results; an error if one is none.
FailureOr<SmallVector<RankedTensorType>> tensorTypes(Operation *op,
                                                     TypeRange types);
FailureOr<RankedTensorType> resultType(Operation *op);
/// An error if a size is not known.
LogicalResult needsStatic(Operation *op, ArrayRef<RankedTensorType> types);

} // namespace mlir::moe::hlo

#endif // MOE_FRONTEND_IMPORT_HLO_H
