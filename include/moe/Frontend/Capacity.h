// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_CAPACITY_H
#define MOE_FRONTEND_CAPACITY_H

#include "moe/Frontend/OneHot.h"
#include "moe/Frontend/WindowSum.h"
#include "moe/IR/MoEOps.h"

#include <limits>

namespace mlir::moe {

/// Tokens that are counted together, and what is known of their places among
/// the tokens of an expert: a place is the number of slots with the same expert
/// before this one, slots of earlier numbers first.
class Capacity {
public:
  /// `parts` make up `token`; all but the last of them number the groups.
  Capacity(ElementTracer &tracer, OneHot &oneHot, Value ids, Expr token,
           ArrayRef<Expr> parts)
      : tracer(tracer), oneHot(oneHot), ids(ids), token(token), parts(parts) {}

  /// `expr` at another token of the group, a loop index.
  Expr atToken(Expr expr, Expr other);
  Expr idAt(Expr other, int64_t slot);
  int64_t getScope() const;

  /// The next slot has `place`, an integer.
  void addSlot(Expr place) { places.push_back(place); }
  ArrayRef<Expr> getPlaces() const { return places; }
  int64_t getNumSlots() const;

  /// Whether all places are what they have to be.
  LogicalResult verify(std::string &reason);

  /// Whether `factor` is 1 where `place` is below a number, which
  /// becomes a limit, and 0 elsewhere.
  bool takeLimit(Expr factor, Expr place);
  /// Whether `factor` is such a limit, and drops nothing that is kept so far.
  bool isNoTighter(Expr factor, Expr place);
  /// Whether `place` counts for every slot whose place is below `number`,
  /// although it may say 0 of those that are dropped.
  bool isDroppedWith(Expr place, int64_t number);
  /// The smallest limit.
  int64_t getLimit() const { return limit; }
  void resetLimit() { limit = std::numeric_limits<int32_t>::max(); }
  void limitTo(int64_t number) { limit = std::min(limit, number); }

private:
  Expr bare(Expr place);
  bool isMaskOf(Expr expr, Expr expert, Expr other, int64_t slot,
                bool mayBeLimited);
  bool isCountOf(Expr element, Expr expert, int64_t slot);
  std::optional<WindowSum> countedBefore(Expr element, Expr expert,
                                         int64_t slot);
  bool coverAllBefore(SmallVectorImpl<WindowSum> &windows, bool &inclusive);

  ElementTracer &tracer;
  OneHot &oneHot;
  Value ids;
  Expr token;
  ArrayRef<Expr> parts;
  SmallVector<Expr> places;
  int64_t limit = std::numeric_limits<int32_t>::max();
};

/// The factors of a product.
SmallVector<Expr> factorsOf(Expr product);

} // namespace mlir::moe

#endif // MOE_FRONTEND_CAPACITY_H
