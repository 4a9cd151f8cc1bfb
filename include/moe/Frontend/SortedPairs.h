// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_SORTEDPAIRS_H
#define MOE_FRONTEND_SORTEDPAIRS_H

#include "moe/Analysis/ElementTracer.h"
#include "moe/IR/MoEOps.h"

#include "mlir/Interfaces/ValueBoundsOpInterface.h"

namespace mlir::moe {

/// A sort of the ids of all slots, smallest first, with numbers that tell where
/// each came from.
struct IdSort {
  SortOp sort;
  SelectOp select;
  unsigned key;     ///< the input that is sorted by
  bool isSlotMajor; ///< pairs are numbered s T + t, not t K + s
  int64_t numPairs; ///< ShapedType::kDynamic if that is not known

  int64_t getNumSlots() const {
    return SelectOp(select).getExperts().getType().getDimSize(1);
  }
  int64_t getNumExperts() const {
    return SelectOp(select).getKey().getType().getDimSize(1);
  }
  /// Whether `size` is how many pairs there are.
  bool isNumPairs(ValueBoundsConstraintSet::Variable size) const;
  /// The number of a pair.
  Expr pairOf(ElementExprContext &context, Expr token, Expr slot) const;

  /// None, with a reason, if `sort` sorts anything else.
  static std::optional<IdSort> match(SortOp sort, std::string &reason);
};

/// Knows the row that a pair of token and slot has after a sort, and what
/// tensors have in that row:
///
///   sorted[row] is what was sorted, of the pair
///   inverse[pair] = row        if inverse[sorted[r]] = r for all r
///   experts(x)[row] = body(x[row], weights[id of the pair])
class SortedPairs {
public:
  /// From now on `tracer` is told what it has in that row. With no slot, it is
  /// the first index that is found to number slots.
  SortedPairs(ElementTracer &tracer, const IdSort &idSort, Expr token,
              Expr slot = nullptr);

  Expr getRow() const { return row; }
  /// Null before anything was read in the row.
  Expr getSlot() const { return slot; }
  Expr getPair() const;
  Expr getExpert() const;
  /// Why a tensor that is read in the row could not be told.
  StringRef getReason() const { return reason; }

private:
  Expr meaning(Value tensor, ArrayRef<Expr> indices);
  Expr sorted(OpResult result, ArrayRef<Expr> indices);
  Expr written(Value tensor, ArrayRef<Expr> indices);
  Expr sortedAgain(SortOp again, unsigned result, Expr pair);
  Expr madeByExperts(ExpertsOp experts, ArrayRef<Expr> indices);
  Expr givenToExperts(BlockArgument argument, ArrayRef<Expr> indices);
  bool isPair(Expr index);
  bool hasGroups(Value offsets);
  bool areIds(Expr key, ArrayRef<Expr> vars);

  ElementTracer &tracer;
  ElementExprContext &context;
  IdSort idSort;
  Expr token, slot, row;
  std::string reason;
  DenseMap<Value, bool> groups;
};

} // namespace mlir::moe

#endif // MOE_FRONTEND_SORTEDPAIRS_H
