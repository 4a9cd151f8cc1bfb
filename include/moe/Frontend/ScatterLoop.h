// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_SCATTERLOOP_H
#define MOE_FRONTEND_SCATTERLOOP_H

#include "moe/Analysis/ElementTracer.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::moe {

/// A nest of loops that writes one element of a tensor at a time.
struct ScatterLoop {
  scf::ForOp root;
  SmallVector<scf::ForOp> loops;
  Operation *write; ///< tensor.insert or tensor.insert_slice
  Value target;     ///< what is written to, inside

  static std::optional<ScatterLoop> match(scf::ForOp root);

  /// How often loop `number` runs, ShapedType::kDynamic if that is not known.
  int64_t getExtent(size_t number) const;
  /// How far the outermost loop runs.
  Value getBound() const { return scf::ForOp(root).getUpperBound(); }
  Value getInit() const { return scf::ForOp(root).getInitArgs().front(); }
  RankedTensorType getType() const {
    return cast<RankedTensorType>(scf::ForOp(root).getResult(0).getType());
  }

  /// An element that is written, and where.
  struct Element {
    SmallVector<Expr> place;
    Expr value;
  };
  /// What is written when the loops are at `indices`; what is there so far is
  /// an element of `target`. None if that cannot be told.
  std::optional<Element> at(ElementTracer &tracer,
                            ArrayRef<Expr> indices) const;

  /// What is added to an element, however its sum is rounded; null where
  /// `element` is no such sum.
  Expr addend(ElementTracer &tracer, const Element &element) const;
};

} // namespace mlir::moe

#endif // MOE_FRONTEND_SCATTERLOOP_H
