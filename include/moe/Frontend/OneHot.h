// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_ONEHOT_H
#define MOE_FRONTEND_ONEHOT_H

#include "moe/Analysis/ElementTracer.h"

namespace mlir::moe {

/// Simplifies expressions that compare loop indices with selected experts:
///
///   sum over e of x[t,e] * (e == id[t])  =>  x[t, id[t]]
///
/// Arithmetic with constants is done, and zero times anything is zero, which
/// holds for finite numbers: it is what a mask is for. So a result may serve to
/// raise what a mask hides, and for nothing else.
class OneHot {
public:
  explicit OneHot(ElementTracer &tracer) : tracer(tracer) {}

  Expr simplify(Expr expr);

  /// `expr` where the loop index `expert` is none of the experts in the slots
  /// of `token`; null where it does not matter.
  Expr unselected(Expr expr, Expr expert, Value ids, Expr token);

  /// `expr` where the loop index `index` is not `value`.
  Expr without(Expr expr, Expr index, Expr value);

  /// What `expr` compares loop index `index` with, if that is one thing.
  Expr comparedWith(Expr expr, Expr index);

  /// What `reduction` over one-hot factors picks; null if it is no such sum.
  Expr pick(const Reduction &reduction);

private:
  /// Says whether two integers are equal, where it knows.
  using Assumption = function_ref<std::optional<bool>(Expr, Expr)>;
  struct Walk {
    DenseMap<Expr, Expr> &done;
    /// What elements of reductions must depend on to be looked into; null where
    /// a sum is looked into for one-hot factors only.
    Expr index = nullptr;
    Assumption assume = nullptr;
  };
  Expr visit(Expr expr, Walk &walk);
  Expr visitElement(Expr expr, Walk &walk);
  /// What a sum over a one-hot factor picks; null if it is no such sum.
  Expr pick(Expr element);
  std::optional<bool> areEqual(Expr a, Expr b);
  Expr fold(Expr expr, Walk &walk);
  Expr number(Type type, double value);

  ElementTracer &tracer;
  DenseMap<Expr, Expr> simplified;
  /// Of sums within sums.
  int depth = 0;
};

/// Whether `expr` is what `reduction` starts from and adding it changes
/// nothing.
bool isNeutral(const Reduction &reduction, Expr expr);

} // namespace mlir::moe

#endif // MOE_FRONTEND_ONEHOT_H
