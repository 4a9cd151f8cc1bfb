// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"

#include "mlir/IR/TypeUtilities.h"
#include <limits>

using namespace mlir;
using namespace mlir::moe;

/// The keywords of a list of layouts, in brackets.
static ParseResult parseLayouts(OpAsmParser &parser, ArrayAttr &layouts) {
  SmallVector<Attribute> entries;
  auto parseEntry = [&]() -> ParseResult {
    SMLoc loc = parser.getCurrentLocation();
    StringRef keyword;
    if (parser.parseKeyword(&keyword))
      return failure();
    std::optional<WeightLayout> layout = symbolizeWeightLayout(keyword);
    if (!layout)
      return parser.emitError(loc, "unknown layout '")
             << keyword << "', expected out_in or in_out";
    entries.push_back(WeightLayoutAttr::get(parser.getContext(), *layout));
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseEntry))
    return failure();
  layouts = parser.getBuilder().getArrayAttr(entries);
  return success();
}

static void printLayouts(OpAsmPrinter &printer, Operation *,
                         ArrayAttr layouts) {
  printer << '[';
  llvm::interleaveComma(layouts, printer, [&](Attribute layout) {
    printer << stringifyWeightLayout(cast<WeightLayoutAttr>(layout).getValue());
  });
  printer << ']';
}

#define GET_OP_CLASSES
#include "moe/IR/MoEOps.cpp.inc"

namespace {
/// Shared by all codegen ops: tensors and memrefs do not mix, and every
/// destination of tensor type has a result of that type.
LogicalResult verifyDestinations(DestinationStyleOpInterface op) {
  if (!op.hasPureTensorSemantics() && !op.hasPureBufferSemantics())
    return op->emitOpError("operands must be all tensors or all memrefs");
  TypeRange results = op->getResultTypes();
  if (op.hasPureBufferSemantics() ? !results.empty()
                                  : results != op.getDpsInits().getTypes())
    return op->emitOpError("results have types (")
           << results << "), expected "
           << (op.hasPureBufferSemantics() ? "none with memrefs"
                                           : "those of the destinations");
  return success();
}

/// Inputs are read and destinations written, where they are memrefs.
void addEffects(
    DestinationStyleOpInterface op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects,
    bool readsDestinations = false) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    if (op.isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand,
                           SideEffects::DefaultResource::get());
    if (!op.isDpsInit(&operand) || readsDestinations)
      effects.emplace_back(MemoryEffects::Read::get(), &operand,
                           SideEffects::DefaultResource::get());
  }
}

MutableOperandRange rangeFrom(OpOperand &first, unsigned count) {
  return MutableOperandRange(first.getOwner(), first.getOperandNumber(), count);
}

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

bool isShape(ShapedType type, ArrayRef<int64_t> shape) {
  return succeeded(verifyCompatibleShape(type.getShape(), shape));
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

// moe.gate

// Both destinations are single operands beside each other.
MutableOperandRange GateOp::getDpsInitsMutable() {
  return rangeFrom(getExpertsMutable(), 2);
}

void GateOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

int64_t GateOp::getNumExperts() {
  return getRouter() ? getRouter().getType().getDimSize(0)
                     : getX().getType().getDimSize(1);
}

int64_t GateOp::getNumSlots() { return getExperts().getType().getDimSize(1); }

FloatType GateOp::getLogitsFloatType() {
  if (std::optional<Type> type = getLogitsType())
    return cast<FloatType>(*type);
  return Float32Type::get(getContext());
}

FloatType GateOp::getScoreFloatType() {
  if (std::optional<Type> type = getScoreType())
    return cast<FloatType>(*type);
  return Float32Type::get(getContext());
}

Selection GateOp::getSelection() {
  return {getRule(), getGroupsAttr(), getNan(), getOrder(), getNumSlots()};
}

Weighing GateOp::getWeighing() {
  std::optional<double> p;
  if (getP())
    p = getP()->convertToDouble();
  return {getWeigh(),
          getNorm(),
          getEps().convertToDouble(),
          getClamp().convertToDouble(),
          getScale().convertToDouble(),
          p,
          std::nullopt};
}

LogicalResult GateOp::verify() {
  ShapedType x = getX().getType();
  ShapedType experts = getExperts().getType();
  if (getRouter() &&
      getRouter().getType().getDimSize(1) != x.getDimSize(1)) // gate_c1
    return emitOpError("router has type ")
           << getRouter().getType() << ", expected the width of " << x;
  int64_t numExperts = getNumExperts();
  if (ShapedType::isDynamic(numExperts) || x.isDynamicDim(1)) // gate_c1
    return emitOpError("the number of experts and the width must be static, "
                       "found (")
           << TypeRange(getOperands().take_front(getRouter() ? 2 : 1)) << ")";
  if (failed(verifySelection(*this, getSelection(), numExperts, x.getDimSize(0),
                             getParams(), getTokenParams()))) // gate_c2, c8
    return failure();
  if (!getRule().isPerToken()) // gate_c2
    return emitOpError("the rule must decide per token, found ") << getRule();
  if (experts.getDimSize(1) != getRule().maxSlots(numExperts)) // gate_c2
    return emitOpError("experts have type ")
           << experts << ", expected " << getRule().maxSlots(numExperts)
           << " slots";
  if (!compatibleDims(experts.getDimSize(0), x.getDimSize(0)) ||
      !isShape(getWeights().getType(), experts.getShape())) // gate_c3
    return emitOpError("experts and weights have types ")
           << experts << " and " << getWeights().getType()
           << ", expected one shape with a row per token of " << x;
  for (std::optional<Type> type : {getLogitsType(), getScoreType()})
    if (type && !isa<FloatType>(*type)) // gate_c5
      return emitOpError("logits_type and score_type must be floats, found ")
             << *type;
  if (getWeigh() == WeighFn::band_softmax) // gate_c11
    return emitOpError("cannot weigh by band_softmax, which reads all experts "
                       "for every slot");
  if (failed(verifyWeighing(*this, getWeighing()))) // gate_c6, gate_c7
    return failure();
  for (auto [vector, name] :
       {std::pair(getBias(), "bias"), std::pair(getKeyBias(), "key_bias"),
        std::pair(getPerExpert(), "per_expert")})
    if (vector && vector.getType().getDimSize(0) != numExperts) // gate_c9
      return emitOpError() << name << " has type " << vector.getType()
                           << ", expected an entry for each of " << numExperts
                           << " experts";
  FloatType keyType = getFloatType(getSelectOn());
  Type biasType =
      getKeyBias() ? getKeyBias().getType().getElementType() : keyType;
  if (biasType != keyType &&
      (!biasType.isF32() || keyType.getWidth() > 32)) // gate_c9
    return emitOpError("key_bias has type ")
           << getKeyBias().getType() << ", but the keys are " << keyType;
  if (getBias() && !getRouter()) // gate_c10
    return emitOpError("has a bias, but no router to add it to");
  return verifyDestinations(*this); // gate_c4
}

// moe.plan_into

MutableOperandRange SelectIntoOp::getDpsInitsMutable() {
  return rangeFrom(getTokensMutable(), getWeights() ? 2 : 1);
}

void SelectIntoOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

LogicalResult SelectIntoOp::verify() {
  ShapedType key = getKey().getType();
  ShapedType tokens = getTokens().getType();
  if (getK() <= 0 || !llvm::isInt<32>(getK())) // select_into_c1
    return emitOpError("k must be positive and fit an i32, found ") << getK();
  if (key.isDynamicDim(1)) // select_into_c3
    return emitOpError("the number of experts must be static, found ") << key;
  std::optional<int64_t> scope = getScope();
  if (scope && (*scope <= 0 || !llvm::isInt<32>(*scope))) // select_into_c5
    return emitOpError("scope must be positive and fit an i32, found ")
           << *scope;
  int64_t width = getK();
  if (scope)
    width = key.isDynamicDim(0)
                ? ShapedType::kDynamic
                : llvm::divideCeil(key.getDimSize(0), *scope) * getK();
  if (!isShape(tokens, {key.getDimSize(1), width})) // select_into_c2
    return emitOpError("tokens have type ")
           << tokens << ", expected a row per expert of " << key << " and "
           << getK() << " entries for every group";
  if (!getSource() != !getWeights()) // select_into_c4
    return emitOpError("source and weights must come together");
  if (getSource() &&
      (!isShape(getSource().getType(), key.getShape()) ||
       !isShape(getWeights().getType(), tokens.getShape()))) // select_into_c4
    return emitOpError("source and weights have types ")
           << getSource().getType() << " and " << getWeights().getType()
           << ", expected the shapes of " << key << " and " << tokens;
  return verifyDestinations(*this); // select_into_c6
}

MutableOperandRange PlanIntoOp::getDpsInitsMutable() {
  return rangeFrom(getOffsetsMutable(), 3);
}

void PlanIntoOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

int64_t PlanIntoOp::getNumRoutedExperts() {
  int64_t numOffsets = getOffsets().getType().getDimSize(0);
  return ShapedType::isDynamic(numOffsets) ? numOffsets
                                           : numOffsets - 1 - getAlwaysOn();
}
int64_t PlanIntoOp::getNumSlots() {
  int64_t routed = getNumRoutedSlots();
  return ShapedType::isDynamic(routed) ? routed : routed + getAlwaysOn();
}

int64_t PlanIntoOp::getNumRoutedSlots() {
  return getExperts().getType().getDimSize(1);
}

LogicalResult PlanIntoOp::verify() {
  ShapedType experts = getExperts().getType();
  ShapedType offsets = getOffsets().getType();
  int64_t alwaysOn = getAlwaysOn();
  if (alwaysOn < 0 || !llvm::isInt<32>(alwaysOn)) // plan_into_c7
    return emitOpError("always_on must not be negative and fit an i32, found ")
           << alwaysOn;
  if (!hasStaticSlots(experts) &&
      (alwaysOn != 0 || !experts.isDynamicDim(1))) // plan_into_c5
    return emitOpError("the number of slots must be positive, and static with "
                       "experts that are always on, found ")
           << experts;
  ShapedType slots =
      experts.clone(ArrayRef{experts.getDimSize(0), getNumSlots()});
  int64_t numPairs = getNumPairs(slots);
  if (numPairs > std::numeric_limits<int32_t>::max()) // plan_into_c6
    return emitOpError("experts have type ")
           << experts << ", more pairs than an i32 can number";
  if (!compatibleDims(getPairs().getType().getDimSize(0),
                      numPairs)) // plan_into_c1
    return emitOpError("pairs have type ")
           << getPairs().getType() << ", expected " << numPairs << " entries";
  if (offsets.isDynamicDim(0)
          ? alwaysOn != 0
          : offsets.getDimSize(0) < alwaysOn + 2) // plan_into_c2
    return emitOpError("offsets must have at least ")
           << alwaysOn + 2
           << " entries, and be static with experts that are always on, found "
           << offsets;
  if (!isShape(getPositions().getType(), slots.getShape())) // plan_into_c3
    return emitOpError("positions have type ")
           << getPositions().getType() << ", expected the shape of " << slots;
  return verifyDestinations(*this); // plan_into_c4
}

// moe.grouped_matmul

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

// moe.gather_sum

MutableOperandRange GatherSumOp::getDpsInitsMutable() {
  return getOutMutable();
}

void GatherSumOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

int64_t GatherSumOp::getNumRoutedSlots() {
  return getWeights().getType().getDimSize(1);
}

int64_t GatherSumOp::getNumAlwaysOn() {
  if (getEntries())
    return 0;
  return getPositions().getType().getDimSize(1) - getNumRoutedSlots();
}

LogicalResult GatherSumOp::verify() {
  ShapedType positions = getPositions().getType();
  ShapedType weights = getWeights().getType();
  ShapedType out = getOut().getType();
  bool isOfBins = getOffsets() || getEntries();
  auto hasSlots = [&](ShapedType type) {
    return hasStaticSlots(type) || (isOfBins && type.isDynamicDim(1));
  };
  if (!hasSlots(positions) || !hasSlots(weights) || out.isDynamicDim(1) ||
      getRows().getType().isDynamicDim(1)) // gather_sum_c5
    return emitOpError("the number of slots and the width must be static, and "
                       "there must be a slot, found ")
           << positions << " and " << out;
  if (isOfBins && !isShape(weights, positions.getShape())) // gather_sum_c1
    return emitOpError("weights have type ")
           << weights << ", expected the shape of " << positions;
  if (!compatibleDims(weights.getDimSize(0), positions.getDimSize(0)) ||
      getNumAlwaysOn() < 0) // gather_sum_c1
    return emitOpError("weights have type ")
           << weights << ", expected the rows of " << positions
           << " and no more columns";
  int64_t numTokens = isOfBins ? out.getDimSize(0) : positions.getDimSize(0);
  if (!isShape(out,
               {numTokens, getRows().getType().getDimSize(1)})) // gather_sum_c2
    return emitOpError("out has type ")
           << out << ", expected the tokens of " << positions
           << " and the width of " << getRows().getType();
  if (!getOffsets() != !getEntries()) // gather_sum_c9
    return emitOpError("offsets and entries must come together");
  if (isOfBins) {
    int64_t numOffsets =
        ShapedType::isDynamic(numTokens) ? numTokens : numTokens + 1;
    if (!isShape(getOffsets().getType(), {numOffsets}) ||
        !compatibleDims(getEntries().getType().getDimSize(0),
                        getNumPairs(weights))) // gather_sum_c9
      return emitOpError("offsets and entries have types ")
             << getOffsets().getType() << " and " << getEntries().getType()
             << ", expected an offset more than tokens in " << out
             << " and an entry per weight in " << weights;
  }
  if (getResidual() &&
      !isShape(getResidual().getType(), out.getShape())) // gather_sum_c3
    return emitOpError("residual has type ")
           << getResidual().getType() << ", expected the shape of " << out;
  if (failed(verifySumTypes(*this, getProductType(),
                            getSumType()))) // gather_sum_c6
    return failure();
  if (getGate() && !isShape(getGate().getType(),
                            {positions.getDimSize(0), 1})) // gather_sum_c7
    return emitOpError("gate has type ")
           << getGate().getType() << ", expected one column and the rows of "
           << positions;
  if ((getGate() || getAlwaysType()) && getNumAlwaysOn() == 0) // gather_sum_c8
    return emitOpError("gate and always_type are for slots that are always on, "
                       "found none");
  auto alwaysType =
      dyn_cast_or_null<FloatType>(getAlwaysType().value_or(Type()));
  if (getAlwaysType() &&
      (!alwaysType || alwaysType.getWidth() > 32)) // gather_sum_c8
    return emitOpError("always_type must be a float of at most 32 bits, found ")
           << *getAlwaysType();
  return verifyDestinations(*this); // gather_sum_c4
}
