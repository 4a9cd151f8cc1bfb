// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What moe.select and moe.gate have in common: the attributes around a rule,
// their checks, and the code that selects one token's experts in scf, vector
// and arith. Rules of other dialects may use it, too.
#ifndef MOE_IR_MOESELECTION_H
#define MOE_IR_MOESELECTION_H

#include "moe/IR/MoEAttrs.h"

#include "mlir/IR/BuiltinTypes.h"

#include <optional>

namespace mlir::moe {

/// A rule and what goes on around it.
struct Selection {
  SelectRuleInterface rule;
  /// Null where all experts compete.
  GroupsAttr groups;
  NanRank nan = NanRank::first;
  SlotOrder order = SlotOrder::by_key;
  int64_t numSlots = 0;

  /// Whether the rule sees other keys than those it is given.
  bool changesKeys() const { return groups || nan != NanRank::first; }
};

/// How selected values become weights.
struct Weighing {
  WeighFn fn;
  WeighNorm norm;
  double eps, clamp, scale;
  std::optional<double> p, band;
};

/// Checks that the rule, its operands, the groups and the operands per token
/// fit `numExperts` and `numTokens` (which may be dynamic).
LogicalResult verifySelection(Operation *op, const Selection &selection,
                              int64_t numExperts, int64_t numTokens,
                              ValueRange params, ValueRange tokenParams);

/// Checks the numbers of a weighing.
LogicalResult verifyWeighing(Operation *op, const Weighing &weighing);

/// The element of a tensor or memref.
Value buildElement(OpBuilder &builder, Location loc, Value shaped,
                   ValueRange indices);

/// The size of a dimension of a tensor or memref.
Value buildSize(OpBuilder &builder, Location loc, Value shaped, int64_t dim);

/// What a rule gets for `token`: `params`, then the token's rows of
/// `tokenParams`.
SmallVector<Value> buildRuleParams(OpBuilder &builder, Location loc,
                                   ValueRange params, ValueRange tokenParams,
                                   Value token);

/// The keys of one token as the rule sees them: at least f32, NaN replaced
/// where it ranks last, experts outside the groups filled.
Value buildKeys(OpBuilder &builder, Location loc, const Selection &selection,
                Value row);

/// The ids of the `count` largest keys of `row` in falling order, as
/// vector<count x i32>: NaN first, then the lower id among equals. Up to a few
/// dozen by one scan each; more by searching the smallest that is in.
Value buildLargest(OpBuilder &builder, Location loc, Value row, int64_t count);

/// More experts than this are not picked one scan after the other.
constexpr int64_t maxScans = 64;

/// What the rule picked, cut at `count` (null: not cut) and in order.
Value buildSlots(OpBuilder &builder, Location loc, const Selection &selection,
                 Value ids, Value count);

/// Experts of one token, from its keys.
Value buildSelection(OpBuilder &builder, Location loc,
                     const Selection &selection, Value row, ValueRange params,
                     Value count);

} // namespace mlir::moe

#endif // MOE_IR_MOESELECTION_H
