// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"

#include <limits>

using namespace mlir;
using namespace mlir::moe;

int64_t mlir::moe::getNumPairs(ShapedType slots) {
  if (slots.isDynamicDim(0) || slots.isDynamicDim(1))
    return ShapedType::kDynamic;
  uint64_t most = std::numeric_limits<int64_t>::max();
  return std::min(most, llvm::SaturatingMultiply<uint64_t>(
                            slots.getDimSize(0), slots.getDimSize(1)));
}

FloatType ScoreOp::getComputeFloatType() {
  if (std::optional<Type> type = getComputeType())
    return cast<FloatType>(*type);
  return Float32Type::get(getContext());
}

LogicalResult ScoreOp::verify() {
  RankedTensorType logits = getLogits().getType();
  if (logits.getShape() != getScores().getType().getShape()) // score_c1
    return emitOpError("scores have type ")
           << getScores().getType() << ", expected the shape of " << logits;
  if (logits.isDynamicDim(1)) // score_c2
    return emitOpError("the number of experts must be static, found ")
           << logits;
  Type type = getComputeType().value_or(Float32Type::get(getContext()));
  auto floatType = dyn_cast<FloatType>(type);
  unsigned width = cast<FloatType>(logits.getElementType()).getWidth();
  if (!floatType || floatType.getWidth() < width) // score_c3
    return emitOpError("compute_type must be a float of at least ")
           << width << " bits, found " << type;
  if (getAxis() == ScoreAxis::tokens && getFn() != ScoreFn::softmax) // score_c4
    return emitOpError("has an axis, but ")
           << stringifyScoreFn(getFn()) << " looks at one logit at a time";
  if (std::optional<int64_t> scope = getScope();
      scope && (getAxis() != ScoreAxis::tokens || *scope <= 0 ||
                !llvm::isInt<32>(*scope))) // score_c5
    return emitOpError("scope must be positive, fit an i32 and come with axis "
                       "tokens, found ")
           << *scope;
  return success();
}

void SelectOp::build(OpBuilder &builder, OperationState &state, Type experts,
                     SelectRuleInterface rule, Value key) {
  build(builder, state, experts, rule, key, /*count=*/Value(),
        /*params=*/ValueRange(), /*token_params=*/ValueRange(),
        /*groups=*/GroupsAttr(), /*nan=*/NanRankAttr(), SlotOrder::by_key,
        SelectBy::token, /*scope=*/IntegerAttr());
}

Selection SelectOp::getSelection() {
  return {getRule(), getGroupsAttr(), getNanRank(), getOrder(),
          getExperts().getType().getDimSize(1)};
}

/// What a select by expert has that one by token has not.
static LogicalResult verifyBins(SelectOp op) {
  auto rule = dyn_cast<TopKAttr>(op.getRule());
  if (!rule || op.getGroups() || !op.getParams().empty() ||
      !op.getTokenParams().empty()) // select_c6
    return op.emitOpError("by expert needs #moe.top_k without groups, params "
                          "and token_params");
  if (rule.getK() <= 0 || !llvm::isInt<32>(rule.getK())) // select_c1
    return op.emitOpError("picks ")
           << rule.getK() << " tokens, expected at least 1, as an i32";
  RankedTensorType key = op.getKey().getType();
  RankedTensorType tokens = op.getExperts().getType();
  int64_t size = rule.getK();
  if (std::optional<int64_t> scope = op.getScope())
    size = key.isDynamicDim(0)
               ? ShapedType::kDynamic
               : size * llvm::divideCeil(key.getDimSize(0), *scope);
  if (tokens.getDimSize(0) != key.getDimSize(1) ||
      tokens.getDimSize(1) != size) { // select_c2
    auto error = op.emitOpError("tokens have type ")
                 << tokens << ", expected a row for each of "
                 << key.getDimSize(1) << " experts and ";
    if (ShapedType::isDynamic(size))
      return error << "a dynamic number of entries";
    return error << size << " entries";
  }
  return success();
}

LogicalResult SelectOp::verify() {
  RankedTensorType key = getKey().getType();
  RankedTensorType experts = getExperts().getType();
  if (key.isDynamicDim(1)) // select_c3
    return emitOpError("the number of experts must be static, found ") << key;
  if (std::optional<int64_t> scope = getScope();
      scope &&
      (!isByExpert() || *scope <= 0 || !llvm::isInt<32>(*scope))) // select_c7
    return emitOpError("scope must be positive, fit an i32 and come with by "
                       "expert, found ")
           << *scope;
  if (isByExpert())
    return verifyBins(*this);
  int64_t numExperts = key.getDimSize(1);
  if (failed(verifySelection(*this, getSelection(), numExperts,
                             key.getDimSize(0), getParams(),
                             getTokenParams()))) // select_c1, c4, c5
    return failure();
  int64_t numSlots = getRule().maxSlots(numExperts);
  if (experts.getDimSize(0) != key.getDimSize(0) ||
      experts.getDimSize(1) != numSlots) // select_c2
    return emitOpError("experts have type ")
           << experts << ", expected the rows of " << key << " and " << numSlots
           << " slots";
  return success();
}

void WeighOp::build(OpBuilder &builder, OperationState &state, Type weights,
                    WeighFn fn, Value source, Value experts, WeighNorm norm,
                    double eps, double scale) {
  build(builder, state, weights, /*always_weights=*/Type(), fn, source, experts,
        /*per_expert=*/Value(), /*factor=*/Value(), norm, APFloat(eps),
        /*clamp=*/APFloat(0.0), APFloat(scale), /*p=*/FloatAttr(),
        /*band=*/FloatAttr(), SelectBy::token, /*columns=*/IntegerAttr(),
        /*always_on=*/0);
}

Weighing WeighOp::getWeighing() {
  auto optional = [](std::optional<APFloat> number) -> std::optional<double> {
    if (!number)
      return std::nullopt;
    return number->convertToDouble();
  };
  return {getFn(),
          getNorm(),
          getEps().convertToDouble(),
          getClamp().convertToDouble(),
          getScale().convertToDouble(),
          optional(getP()),
          optional(getBand())};
}

bool WeighOp::isPlain() {
  return getFn() == WeighFn::value && getNorm() == WeighNorm::none &&
         getScale().isExactlyValue(1) && !getPerExpert() && !getFactor() &&
         !getColumns() && getAlwaysOn() == 0;
}

LogicalResult moe::verifyColumns(Operation *op, std::optional<int64_t> columns,
                                 int64_t alwaysOn, int64_t numSource,
                                 ShapedType always, int64_t numTokens) {
  if (alwaysOn < 0 || alwaysOn >= numSource) // weigh_c12, gate_c12
    return op->emitOpError("always_on is ")
           << alwaysOn << " of " << numSource
           << " columns, expected less and not negative";
  if (columns &&
      (*columns <= 0 || *columns > numSource - alwaysOn)) // weigh_c11, gate_c12
    return op->emitOpError("columns is ")
           << *columns << ", expected 1 to the " << numSource - alwaysOn
           << " that slots can name";
  if ((alwaysOn > 0) != static_cast<bool>(always)) // weigh_c12, gate_c12
    return op->emitOpError("always_on and always_weights must come together");
  if (always && (!compatibleDims(always.getDimSize(0), numTokens) ||
                 always.getDimSize(1) != alwaysOn)) // weigh_c12, gate_c12
    return op->emitOpError("always_weights have type ")
           << always << ", expected a row per token and " << alwaysOn
           << " columns";
  return success();
}

LogicalResult WeighOp::verify() {
  RankedTensorType source = getSource().getType();
  RankedTensorType experts = getExperts().getType();
  if (getWeights().getType().getShape() != experts.getShape()) // weigh_c1
    return emitOpError("weights have type ")
           << getWeights().getType() << ", expected the shape of " << experts;
  if (isByExpert() && source.getDimSize(1) != experts.getDimSize(0)) // weigh_c2
    return emitOpError("source has type ")
           << source << ", expected a bin for each of its experts, but found "
           << experts;
  if (!isByExpert() && !compatibleDims(source.getDimSize(0),
                                       experts.getDimSize(0))) // weigh_c2
    return emitOpError("source has ")
           << source.getDimSize(0) << " tokens, but experts have "
           << experts.getDimSize(0);
  if (isByExpert() && getFn() == WeighFn::band_softmax) // weigh_c10
    return emitOpError("by expert cannot weigh by band_softmax, which goes "
                       "through a token's slots in order");
  if (failed(verifyWeighing(*this, getWeighing()))) // weigh_c3, c5, c7, c8, c9
    return failure();
  if (source.isDynamicDim(1) ||
      (!isByExpert() && !hasStaticSlots(experts))) // weigh_c4
    return emitOpError("the numbers of experts and slots must be static, and "
                       "there must be a slot, found ")
           << source << " and " << experts;
  if (isByExpert() && (getColumns() || getAlwaysOn())) // weigh_c11, weigh_c12
    return emitOpError("by expert has neither columns nor always_on");
  if (getFn() == WeighFn::band_softmax && getAlwaysOn()) // weigh_c12
    return emitOpError("band_softmax goes through slots in order, of which "
                       "experts that are always on have none");
  ShapedType always;
  if (getAlwaysWeights())
    always = getAlwaysWeights().getType();
  if (failed(verifyColumns(*this, getColumns(), getAlwaysOn(),
                           source.getDimSize(1), always,
                           source.getDimSize(0)))) // weigh_c11, weigh_c12
    return failure();
  if (getPerExpert() && getPerExpert().getType().getDimSize(0) !=
                            source.getDimSize(1)) // weigh_c6
    return emitOpError("per_expert has type ")
           << getPerExpert().getType() << ", expected an entry for each of "
           << source.getDimSize(1) << " experts";
  return success();
}

LogicalResult PlanOp::verify() {
  RankedTensorType experts = getExperts().getType();
  RankedTensorType offsets = getOffsets().getType();
  RankedTensorType pairs = getPairs().getType();
  if (!isByExpert() && !hasStaticSlots(experts)) // plan_c3
    return emitOpError("the number of slots must be static and positive, "
                       "found ")
           << experts;
  int64_t numPairs = getNumPairs(experts);
  if (numPairs > std::numeric_limits<int32_t>::max()) // plan_c4
    return emitOpError("experts have type ")
           << experts << ", more pairs than an i32 can number";
  if (!compatibleDims(pairs.getDimSize(0), numPairs)) // plan_c1
    return emitOpError("pairs have ")
           << pairs.getDimSize(0) << " entries, expected " << numPairs
           << " for experts of type " << experts;
  if (offsets.isDynamicDim(0) || offsets.getDimSize(0) < 2) // plan_c2
    return emitOpError("offsets must be static with at least two entries, "
                       "found ")
           << offsets;
  if (isByExpert() && experts.getDimSize(0) != getNumExperts()) // plan_c5
    return emitOpError("experts have type ")
           << experts << ", expected a bin for each of " << getNumExperts()
           << " experts";
  return success();
}
