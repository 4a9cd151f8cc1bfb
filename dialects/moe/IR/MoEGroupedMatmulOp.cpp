// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEDestinations.h"
#include "moe/IR/MoEOps.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// What the parts, or the vector parts, read of one kind of experts.
struct PartLists {
  StringRef part, name;
  ValueRange operands;
  ArrayRef<int64_t> parts, offsets, strides;
  int64_t minStride = 0;
};

/// Whether every output column of a matmul finds its column in the operand that
/// a part names: that has `columnsOf(its number)`, and `times(type)` of them
/// are read for each output column.
LogicalResult verifyParts(GroupedMatmulOp op, const PartLists &lists,
                          function_ref<int64_t(int64_t)> columnsOf,
                          function_ref<int64_t(ShapedType)> times) {
  for (auto [which, offset, stride] :
       llvm::zip(lists.parts, lists.offsets, lists.strides)) {
    if (which < 0 || which >= static_cast<int64_t>(lists.operands.size()))
      return op.emitOpError("a ")
             << lists.part << " names " << lists.name << " " << which << " of "
             << lists.operands.size();
    auto type = cast<ShapedType>(lists.operands[which].getType());
    int64_t columns = columnsOf(which);
    int64_t width, last;
    bool overflows = llvm::MulOverflow(op.getInit().getType().getDimSize(1),
                                       times(type), width) ||
                     llvm::MulOverflow(stride, width - 1, last) ||
                     llvm::AddOverflow(offset, last, last);
    if (offset < 0 || stride < lists.minStride || overflows || last >= columns)
      return op.emitOpError("a ")
             << lists.part << " reads " << width << " columns from " << offset
             << " with stride " << stride << ", but the " << lists.name
             << " have " << columns;
  }
  return success();
}

/// The part lists of both kinds of experts, which have passed c2.
LogicalResult verifyAllParts(GroupedMatmulOp op) {
  int64_t numParts = op.getNumParts();
  int64_t numVectorParts = op.getNumVectorParts();
  auto once = [](ShapedType) -> int64_t { return 1; };
  auto columnsOf = [](ValueRange operands, int64_t dim) {
    return [=](int64_t which) {
      return cast<ShapedType>(operands[which].getType()).getDimSize(dim);
    };
  };
  auto columnsOfWeights = [&](int64_t which) {
    return op.getNumColumns(which);
  };
  PartLists products{"part",
                     "weights",
                     op.getWeights(),
                     op.getPartWeights().take_front(numParts),
                     op.getPartOffsets().take_front(numParts),
                     op.getPartStrides().take_front(numParts),
                     /*minStride=*/1};
  PartLists vectors{"vector part",
                    "vectors",
                    op.getVectors(),
                    op.getVectorParts().take_front(numVectorParts),
                    op.getVectorOffsets().take_front(numVectorParts),
                    op.getVectorStrides().take_front(numVectorParts)};
  PartLists rows{"row part",         "rows",
                 op.getRows(),       op.getRowParts(),
                 op.getRowOffsets(), op.getRowStrides()};
  if (failed(verifyParts(op, products, columnsOfWeights,
                         once)) || // grouped_matmul_c3
      failed(verifyParts(op, vectors, columnsOf(op.getVectors(), 1),
                         once)) || // grouped_matmul_c9
      failed(verifyParts(op, rows, columnsOf(op.getRows(), 1),
                         once))) // grouped_matmul_c13
    return failure();
  if (op.getAlwaysOn() == 0)
    return success();
  // Cut along the depth, every expert reads all columns.
  auto cuts = [&](ShapedType type) -> int64_t {
    bool isDeep = type.getRank() == 2 && type.getDimSize(1) != op.getDepth();
    return isDeep ? 1 : op.getAlwaysOn();
  };
  PartLists always{"part",
                   "always_weights",
                   op.getAlwaysWeights(),
                   op.getPartWeights().drop_front(numParts),
                   op.getPartOffsets().drop_front(numParts),
                   op.getPartStrides().drop_front(numParts),
                   /*minStride=*/1};
  PartLists alwaysVectors{"vector part",
                          "always_vectors",
                          op.getAlwaysVectors(),
                          op.getVectorParts().drop_front(numVectorParts),
                          op.getVectorOffsets().drop_front(numVectorParts),
                          op.getVectorStrides().drop_front(numVectorParts)};
  if (failed(verifyParts(op, always, columnsOf(op.getAlwaysWeights(), 0),
                         cuts)) || // grouped_matmul_c3
      failed(verifyParts(op, alwaysVectors, columnsOf(op.getAlwaysVectors(), 0),
                         cuts))) // grouped_matmul_c9
    return failure();
  auto elementOf = [](Value value) { return getElementTypeOrSelf(value); };
  for (int64_t i = 0; i < numParts + numVectorParts;
       ++i) { // grouped_matmul_c12
    bool isProduct = i < numParts;
    int64_t part = isProduct ? i : i - numParts;
    Type routed =
        elementOf(isProduct ? op.getWeights()[op.getPartWeights()[part]]
                            : op.getVectors()[op.getVectorParts()[part]]);
    Type shared = elementOf(isProduct ? op.getAlwaysWeights(part)
                                      : op.getAlwaysVectors(part));
    if (routed != shared) // grouped_matmul_c12
      return op.emitOpError("a ")
             << (isProduct ? "part" : "vector part") << " reads elements of "
             << routed << " and, of experts that are always on, of " << shared;
  }
  return success();
}

/// Where the rows of a matmul that scatters go.
LogicalResult verifyScatter(GroupedMatmulOp op, int64_t rows) {
  ShapedType pairs = op.getScatterPairs().getType();
  ShapedType weights = op.getScatterWeights().getType();
  ShapedType init = op.getInit().getType();
  if (!compatibleDims(pairs.getDimSize(0), rows) ||
      !hasStaticSlots(weights)) // grouped_matmul_c14
    return op.emitOpError("scatters by ")
           << pairs << " and " << weights << ", expected " << rows
           << " pairs and a static number of slots";
  if (!init.getElementType().isF32() ||
      !compatibleDims(init.getDimSize(0),
                      weights.getDimSize(0))) // grouped_matmul_c14
    return op.emitOpError("scatters into ")
           << init << ", expected f32 and one row per token of " << weights;
  if (op.getZeroRest()) // grouped_matmul_c14
    return op.emitOpError("scatters, so that there is no rest to be zero");
  if (op.getAlwaysOn() != 0) // grouped_matmul_c14
    return op.emitOpError("scatters rows of experts that are always on, which "
                          "have no weight");
  return success();
}
} // namespace

MutableOperandRange GroupedMatmulOp::getDpsInitsMutable() {
  return getInitMutable();
}

void GroupedMatmulOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects, /*readsDestinations=*/scatters());
}

int64_t GroupedMatmulOp::getNumExperts() {
  return getOffsets().getType().getDimSize(0) - 1;
}

int64_t GroupedMatmulOp::getDepth() { return getLhs().getType().getDimSize(1); }

WeightLayout GroupedMatmulOp::getLayout(int64_t weights) {
  if (std::optional<ArrayAttr> layouts = getLayouts())
    return cast<WeightLayoutAttr>((*layouts)[weights]).getValue();
  return WeightLayout::out_in;
}

int64_t GroupedMatmulOp::getNumColumns(int64_t weights) {
  auto type = cast<ShapedType>(getWeights()[weights].getType());
  return type.getDimSize(getLayout(weights) == WeightLayout::in_out ? 2 : 1);
}

bool GroupedMatmulOp::hasParts(WeightLayout layout) {
  return llvm::any_of(
      getPartWeights().take_front(getNumParts()),
      [&](int64_t weights) { return getLayout(weights) == layout; });
}

LogicalResult GroupedMatmulOp::verify() {
  ShapedType lhs = getLhs().getType();
  ShapedType init = getInit().getType();
  ShapedType offsets = getOffsets().getType();
  int64_t alwaysOn = getAlwaysOn();
  if (offsets.isDynamicDim(0) || offsets.getDimSize(0) < 2 ||
      lhs.isDynamicDim(1)) // grouped_matmul_c1
    return emitOpError("offsets and the depth of lhs must be static, found ")
           << offsets << " and " << lhs;
  if (getLayouts() &&
      getLayouts()->size() != getWeights().size()) // grouped_matmul_c10
    return emitOpError("layouts has ")
           << getLayouts()->size() << " entries, expected one for each of "
           << getWeights().size() << " weights";
  if (alwaysOn < 0 || alwaysOn >= getNumExperts()) // grouped_matmul_c11
    return emitOpError("always_on is ")
           << alwaysOn << " of " << getNumExperts()
           << " experts, expected less and not negative";
  if ((alwaysOn > 0) != !getAlwaysWeights().empty() ||
      (alwaysOn == 0 && !getAlwaysVectors().empty())) // grouped_matmul_c11
    return emitOpError("always_on is ")
           << alwaysOn << ", found " << getAlwaysWeights().size()
           << " always_weights and " << getAlwaysVectors().size()
           << " always_vectors";
  for (auto [which, type] : llvm::enumerate(getWeights().getTypes())) {
    auto weights = cast<ShapedType>(type);
    int64_t depth = getLayout(which) == WeightLayout::in_out ? 1 : 2;
    if (alwaysOn > 0 && depth == 1) // grouped_matmul_c11
      return emitOpError("always_on takes weights stored as [out, in] only");
    if (!weights.hasStaticShape() ||
        weights.getDimSize(0) != getNumRoutedExperts() ||
        weights.getDimSize(depth) != getDepth()) // grouped_matmul_c1
      return emitOpError("weights have type ")
             << weights << ", expected " << getNumRoutedExperts()
             << " matrices of depth " << getDepth()
             << (depth == 1 ? " stored as [in, out]" : "");
  }
  for (Type type : getAlwaysWeights().getTypes()) {
    auto weights = cast<ShapedType>(type);
    if (!weights.hasStaticShape() ||
        (weights.getDimSize(1) != getDepth() &&
         weights.getDimSize(1) != alwaysOn * getDepth())) // grouped_matmul_c12
      return emitOpError("always_weights have type ")
             << weights << ", expected a depth of " << getDepth() << " or "
             << alwaysOn << " times that";
  }
  for (Type type : getAlwaysVectors().getTypes())
    if (!cast<ShapedType>(type).hasStaticShape()) // grouped_matmul_c12
      return emitOpError("always_vectors must be static, found ") << type;
  for (Type type : getVectors().getTypes()) {
    auto vectors = cast<ShapedType>(type);
    if (!vectors.hasStaticShape() ||
        (vectors.getDimSize(0) != getNumRoutedExperts() &&
         vectors.getDimSize(0) != 1)) // grouped_matmul_c8
      return emitOpError("vectors have type ")
             << vectors << ", expected " << getNumRoutedExperts()
             << " rows of static width, or one";
  }
  size_t numParts = getPartWeights().size();
  size_t numVectorParts = getVectorParts().size();
  size_t numRowParts = getRowParts().size();
  size_t kinds = alwaysOn ? 2 : 1;
  size_t numArguments = getEpilogue().front().getNumArguments();
  if (numParts == 0 || getPartOffsets().size() != numParts ||
      getPartStrides().size() != numParts ||
      numArguments * kinds !=
          numParts + numVectorParts + numRowParts * kinds) // grouped_matmul_c2
    return emitOpError("expected one weight, offset, stride and block argument "
                       "per part, and at least one part, found ")
           << numParts << ", " << getPartOffsets().size() << ", "
           << getPartStrides().size() << " and "
           << static_cast<int64_t>(numArguments * kinds) -
                  static_cast<int64_t>(numVectorParts + numRowParts * kinds);
  if (numParts % kinds != 0 || getVectorOffsets().size() != numVectorParts ||
      getVectorStrides().size() != numVectorParts) // grouped_matmul_c2
    return emitOpError("expected one vector, offset and stride per vector "
                       "part, found ")
           << numVectorParts << ", " << getVectorOffsets().size() << " and "
           << getVectorStrides().size();
  if (getRowOffsets().size() != numRowParts ||
      getRowStrides().size() != numRowParts) // grouped_matmul_c2
    return emitOpError("expected one operand, offset and stride per row part, "
                       "found ")
           << numRowParts << ", " << getRowOffsets().size() << " and "
           << getRowStrides().size();
  if (init.isDynamicDim(1)) // grouped_matmul_c3
    return emitOpError("the width of init must be static, found ") << init;
  int64_t rows =
      getPairs() ? getPairs().getType().getDimSize(0) : lhs.getDimSize(0);
  for (Type type : getRows().getTypes()) {
    auto ofRows = cast<ShapedType>(type);
    if (!compatibleDims(ofRows.getDimSize(0), rows) ||
        ofRows.isDynamicDim(1)) // grouped_matmul_c13
      return emitOpError("an operand of rows has type ")
             << ofRows << ", expected " << rows << " rows of static width";
  }
  if (failed(verifyAllParts(*this)))
    return failure();
  if (!getPairs() != !getSlotsAttr()) // grouped_matmul_c5
    return emitOpError("pairs and slots must come together, found only ")
           << (getPairs() ? "pairs" : "slots");
  if (getSlotsAttr() && !isSlotCount(getSlotsAttr())) // grouped_matmul_c5
    return emitOpError("slots must be positive and fit an i32, found ")
           << getSlotsAttr().getInt();
  if (!getScatterPairs() != !getScatterWeights()) // grouped_matmul_c14
    return emitOpError("scatter pairs and weights must come together, found "
                       "only ")
           << (getScatterPairs() ? "pairs" : "weights");
  if (scatters())
    return failure(failed(verifyScatter(*this, rows)) ||
                   failed(verifyDestinations(*this)));
  if (!compatibleDims(init.getDimSize(0), rows)) // grouped_matmul_c4
    return emitOpError("init has type ")
           << init << ", expected " << rows << " rows";
  return verifyDestinations(*this); // grouped_matmul_c7
}

LogicalResult GroupedMatmulOp::verifyRegions() { // grouped_matmul_c6
  Block &block = getEpilogue().front();
  for (Type type : block.getArgumentTypes())
    if (!isa<FloatType>(type))
      return emitOpError("the epilogue takes floats, found ") << type;
  auto verifyElements = [&](StringRef part, ArrayRef<int64_t> parts,
                            OperandRange operands,
                            unsigned first) -> LogicalResult {
    for (auto [which, argument] :
         llvm::zip(parts, block.getArguments().drop_front(first))) {
      Type element = getElementTypeOrSelf(operands[which]);
      if (argument.getType() != element)
        return emitOpError("the epilogue takes a ")
               << part << " part as " << argument.getType() << ", expected "
               << element;
    }
    return success();
  };
  if (failed(verifyElements("vector",
                            getVectorParts().take_front(getNumVectorParts()),
                            getVectors(),
                            getNumParts())) || // grouped_matmul_c9
      failed(verifyElements("row", getRowParts(), getRows(),
                            getNumParts() +
                                getNumVectorParts()))) // grouped_matmul_c13
    return failure();
  Operation *yield = block.getTerminator();
  Type element = getInit().getType().getElementType();
  if (!llvm::equal(yield->getOperandTypes(), ArrayRef<Type>(element)))
    return emitOpError("the epilogue must yield one ")
           << element << ", found (" << yield->getOperandTypes() << ")";
  for (Operation &op : block)
    if (!isMemoryEffectFree(&op))
      return op.emitOpError(
          "has side effects, which an epilogue must not have");
  return success();
}
