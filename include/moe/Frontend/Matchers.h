// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Named questions about element expressions, commutative where the arithmetic
// is; and, at the end, which ops of a function passes start from.
#ifndef MOE_FRONTEND_MATCHERS_H
#define MOE_FRONTEND_MATCHERS_H

#include "moe/Analysis/ElementTracer.h"
#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// Whether `expr` is the float constant `value`.
bool isConstant(Expr expr, double value);

/// Whether nothing is smaller: what exporters start a maximum from.
bool isLeast(Expr expr);

/// How many terms `op`, which reduces over one loop, adds; kDynamic, which is
/// less than any number, if that is not known.
int64_t reductionSize(linalg::LinalgOp op);

/// numerator / denominator, also spelled numerator * (1 / denominator).
struct Quotient {
  Expr numerator;
  Expr denominator;
};
std::optional<Quotient> matchQuotient(Expr expr);

/// Whether `expr` adds `term` over all values of `over`, the loop index that
/// `term` is written in, from zero.
bool isSumOver(ElementTracer &tracer, Expr expr, Expr term, Expr over);

/// sum over `depth` of lhs * rhs, from zero. Factors that are only widened for
/// the sum are given as they are before: a matmul widens by itself.
struct Contraction {
  Expr lhs;
  Expr rhs;
  Expr depth;
};
std::optional<Contraction> matchContraction(ElementTracer &tracer, Expr expr);

/// A tensor that is `expr` at `indices`, or at zeros followed by `indices`
/// where its leading dimensions have size one. Null if there is none.
Value findMatrix(ElementTracer &tracer, Expr expr, ArrayRef<Expr> indices);

/// Which score function of which logits `key` is, both written in token and
/// expert indices. Softmax may or may not subtract the largest logit.
struct ScoreMatch {
  ScoreFn fn;
  Expr logits;
};
std::optional<ScoreMatch> matchScore(ElementTracer &tracer, Expr key,
                                     Expr expert);

/// How `weight` comes from `value`, both written in token and slot indices:
/// divided by its sum over the slots (plus eps, or at least clamp) or by a
/// softmax over them, then multiplied by a constant and by a number per expert.
struct NormMatch {
  WeighFn fn = WeighFn::value;
  WeighNorm norm = WeighNorm::none;
  double eps = 0;
  double clamp = 0;
  double scale = 1;
  Value perExpert;
};
std::optional<NormMatch> matchNorm(ElementTracer &tracer, Expr weight,
                                   Expr value, Expr slot);

/// The selections that fill slots of tokens, in order.
SmallVector<SelectOp> findSlotSelections(FunctionOpInterface function);

/// Linalg ops on tensors with one result and reduction loops, or just one.
SmallVector<linalg::LinalgOp> findReductions(FunctionOpInterface function,
                                             bool oneLoop);

} // namespace mlir::moe

#endif // MOE_FRONTEND_MATCHERS_H
