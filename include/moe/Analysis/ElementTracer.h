// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_ANALYSIS_ELEMENTTRACER_H
#define MOE_ANALYSIS_ELEMENTTRACER_H

#include "moe/Analysis/ElementExpr.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"

#include <functional>

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
  /// element is something else, or reduces with more than one op. With
  /// `splitLoops`, a loop over collapsed dimensions is a loop over each of
  /// them.
  std::optional<Reduction> expand(Expr element, bool splitLoops = false);

  /// What the body of `op` yields with its loops at `loops`, where the result
  /// is `old` so far.
  Expr yielded(linalg::LinalgOp op, ArrayRef<Expr> loops, Expr old);

  /// A value already traced at exactly `indices` whose element there is
  /// `expr`, and which holds nothing else; null if there is none.
  Value findTraced(Expr expr, ArrayRef<Expr> indices);

  /// The same where `row` may be several indices that `partsOf` named.
  Value findTracedRows(Expr expr, Expr row, Expr column);

  /// Whether `tensor` was traced at `indices`, and these run through all of it:
  /// the rows of a longer tensor are not that tensor.
  bool readsWhole(Value tensor, ArrayRef<Expr> indices);

  /// Fresh loop indices over the shape of `tensor`.
  SmallVector<Expr> indicesOf(Value tensor);

  /// The element of `tensor` at `token`, which runs through all its dimensions
  /// but the last, and `column`.
  Expr atRow(Value tensor, Expr token, Expr column);

  /// Loop indices over dimensions of `sizes` that together are `index`, which
  /// runs through all of them. Reshapes of the dimensions know that, and
  /// elements may be given in them.
  SmallVector<Expr> partsOf(Expr index, ArrayRef<int64_t> sizes);

  /// The same for dimensions that the rows of `matrix` have where it is made.
  void splitRows(Value matrix, Expr row);

  /// Whether `parts`, in dimensions of `sizes`, together are `index`.
  bool makeUp(ArrayRef<Expr> parts, ArrayRef<int64_t> sizes, Expr index) {
    return join(parts, sizes) == index;
  }

  /// What `value` is, computed from values that are `known`; null if it is not
  /// computed by pure ops on scalars and elements of tensors.
  Expr evaluate(Value value, DenseMap<Value, Expr> &known);

  /// What the scalar `value` in the body of `op` is, somewhere in its loops;
  /// null if that is not known, as of what a reduction carries.
  Expr inBody(linalg::LinalgOp op, Value value);

  /// From now on, elements of `tensor` are nothing but that.
  void stopAt(Value tensor) { stops.insert(tensor); }

  /// What an element is for a reason that its ops do not show; null where there
  /// is none.
  using Meaning = std::function<Expr(Value, ArrayRef<Expr>)>;
  /// `fn` is asked first from now on.
  void setMeaning(Meaning fn) { meaning = std::move(fn); }

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

  /// The element of `tensor` when each group of its dimensions is read at one
  /// index; null if an element is not a function of these indices.
  Expr atGroups(Value tensor, ArrayRef<ReassociationIndices> groups,
                ArrayRef<Expr> indices);
  /// The index that `parts` were made for or are known to make, else their
  /// linear combination, else a new index; null if that would be no number.
  Expr join(ArrayRef<Expr> parts, ArrayRef<int64_t> sizes);

  bool splitNamed(Expr index, ArrayRef<int64_t> sizes,
                  SmallVectorImpl<Expr> &result);

  Expr trace(Value tensor, ArrayRef<Expr> indices);
  /// An integer sum of few terms that are known to be small.
  Expr traceShortSum(linalg::LinalgOp op, unsigned resultNumber, Loops loops);
  Expr traceInsertSlice(tensor::InsertSliceOp op, ArrayRef<Expr> indices);
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
  Expr integerOp(Expr apply);
  Expr selectBySign(Expr select);
  Expr leaf(Value value, ArrayRef<Expr> indices);
  Expr affine(AffineExpr expr, ArrayRef<Expr> dims);
  bool extractsWhole(tensor::ExtractOp op, ArrayRef<Expr> indices,
                     const Loops &loops);

  ElementExprContext &context;
  /// In the order of tracing, so that results do not depend on addresses.
  llvm::MapVector<Value, SmallVector<Trace>> traced;
  /// Loop indices that stand for the parts of one index in dimensions of these
  /// sizes.
  struct Split {
    SmallVector<Expr> parts;
    SmallVector<int64_t> sizes;
    Expr index;
    /// Asked for by `partsOf`.
    bool isNamed = false;
  };
  SmallVector<Split> splits;
  DenseSet<Value> stops;
  Meaning meaning;
  /// Behind a read of a part of a dynamic dimension.
  bool inPart = false;
};

} // namespace mlir::moe

#endif // MOE_ANALYSIS_ELEMENTTRACER_H
