// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random changes that leave the meaning of a graph as it is.
#ifndef MOE_TOOLS_MOE_MUTATE_MUTATIONS_H
#define MOE_TOOLS_MOE_MUTATE_MUTATIONS_H

#include "moe/Validation/Arguments.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"

#include <functional>

namespace mlir::moe {

/// Where a mutation may go: the body of one function.
struct Site {
  func::FuncOp function;
  IRRewriter &rewriter;
  Random &random;

  /// Below `count`, which is not zero.
  size_t pick(size_t count) { return random.next() % count; }
  template <typename Range> auto &pickFrom(Range &range) {
    return range[pick(range.size())];
  }
  bool toss() { return random.next() % 2; }
  /// All operations outside of regions of others.
  SmallVector<Operation *> getOps() const;
  /// Uses of tensors that are no constants, which some ops insist on.
  SmallVector<OpOperand *> getTensorUses() const;
  bool isTosa() const;
};

struct Mutation {
  StringRef name;
  /// Changes the function at one random place; false where none fits.
  bool (*apply)(Site &site);
};

/// Swaps the operands of something commutative, in the body of a
/// linalg.generic too, or two inputs of one.
bool commute(Site &site);
/// Reads a tensor through a slice of all of it.
bool addSlice(Site &site);
/// Reads a tensor through two reshapes that cancel.
bool addReshape(Site &site);
/// Reads a tensor through a wider type, or through dynamic sizes.
bool addCast(Site &site);
/// Makes two products of one, or one of two that share an operand.
bool splitOrMergeMatmul(Site &site);
/// Writes a named operation as linalg.generic.
bool generalize(Site &site);
/// Rotates the experts of all routers and weights that are arguments.
bool reorderExperts(Site &site);
/// Computes something a second time, for some of its readers or for none.
bool duplicate(Site &site);
/// Merges what is computed twice and drops what nobody reads.
bool simplify(Site &site);
/// Moves some operations to a private function.
bool outline(Site &site);

inline constexpr Mutation mutations[] = {
    {"commute", commute},           {"slice", addSlice},
    {"reshape", addReshape},        {"cast", addCast},
    {"matmul", splitOrMergeMatmul}, {"generalize", generalize},
    {"experts", reorderExperts},    {"duplicate", duplicate},
    {"simplify", simplify},         {"outline", outline},
};

} // namespace mlir::moe

#endif // MOE_TOOLS_MOE_MUTATE_MUTATIONS_H
