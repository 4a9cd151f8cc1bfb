// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISEARGMAXTOPKPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-raise-argmax-top-k";

std::optional<DenseElementsAttr> splat(Value value) {
  DenseElementsAttr attribute;
  if (!matchPattern(value, m_Constant(&attribute)) || !attribute.isSplat())
    return std::nullopt;
  return attribute;
}

bool isSplatInteger(Value value, int64_t number) {
  std::optional<DenseElementsAttr> attribute = splat(value);
  if (!attribute || !attribute->getElementType().isInteger())
    return false;
  APInt found = attribute->getSplatValue<APInt>();
  return found.getBitWidth() == 1 ? found.getZExtValue() == uint64_t(number)
                                  : found.getSExtValue() == number;
}

bool isMinusInfinity(Value value) {
  std::optional<DenseElementsAttr> attribute = splat(value);
  if (!attribute || !isa<FloatType>(attribute->getElementType()))
    return false;
  APFloat found = attribute->getSplatValue<APFloat>();
  return found.isInfinity() && found.isNegative();
}

Value throughReshapes(Value value) {
  while (true) {
    if (auto reshape = value.getDefiningOp<tosa::ReshapeOp>())
      value = reshape.getInput1();
    else if (auto cast = value.getDefiningOp<tosa::CastOp>())
      value = cast.getInput();
    else
      return value;
  }
}

/// The one of two operands that is not `value`, if the other is.
template <typename OpTy> Value otherOperand(Value result, Value value) {
  auto op = result.getDefiningOp<OpTy>();
  if (!op)
    return nullptr;
  if (op.getInput1() == value)
    return op.getInput2();
  return op.getInput2() == value ? op.getInput1() : nullptr;
}

/// Round r takes, of the experts not taken before, the first NaN, else the
/// first of the largest keys:
///
///   nanAt = argmax(free & isNaN ? 1 : 0)         okAt = argmax(free & !isNaN ?
///   1 : 0) best  = argmax(free & !isNaN ? key : -inf) id = hit(nanAt) ? nanAt
///   : hit(best) ? best : okAt
///
/// where hit(i) asks the 0/1 mask at i. Matches from `id` back.
struct Round {
  Value key;   ///< [T, E, 1]
  Value isNan; ///< [T, E, 1] of i1
  Value isOk;  ///< its complement
  Value free;  ///< [T, E, 1] of i1: not taken before this round

  static std::optional<Round> match(Value id);
};

struct MaskedArgmax {
  Value mask; ///< what is chosen by
  Value on;   ///< the 0/1 or key tensor the argmax runs over
  Value yes, no;
};

std::optional<MaskedArgmax> matchMaskedArgmax(Value value) {
  auto argmax = value.getDefiningOp<tosa::ArgMaxOp>();
  if (!argmax || argmax.getAxis() != 1)
    return std::nullopt;
  auto select = argmax.getInput().getDefiningOp<tosa::SelectOp>();
  if (!select)
    return std::nullopt;
  return MaskedArgmax{select.getInput1(), select.getResult(),
                      select.getInput2(), select.getInput3()};
}

/// A 0/1 mask of `mask`, as argmax input.
bool isIndicator(const MaskedArgmax &argmax) {
  return isSplatInteger(argmax.yes, 1) && isSplatInteger(argmax.no, 0);
}

/// Whether `condition` asks if the 0/1 tensor is 1 at `at`; returns the tensor.
Value matchHit(Value condition, Value at) {
  auto equal = condition.getDefiningOp<tosa::EqualOp>();
  if (!equal)
    return nullptr;
  for (auto [asked, one] :
       {std::pair<Value, Value>{equal.getInput1(), equal.getInput2()},
        std::pair<Value, Value>{equal.getInput2(), equal.getInput1()}}) {
    auto gather = throughReshapes(asked).getDefiningOp<tosa::GatherOp>();
    if (gather && isSplatInteger(one, 1) && gather.getIndices() == at)
      return gather.getValues();
  }
  return nullptr;
}

std::optional<Round> Round::match(Value id) {
  auto outer = id.getDefiningOp<tosa::SelectOp>();
  if (!outer)
    return std::nullopt;
  auto inner = outer.getInput3().getDefiningOp<tosa::SelectOp>();
  if (!inner)
    return std::nullopt;
  std::optional<MaskedArgmax> nanAt = matchMaskedArgmax(outer.getInput2());
  std::optional<MaskedArgmax> best = matchMaskedArgmax(inner.getInput2());
  std::optional<MaskedArgmax> okAt = matchMaskedArgmax(inner.getInput3());
  if (!nanAt || !best || !okAt || !isIndicator(*nanAt) || !isIndicator(*okAt) ||
      !isMinusInfinity(best->no) || best->mask != okAt->mask)
    return std::nullopt;
  if (matchHit(outer.getInput1(), outer.getInput2()) != nanAt->on ||
      matchHit(inner.getInput1(), inner.getInput2()) != okAt->on)
    return std::nullopt;

  Round round;
  round.key = best->yes;
  auto nanAnd = nanAt->mask.getDefiningOp<tosa::LogicalAndOp>();
  if (!nanAnd)
    return std::nullopt;
  for (Value side : {nanAnd.getInput1(), nanAnd.getInput2()}) {
    auto negated = side.getDefiningOp<tosa::LogicalNotOp>();
    if (!negated)
      continue;
    auto self = negated.getInput1().getDefiningOp<tosa::EqualOp>();
    if (!self || self.getInput1() != round.key || self.getInput2() != round.key)
      continue;
    round.isNan = side;
    round.isOk = negated.getInput1();
  }
  if (!round.isNan)
    return std::nullopt;
  round.free = otherOperand<tosa::LogicalAndOp>(nanAt->mask, round.isNan);
  if (!round.free ||
      otherOperand<tosa::LogicalAndOp>(okAt->mask, round.isOk) != round.free)
    return std::nullopt;
  return round;
}

/// Whether `free` says "in none of `taken`": all true, or a mask that the
/// earlier ids were scattered into is 0.
bool isFreeOf(Value free, ArrayRef<Value> taken) {
  if (taken.empty())
    return isSplatInteger(free, 1);
  auto equal = free.getDefiningOp<tosa::EqualOp>();
  if (!equal)
    return false;
  Value mask = isSplatInteger(equal.getInput2(), 0)   ? equal.getInput1()
               : isSplatInteger(equal.getInput1(), 0) ? equal.getInput2()
                                                      : Value();
  if (!mask)
    return false;
  mask = throughReshapes(mask);
  for (Value id : llvm::reverse(taken)) {
    auto scatter = mask.getDefiningOp<tosa::ScatterOp>();
    if (!scatter || scatter.getIndices() != id ||
        !isSplatInteger(scatter.getInput(), 1))
      return false;
    mask = throughReshapes(scatter.getValuesIn());
  }
  return isSplatInteger(mask, 0);
}

/// Column 1 of a [T, K, 1] tensor made of K pieces.
SmallVector<Value> pieces(Value value) {
  if (auto concat = value.getDefiningOp<tosa::ConcatOp>()) {
    if (concat.getAxis() != 1)
      return {};
    return llvm::to_vector(concat.getInput1());
  }
  return {value};
}

/// Replaces the ids [T, K, 1] and, where they are gathered, the keys [T, K, 1].
///
///   %id0 = <round over %key>, %id1 = <round over %key, %id0 taken>
///   %ids = tosa.concat %id0, %id1
///   %top = tosa.concat (tosa.gather %key, %id0), (tosa.gather %key, %id1)
/// =>
///   %e = moe.select #moe.top_k<2> %key,  %v = moe.weigh value %key, %e
LogicalResult raise(Value ids, IRRewriter &rewriter) {
  SmallVector<Value> rounds;
  for (Value piece : pieces(ids)) {
    Value id = throughReshapes(piece);
    std::optional<Round> round = Round::match(id);
    if (!round)
      return failure(); // Not a round at all: nothing to explain.
    if (!rounds.empty() && Round::match(rounds.front())->key != round->key)
      return missed(ids.getDefiningOp(), passName,
                    "the rounds read different keys");
    if (!isFreeOf(round->free, rounds))
      return missed(ids.getDefiningOp(), passName,
                    "a round does not leave out exactly the experts taken "
                    "before it");
    rounds.push_back(id);
  }
  if (rounds.empty())
    return failure();
  Value key3 = Round::match(rounds.front())->key;
  auto key3Type = dyn_cast<RankedTensorType>(key3.getType());
  if (!key3Type || !key3Type.hasStaticShape() || key3Type.getRank() != 3 ||
      key3Type.getDimSize(2) != 1)
    return missed(ids.getDefiningOp(), passName,
                  "the keys are not a static [tokens, experts, 1]");

  auto idsType = dyn_cast<RankedTensorType>(ids.getType());
  SmallVector<int64_t> idsShape{key3Type.getDimSize(0),
                                static_cast<int64_t>(rounds.size())};
  if (idsType && idsType.getRank() == 3)
    idsShape.push_back(1);
  if (!idsType || idsType.getShape() != ArrayRef<int64_t>(idsShape) ||
      !idsType.getElementType().isInteger() ||
      !llvm::isIntN(idsType.getElementTypeBitWidth(),
                    key3Type.getDimSize(1) - 1))
    return missed(ids.getDefiningOp(), passName,
                  "the rounds are not put together as [tokens, k] ids");

  // Keys gathered at all ids in order, wherever they are put together.
  SmallVector<Value> values;
  for (Operation *user : key3.getUsers()) {
    auto gather = dyn_cast<tosa::GatherOp>(user);
    if (!gather || gather.getIndices() != rounds.front())
      continue;
    if (rounds.size() == 1)
      values.push_back(gather.getOutput());
    for (Operation *joiner : gather->getUsers()) {
      SmallVector<Value> parts = joiner->getNumResults() == 1
                                     ? pieces(joiner->getResult(0))
                                     : SmallVector<Value>();
      bool matches = parts.size() == rounds.size() && rounds.size() > 1;
      for (auto [part, id] : llvm::zip(parts, rounds)) {
        auto piece = part.getDefiningOp<tosa::GatherOp>();
        matches &=
            piece && piece.getValues() == key3 && piece.getIndices() == id;
      }
      if (matches)
        values.push_back(joiner->getResult(0));
    }
  }

  rewriter.setInsertionPointAfterValue(ids);
  Location loc = ids.getLoc();
  SmallVector<ReassociationIndices> groups{{0}, {1, 2}};
  // The rank-2 keys if they were reshaped to rank 3 for the rounds.
  Value key;
  if (auto reshape = key3.getDefiningOp<tosa::ReshapeOp>()) {
    auto type = dyn_cast<RankedTensorType>(reshape.getInput1().getType());
    if (type && type.getShape() == key3Type.getShape().drop_back())
      key = reshape.getInput1();
  }
  if (!key)
    key = tensor::CollapseShapeOp::create(rewriter, loc, key3, groups);
  SelectOp select = buildTopK(rewriter, loc, key, rounds.size());
  auto replace = [&](Value old, Value matrix) {
    auto type = cast<RankedTensorType>(old.getType());
    matrix = castIds(rewriter, loc, matrix, type.getElementType());
    if (type.getRank() == 3)
      matrix =
          tensor::ExpandShapeOp::create(rewriter, loc, type, matrix, groups);
    rewriter.replaceAllUsesWith(old, matrix);
  };
  for (Value old : values) {
    // May stand before the ids are complete; its users all come after.
    WeighOp weigh = buildValues(rewriter, loc, key, select.getExperts());
    auto type = cast<RankedTensorType>(old.getType());
    Value expanded = tensor::ExpandShapeOp::create(rewriter, loc, type,
                                                   weigh.getWeights(), groups);
    rewriter.replaceUsesWithIf(old, expanded, [&](OpOperand &use) {
      return use.getOwner()->getBlock() == weigh->getBlock() &&
             weigh->isBeforeInBlock(use.getOwner());
    });
  }
  replace(ids, select.getExperts());
  fired(select, passName,
        Twine(rounds.size()) + " rounds of argmax are moe.select");
  return success();
}

struct RaiseArgmaxTopK
    : moe::impl::MoERaiseArgmaxTopKPassBase<RaiseArgmaxTopK> {
  void runOnOperation() override {
    bool raised = false;
    getOperation()->walk(
        [&](FunctionOpInterface function) { raised |= raiseIn(function); });
    if (!raised)
      markAllAnalysesPreserved();
  }

  bool raiseIn(FunctionOpInterface function) {
    IRRewriter rewriter(&getContext());
    // Whole chains first: a lone round is also the first round of a chain.
    SmallVector<Value> chains;
    function->walk([&](tosa::ConcatOp op) {
      if (op.getInput1().size() > 1)
        chains.push_back(op.getResult());
    });
    bool raised = raiseAll(chains, function, rewriter);
    SmallVector<Value> alone;
    function->walk([&](tosa::SelectOp op) {
      std::optional<Round> round = Round::match(op.getResult());
      if (round && isFreeOf(round->free, {}))
        alone.push_back(op.getResult());
    });
    return raiseAll(alone, function, rewriter) || raised;
  }

  bool raiseAll(ArrayRef<Value> candidates, Operation *root,
                IRRewriter &rewriter) {
    bool raised = false;
    for (Value ids : candidates)
      raised |= succeeded(raise(ids, rewriter));
    // What is left of the rounds must not be found again.
    if (raised)
      eraseDeadOps(root, rewriter);
    return raised;
  }
};
} // namespace
