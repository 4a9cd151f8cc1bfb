// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How many rows each expert has, however that is counted and summed up.
#ifndef MOE_FRONTEND_GROUPSIZES_H
#define MOE_FRONTEND_GROUPSIZES_H

#include "moe/Frontend/OneHot.h"

namespace mlir::moe {

/// Element e of a tensor is the number of values of `vars` for which `key`, an
/// integer, is e.
struct KeyCount {
  SmallVector<Expr> vars;
  Expr key;
  /// Where loops count: how far the outermost one runs.
  Value bound;
};
std::optional<KeyCount> matchKeyCount(ElementTracer &tracer, Value counts);

/// The tensor of which element i of `sums` is the sum of the first i + shift
/// elements, for i from 0 to number - 1; null if there is none. Where that is
/// nothing for all of them, any will do, and `sums` is returned.
Value matchLeadingSums(ElementTracer &tracer, Value sums, int64_t number,
                       int64_t shift);

/// What `expr`, which reads `leaf` and nothing else, is where `leaf` is
/// `value`; none if it is no integer constant then.
std::optional<int64_t> integerAt(Expr expr, Expr leaf, int64_t value,
                                 MLIRContext *context);

/// `expr` before conversions that change no small natural number.
Expr stripConversions(Expr expr);

} // namespace mlir::moe

#endif // MOE_FRONTEND_GROUPSIZES_H
