// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_VALIDATION_ROUTINGEDGES_H
#define MOE_VALIDATION_ROUTINGEDGES_H

#include "moe/Execution/Array.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

#include <string>
#include <vector>

namespace mlir::moe {

/// Which arguments of a function feed its routers.
struct RouterArguments {
  /// Whether there is a router at all, whatever feeds it.
  bool hasRouter = false;
  /// Matrices of routers, and the dimension of theirs that counts experts.
  SmallVector<std::pair<unsigned, unsigned>> routers;
  /// What routers read of a token.
  SmallVector<unsigned> tokens;
};

/// Follows the operands of every moe.gate, and of every matmul that leads to a
/// moe.select, back to the arguments of the function. What passes through
/// anything else than casts, reshapes and transposes is not found.
RouterArguments findRouterArguments(FunctionOpInterface function);

/// Arguments for which routing is unusual.
struct RoutingEdge {
  std::string name;
  /// Instead of the given ones of these numbers; weights may be large.
  std::vector<std::pair<unsigned, Array>> changed;

  /// All arguments, the given ones where they are not changed.
  SmallVector<ArrayView> apply(MutableArrayRef<Array> arguments);
};

/// Edges of the given arguments:
///   one hot expert   all tokens are the same, so that they take one choice
///   empty experts    there are but two different tokens
///   near ties        experts 2i and 2i+1 have routers within a thousandth of
///                    each other; only for f32 and f64: closer than what a
///                    narrower type can tell apart, either choice is right
/// Those that need arguments which were not found are left out, and all of them
/// without a router; token ids, which are integer tensors, stand in for tokens
/// that are no argument.
std::vector<RoutingEdge> makeRoutingEdges(const RouterArguments &found,
                                          ArrayRef<Array> arguments,
                                          uint64_t seed);

} // namespace mlir::moe

#endif // MOE_VALIDATION_ROUTINGEDGES_H
