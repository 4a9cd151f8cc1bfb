// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_ANALYSIS_ELEMENTTRACER_H
#define MOE_ANALYSIS_ELEMENTTRACER_H

#include "moe/Analysis/ElementExpr.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::moe {

/// A sum, maximum, ... over loop indices: combiner(init, term at every vars).
struct Reduction {
  Operation *combiner;
  Expr init;
  SmallVector<Expr> vars;
  Expr term;
};

/// Says what elements of tensors are, through tensor and linalg ops. Looks
/// through data movement and elementwise work by itself, but into a reduction
/// only when asked by `expand`, so that a trace ends at the nearest matmul.
class ElementTracer {
public:
  explicit ElementTracer(ElementExprContext &context) : context(context) {}

  /// The element of ranked tensor `tensor` at `indices`; of a scalar, with no
  /// indices, its value.
  Expr at(Value tensor, ArrayRef<Expr> indices);

  /// The reduction behind an element of a linalg op's result; none if the
  /// element is something else, or reduces with more than one op.
  std::optional<Reduction> expand(Expr element);

  /// A value already traced at exactly `indices` whose element there is
  /// `expr`, and which holds nothing else; null if there is none.
  Value findTraced(Expr expr, ArrayRef<Expr> indices);

  /// Whether `tensor` was traced at `indices`, and these run through all of it:
  /// the rows of a longer tensor are not that tensor.
  bool readsWhole(Value tensor, ArrayRef<Expr> indices);

  /// Fresh loop indices over the shape of `tensor`.
  SmallVector<Expr> indicesOf(Value tensor);

  ElementExprContext &getContext() { return context; }

private:
  struct Loops;
  /// What a tensor holds at `indices`.
  struct Trace {
    SmallVector<Expr> indices;
    Expr expr;
    /// No dynamic dimension on the way is longer than what was asked for.
    bool whole;
  };
  Trace *find(Value tensor, ArrayRef<Expr> indices);

  Expr trace(Value tensor, ArrayRef<Expr> indices);
  Expr traceLinalg(linalg::LinalgOp op, unsigned resultNumber,
                   ArrayRef<Expr> indices);
  Expr traceElementwise(Operation *op, ArrayRef<Expr> indices);
  /// Loop indices of `op` when result `resultNumber` is read at `indices`;
  /// reduction loops stay null.
  bool bindLoops(linalg::LinalgOp op, unsigned resultNumber,
                 ArrayRef<Expr> indices, Loops &loops);
  Expr operandAt(linalg::LinalgOp op, OpOperand &operand, const Loops &loops);
  Expr scalar(Value value, Loops &loops);
  Expr scalarOp(Operation *op, Loops &loops);
  Expr applied(Operation *op, ArrayRef<Expr> operands);
  Expr integerOp(Operation *op, ArrayRef<Expr> operands);
  Expr leaf(Value value, ArrayRef<Expr> indices);
  Expr affine(AffineExpr expr, ArrayRef<Expr> dims);
  bool extractsWhole(tensor::ExtractOp op, ArrayRef<Expr> indices,
                     const Loops &loops);

  ElementExprContext &context;
  /// In the order of tracing, so that results do not depend on addresses.
  llvm::MapVector<Value, SmallVector<Trace>> traced;
  /// Behind a read of a part of a dynamic dimension.
  bool inPart = false;
};

} // namespace mlir::moe

#endif // MOE_ANALYSIS_ELEMENTTRACER_H
