// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_EXPERTBODY_H
#define MOE_FRONTEND_EXPERTBODY_H

#include "moe/Analysis/ElementTracer.h"

#include "llvm/ADT/MapVector.h"

#include <functional>

namespace mlir::moe {

/// Writes the body of moe.experts from what the elements of its result are.
///
/// A row of pair (token, slot) may read: tokens, as tensors [T, C] that do not
/// know the slot; tensors [E, ...] at the selected expert; sums of products of
/// the two (which become matmuls); and elementwise work on all of these.
///
/// A shared expert has no slot and no number: it reads the tokens of the routed
/// experts, and what it has for itself does not depend on the token. Nor has
/// one of the experts of an unrolled graph a slot: it stands for all of them,
/// and their operands come in its operands' stead.
class ExpertBody {
public:
  /// `expert` is the element of the selection at (token, slot).
  ExpertBody(ElementTracer &tracer, Expr token, Expr slot, Expr expert)
      : tracer(tracer), token(token), slot(slot), expert(expert),
        like(expert->value), place(expert->value.getLoc()) {}
  /// A shared expert that reads `tokens`, a matrix.
  ExpertBody(ElementTracer &tracer, Expr token, Value tokens)
      : tracer(tracer), token(token), tokens(tokens), place(tokens.getLoc()) {}

  /// One of several experts, of which each has `own` operands, or its part of
  /// them at that index. `like` has a row per token.
  using OwnOperands = DenseMap<Value, std::optional<int64_t>>;
  ExpertBody(ElementTracer &tracer, Expr token, const OwnOperands &own,
             Value like, OpBuilder &b)
      : tracer(tracer), token(token), own(&own), like(like), builder(&b),
        place(like.getLoc()) {}

  /// Looks at what a matmul multiplies through `refine`, which may say more of
  /// it than the graph does, and makes tensors of tokens and of numbers per
  /// pair that the graph does not have. What depends on `pairIndex`, if that is
  /// there, belongs to the pair.
  void refineBy(std::function<Expr(Expr)> fn, OpBuilder &b, Location loc,
                Expr pairIndex = nullptr) {
    refine = std::move(fn);
    builder = &b;
    place = loc;
    this->pairIndex = pairIndex;
  }

  /// Collects the operands of a body that computes `row`, an expression in
  /// `column`. Builds nothing but what no other op reads. Fails with a reason.
  LogicalResult analyze(Expr row, Expr column);

  /// Emits the body over the collected operands. `arguments` holds a [?, C]
  /// value per token operand, a [?, 1] value per pair operand, then an [..]
  /// value per expert operand.
  Value emit(OpBuilder &builder, Location loc, ValueRange arguments, Expr row,
             Expr column);

  ArrayRef<Value> getTokenOperands() const {
    return tokenOperands.getArrayRef();
  }
  /// Matrices [tokens, slots].
  ArrayRef<Value> getPairOperands() const { return pairOperands.getArrayRef(); }
  ArrayRef<Value> getExpertOperands() const {
    return stacks.empty() ? expertOperands.getArrayRef() : stacks;
  }
  /// One stack for each of the expert operands, to take their place.
  void stackOperands(ArrayRef<Value> values) {
    stacks.assign(values.begin(), values.end());
  }
  StringRef getReason() const { return reason; }

private:
  struct Matmul {
    Value weights;
    /// Weights lie [out, in], as torch stores them; [in, out] otherwise.
    bool outIn;
    int64_t width; ///< number of outputs
    Expr row;      ///< the other factor, in `depth`
    Expr depth;
  };
  std::optional<Matmul> matchMatmul(Expr expr, Expr &outColumn);
  bool knowsPair(Expr expr);
  bool isOfSharedExpert(Expr expr);
  bool changesWidth(Expr row);
  /// `element` of a tensor of `rank` dimensions per expert, at the expert; null
  /// if it reads anything else.
  Expr ofExpert(Expr element, size_t rank);
  /// The same, of a tensor in which the dimensions are one or cut elsewhere.
  Expr regroup(Expr element, size_t rank);
  /// Its indices in what the expert has.
  ArrayRef<Expr> placeInExpert(Expr element) const {
    ArrayRef<Expr> place = element->operands;
    bool isStack = expert || (own && own->lookup(element->value));
    return isStack ? place.drop_front() : place;
  }
  /// The matrix that holds what `leaf` reads of a token; null if there is none.
  Expr canonicalIndex(int64_t extent);
  Value tokenOperand(Expr leaf, Expr column);
  Value pairOperand(Expr leaf);
  LogicalResult fail(const Twine &why) {
    reason = why.str();
    return failure();
  }

  /// [?, extent of column] for one leaf of an elementwise expression.
  Value emitLeaf(OpBuilder &builder, Location loc, Expr leaf, Expr column);
  Value emitMatmul(OpBuilder &builder, Location loc, Value result,
                   const Matmul &matmul);
  /// Leaves of the elementwise part of `row`, in order of appearance.
  void collectLeaves(Expr row, llvm::SetVector<Expr> &leaves);
  bool isLeaf(Expr expr);

  ElementTracer &tracer;
  Expr token, slot = nullptr, expert = nullptr;
  const OwnOperands *own = nullptr;
  Value tokens, like;
  std::string reason;
  std::function<Expr(Expr)> refine;
  OpBuilder *builder = nullptr;
  SmallVector<Value> stacks;
  Expr pairIndex = nullptr;
  Location place;
  /// Tensors for leaves that the graph has none for.
  DenseMap<Expr, Value> made;
  /// Reshaped tensors of experts, and what they were.
  SmallVector<std::pair<Value, Value>> regrouped;
  llvm::SetVector<Value> tokenOperands, pairOperands, expertOperands;
  DenseMap<Value, Value> arguments;
  DenseMap<std::tuple<Value, Value, Expr>, Value> matmulResults;
  /// What `knowsPair` answered where there is at most one slot.
  DenseMap<Expr, bool> singleSlot;
  DenseMap<int64_t, Expr> depths;
  Value numRows;
};

} // namespace mlir::moe

#endif // MOE_FRONTEND_EXPERTBODY_H
