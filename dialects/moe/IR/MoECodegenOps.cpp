// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEDestinations.h"
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

LogicalResult moe::verifyDestinations(DestinationStyleOpInterface op) {
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

void moe::addEffects(
    DestinationStyleOpInterface op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects,
    bool readsDestinations) {
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

MutableOperandRange moe::rangeFrom(OpOperand &first, unsigned count) {
  return MutableOperandRange(first.getOwner(), first.getOperandNumber(), count);
}

bool moe::isShape(ShapedType type, ArrayRef<int64_t> shape) {
  return succeeded(verifyCompatibleShape(type.getShape(), shape));
}

// moe.gate

// Destinations are single operands beside each other.
MutableOperandRange GateOp::getDpsInitsMutable() {
  return rangeFrom(getExpertsMutable(), getAlwaysWeights() ? 3 : 2);
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
  ShapedType always;
  if (getAlwaysWeights())
    always = getAlwaysWeights().getType();
  if (failed(verifyColumns(*this, getColumns(), getAlwaysOn(), numExperts,
                           always, x.getDimSize(0)))) // gate_c12
    return failure();
  int64_t numNamed = getNumNamed();
  if (failed(verifySelection(*this, getSelection(), numNamed, x.getDimSize(0),
                             getParams(), getTokenParams()))) // gate_c2, c8
    return failure();
  if (!getRule().isPerToken()) // gate_c2
    return emitOpError("the rule must decide per token, found ") << getRule();
  if (experts.getDimSize(1) != getRule().maxSlots(numNamed)) // gate_c2
    return emitOpError("experts have type ")
           << experts << ", expected " << getRule().maxSlots(numNamed)
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
  for (auto [vector, name, count] :
       {std::tuple(getBias(), "bias", numExperts),
        std::tuple(getKeyBias(), "key_bias", numNamed),
        std::tuple(getPerExpert(), "per_expert", numExperts)})
    if (vector && vector.getType().getDimSize(0) != count) // gate_c9
      return emitOpError() << name << " has type " << vector.getType()
                           << ", expected an entry for each of " << count
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
  if (!getOffsets() != !getEntries()) // gather_sum_c11
    return emitOpError("offsets and entries must come together");
  if (isOfBins) {
    int64_t numOffsets =
        ShapedType::isDynamic(numTokens) ? numTokens : numTokens + 1;
    if (!isShape(getOffsets().getType(), {numOffsets}) ||
        !compatibleDims(getEntries().getType().getDimSize(0),
                        getNumPairs(weights))) // gather_sum_c11
      return emitOpError("offsets and entries have types ")
             << getOffsets().getType() << " and " << getEntries().getType()
             << ", expected an offset more than tokens in " << out
             << " and an entry per weight in " << weights;
    if (getX()) // gather_sum_c12
      return emitOpError(
          "sums entries of bins, which have no identity columns");
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
  bool hasIdentity = static_cast<bool>(getX());
  if (hasIdentity != static_cast<bool>(getExperts()) ||
      hasIdentity != static_cast<bool>(getFirstAttr()) ||
      hasIdentity != static_cast<bool>(getCountAttr())) // gather_sum_c9
    return emitOpError("x, experts, first and count must come together");
  if (hasIdentity) {
    if (!isShape(getX().getType(), out.getShape()) ||
        !isShape(getExperts().getType(), weights.getShape())) // gather_sum_c9
      return emitOpError("x and experts have types ")
             << getX().getType() << " and " << getExperts().getType()
             << ", expected the shapes of " << out << " and " << weights;
    int64_t first = *getFirst(), end;
    if (first < 0 || static_cast<int64_t>(*getCount()) < 1 ||
        llvm::AddOverflow(first, static_cast<int64_t>(*getCount()), end) ||
        !llvm::isInt<32>(end)) // gather_sum_c9
      return emitOpError("has ")
             << *getCount() << " identity columns from " << first
             << ", expected one at least, with "
                "ids that fit an i32";
  }
  if (getUnweighted() && getProductType()) // gather_sum_c10
    return emitOpError("is unweighted, so that there is no product to round");
  return verifyDestinations(*this); // gather_sum_c4
}

// moe.masked_ffn

MutableOperandRange MaskedFfnOp::getDpsInitsMutable() {
  return rangeFrom(getOutMutable(), 6);
}

void MaskedFfnOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

LogicalResult MaskedFfnOp::verify() {
  ShapedType x = getX().getType(), units = getUnits().getType();
  ShapedType up = getUp().getType(), down = getDown().getType();
  if (!up.hasStaticShape() || !down.hasStaticShape() ||
      up.getDimSize(1) != x.getDimSize(1) || getNumUnits() <= 0 ||
      down.getDimSize(0) != getNumUnits()) // masked_ffn_c1
    return emitOpError("expected static matrices [F, D] and [F, D'] for rows "
                       "of ")
           << x << ", found " << up << " and " << down;
  int64_t tokens = x.getDimSize(0), samples = getSamples();
  if (samples <= 0 || (!isPost() && samples > 32)) // masked_ffn_c2
    return emitOpError("takes at least one sample, and with side pre at most "
                       "32, found ")
           << samples;
  int64_t sampleRows =
      ShapedType::isDynamic(tokens) ? tokens : tokens * samples;
  if (!hasStaticSlots(units) ||
      !compatibleDims(units.getDimSize(0), sampleRows) ||
      !isShape(getCoefficients().getType(),
               units.getShape())) // masked_ffn_c2
    return emitOpError("units and coefficients have types ")
           << units << " and " << getCoefficients().getType() << ", expected "
           << samples << " rows of static width for each of " << x;
  int64_t numUnits = getNumUnits(), width = down.getDimSize(1);
  if ((getUpBias() && !isShape(getUpBias().getType(), numUnits)) ||
      (getDownBias() && !isShape(getDownBias().getType(), width)) ||
      (getSampleWeights() && !isShape(getSampleWeights().getType(),
                                      {tokens, samples}))) // masked_ffn_c3
    return emitOpError("expected ")
           << numUnits << " biases going up, " << width << " going down and "
           << samples << " sample_weights for each of " << x;
  int64_t tile = getTile();
  if (tile < 1 || tile > 8) // masked_ffn_c4
    return emitOpError("has tiles of ") << tile << " tokens, expected 1 to 8";
  int64_t numTiles =
      ShapedType::isDynamic(tokens) ? tokens : llvm::divideCeil(tokens, tile);
  for (auto [name, type, shape] :
       {std::tuple<StringRef, ShapedType, SmallVector<int64_t>>{
            "out", getOut().getType(), {tokens, width}},
        {"hidden", getHidden().getType(), {tokens, numUnits}},
        {"factors",
         getFactors().getType(),
         {isPost() ? tokens : sampleRows, numUnits}},
        {"kept", getKept().getType(), {tokens, numUnits}},
        {"lists", getLists().getType(), {numTiles, numUnits}},
        {"counts",
         getCounts().getType(),
         {numTiles, getNumBlocks()}}}) // masked_ffn_c5
    if (!isShape(type, shape))
      return emitOpError(name)
             << " has type " << type << ", which does not fit " << x << " and "
             << down << " in tiles of " << tile;
  return verifyDestinations(*this); // masked_ffn_c7
}

LogicalResult MaskedFfnOp::verifyRegions() { // masked_ffn_c6
  Block &block = getActivation().front();
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  Type element = getHidden().getType().getElementType();
  if (block.getNumArguments() != 1 ||
      !isa<FloatType>(block.getArgument(0).getType()) || !yield ||
      !llvm::equal(yield.getOperandTypes(), ArrayRef<Type>(element)))
    return emitOpError("the activation takes one float and yields one ")
           << element;
  for (Operation &op : block)
    if (!isMemoryEffectFree(&op))
      return op.emitOpError(
          "has side effects, which an activation must not have");
  return success();
}
