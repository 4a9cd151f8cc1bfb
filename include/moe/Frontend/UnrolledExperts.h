// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_UNROLLEDEXPERTS_H
#define MOE_FRONTEND_UNROLLEDEXPERTS_H

#include "moe/Frontend/ExpertBody.h"
#include "moe/Frontend/OneHot.h"
#include "moe/IR/MoEOps.h"

#include "llvm/ADT/MapVector.h"

namespace mlir::moe {

/// What a number per token has to do with one expert.
struct ExpertMask {
  SelectOp select;
  int64_t number; ///< of the expert that the selection is compared with
};
/// The one comparison of a selected expert with a constant in `weight`; none if
/// there are none, or several.
std::optional<ExpertMask> findExpertMask(ElementTracer &tracer, Expr weight);

/// `weight` where the expert of `mask` is the one in `expert`, a selected one;
/// null if it is not zero everywhere else.
Expr weightOfSelected(ElementTracer &tracer, OneHot &oneHot, Expr weight,
                      const ExpertMask &mask, Expr expert);

/// Experts that a graph spells out one by one: the same row of each, from other
/// operands. These are matrices and vectors of their own, or parts of a stack.
class UnrolledExperts {
public:
  UnrolledExperts(ElementTracer &tracer, int64_t numExperts)
      : tracer(tracer), rows(numExperts, nullptr) {}

  /// Whether expert `number` is new, and `row` computes what that of the first
  /// one does.
  LogicalResult add(int64_t number, Expr row);
  /// What the first one has in its own place.
  const ExpertBody::OwnOperands &getOperands() const { return own; }
  Expr getRow() const { return rows[first]; }
  bool isComplete() const { return !llvm::is_contained(rows, nullptr); }

  /// Makes stacks of the operands of `body`, which is that of the first expert.
  LogicalResult stackOperands(OpBuilder &builder, Location loc,
                              ExpertBody &body);
  StringRef getReason() const { return reason; }

private:
  /// What an expert has in the place of an operand of the first one.
  struct Operand {
    Value value;
    std::optional<int64_t> index; ///< in a stack
    bool operator==(const Operand &other) const {
      return value == other.value && index == other.index;
    }
  };
  using Operands = llvm::MapVector<Value, Operand>;

  bool isSame(Expr a, Expr b, Operands &operands);
  bool isSameElement(Expr a, Expr b, Operands &operands);
  Value stack(OpBuilder &builder, Location loc, Value operand);
  LogicalResult fail(const Twine &why) {
    reason = why.str();
    return failure();
  }

  ElementTracer &tracer;
  SmallVector<Expr> rows;
  int64_t first = -1;
  /// The operands of every expert, the first one's left out.
  DenseMap<int64_t, Operands> others;
  /// Those of the first one.
  ExpertBody::OwnOperands own;
  /// What sums of the first one are, which all others are compared with.
  DenseMap<Expr, std::optional<Reduction>> sums;
  std::string reason;
};

} // namespace mlir::moe

#endif // MOE_FRONTEND_UNROLLEDEXPERTS_H
