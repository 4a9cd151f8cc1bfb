// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// One operation for floats, one for complex numbers.
template <typename Float, typename Complex>
Value either(OpBuilder &b, Location loc, Value lhs, Value rhs) {
  if (isa<ComplexType>(lhs.getType()))
    return Complex::create(b, loc, lhs, rhs);
  return Float::create(b, loc, lhs, rhs);
}

Value subtractProduct(OpBuilder &b, Location loc, Value from, Value lhs,
                      Value rhs) {
  Value product = either<arith::MulFOp, complex::MulOp>(b, loc, lhs, rhs);
  return either<arith::SubFOp, complex::SubOp>(b, loc, from, product);
}

Value conjugate(OpBuilder &b, Location loc, Value value) {
  return isa<ComplexType>(value.getType())
             ? Value(complex::ConjOp::create(b, loc, value))
             : value;
}

/// The root of the real part, as every diagonal of the factor is real.
Value squareRoot(OpBuilder &b, Location loc, Value value) {
  Type type = value.getType();
  auto number = dyn_cast<ComplexType>(type);
  if (!number)
    return math::SqrtOp::create(b, loc, value);
  Value real = complex::ReOp::create(b, loc, value);
  Value root = math::SqrtOp::create(b, loc, real);
  Value zero = hlo::buildZero(b, loc, number.getElementType());
  return complex::CreateOp::create(b, loc, type, root, zero);
}

/// Narrow floats are computed in f32 and rounded at the end; null for what is
/// neither float nor complex.
Type widened(OpBuilder &b, Type element) {
  if (auto floating = dyn_cast<FloatType>(element))
    return floating.getWidth() < 32 ? b.getF32Type() : element;
  return isa<ComplexType>(element) ? element : Type();
}

/// Loops over the leading dimensions of a batch of matrices, and over some of
/// the last two.
struct Matrices {
  OpBuilder &b;
  Location loc;

  Value number(int64_t value) const {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  /// Element (i, j) of the matrix at `batch`.
  SmallVector<Value> at(ValueRange batch, Value i, Value j) const {
    SmallVector<Value> place(batch);
    place.append({i, j});
    return place;
  }
  Value read(Value tensor, ValueRange batch, Value i, Value j) const {
    return tensor::ExtractOp::create(b, loc, tensor, at(batch, i, j));
  }
  Value write(Value value, Value tensor, ValueRange batch, Value i,
              Value j) const {
    return tensor::InsertOp::create(b, loc, value, tensor, at(batch, i, j));
  }
};

using LoopBody = function_ref<Value(OpBuilder &, Value index, Value state)>;

/// A loop that carries one value.
Value buildLoop(OpBuilder &b, Location loc, Value lower, Value upper,
                Value init, LoopBody body) {
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  auto loop = scf::ForOp::create(
      b, loc, lower, upper, one, init,
      [&](OpBuilder &b, Location loc, Value index, ValueRange state) {
        scf::YieldOp::create(b, loc, body(b, index, state[0]));
      });
  return loop.getResult(0);
}

/// Loops over `sizes`, outer ones first, that carry one tensor.
Value buildLoops(OpBuilder &b, Location loc, ArrayRef<int64_t> sizes,
                 Value init,
                 function_ref<Value(OpBuilder &, ValueRange, Value)> body) {
  SmallVector<Value> lower, upper, step;
  for (int64_t size : sizes) {
    lower.push_back(arith::ConstantIndexOp::create(b, loc, 0));
    upper.push_back(arith::ConstantIndexOp::create(b, loc, size));
    step.push_back(arith::ConstantIndexOp::create(b, loc, 1));
  }
  if (sizes.empty())
    return body(b, {}, init);
  return scf::buildLoopNest(b, loc, lower, upper, step, init,
                            [&](OpBuilder &b, Location, ValueRange at,
                                ValueRange state) -> scf::ValueVector {
                              return {body(b, at, state[0])};
                            })
      .results.front();
}

/// Column after column: what is left of a column after those before it, over
/// the root of its diagonal. An upper factor is the conjugate transpose of the
/// lower one, also in what is read.
///
///   "stablehlo.cholesky"(%a)  =>  scf.for, tensor.extract, tensor.insert
LogicalResult importCholesky(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  if (failed(type))
    return failure();
  int64_t rank = type->getRank();
  if (op->getNumOperands() != 1 || op->getOperand(0).getType() != *type ||
      rank < 2 || type->getDimSize(rank - 1) != type->getDimSize(rank - 2))
    return hlo::malformed(op, "square matrices, and as many of them");
  Type element = widened(rewriter, type->getElementType());
  if (!element)
    return op->emitOpError("is not imported on elements of ")
           << type->getElementType();
  if (failed(hlo::needsStatic(op, *type)))
    return failure();
  bool lower = hlo::integer(op, "lower").value_or(0) != 0;

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  RankedTensorType wide = type->clone(element);
  Value input = hlo::buildCast(rewriter, loc, wide, op->getOperand(0));
  Value init = hlo::buildFill(rewriter, loc, wide,
                              hlo::buildZero(rewriter, loc, element));
  Value size = Matrices{rewriter, loc}.number(type->getDimSize(rank - 1));
  auto read = [&](OpBuilder &b, Value tensor, ValueRange batch, Value i,
                  Value j) {
    Matrices matrices{b, loc};
    return lower ? matrices.read(tensor, batch, i, j)
                 : conjugate(b, loc, matrices.read(tensor, batch, j, i));
  };
  auto write = [&](OpBuilder &b, Value value, Value tensor, ValueRange batch,
                   Value i, Value j) {
    Matrices matrices{b, loc};
    return lower
               ? matrices.write(value, tensor, batch, i, j)
               : matrices.write(conjugate(b, loc, value), tensor, batch, j, i);
  };
  auto rest = [&](OpBuilder &b, Value factor, ValueRange batch, Value i,
                  Value j) {
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    return buildLoop(b, loc, zero, j, read(b, input, batch, i, j),
                     [&](OpBuilder &b, Value k, Value sum) {
                       Value left = read(b, factor, batch, i, k);
                       Value right =
                           conjugate(b, loc, read(b, factor, batch, j, k));
                       return subtractProduct(b, loc, sum, left, right);
                     });
  };
  auto column = [&](OpBuilder &b, ValueRange at, Value factor) {
    ValueRange batch = at.drop_back();
    Value j = at.back();
    Value root = squareRoot(b, loc, rest(b, factor, batch, j, j));
    factor = write(b, root, factor, batch, j, j);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    Value below = arith::AddIOp::create(b, loc, j, one);
    return buildLoop(b, loc, below, size, factor,
                     [&](OpBuilder &b, Value i, Value factor) {
                       Value value = either<arith::DivFOp, complex::DivOp>(
                           b, loc, rest(b, factor, batch, i, j), root);
                       return write(b, value, factor, batch, i, j);
                     });
  };
  Value result =
      buildLoops(rewriter, loc, type->getShape().drop_back(), init, column);
  rewriter.replaceOp(op, hlo::buildCast(rewriter, loc, *type, result));
  return success();
}

/// The system as one of rows: x[s] is what is left of b[s] after the x before
/// it, over the diagonal. `x op(a) = b` is the transposed system.
///
///   "stablehlo.triangular_solve"(%a, %b)
///   =>  scf.for, tensor.extract, tensor.insert
LogicalResult importTriangularSolve(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(type) || failed(inputs))
    return failure();
  std::optional<int64_t> left = hlo::integer(op, "left_side"),
                         lower = hlo::integer(op, "lower"),
                         unit = hlo::integer(op, "unit_diagonal");
  std::string transpose = hlo::enumerator(op, "transpose_a");
  if (!left || !lower || !unit ||
      !llvm::is_contained({"NO_TRANSPOSE", "TRANSPOSE", "ADJOINT"}, transpose))
    return hlo::malformed(op, "left_side, lower, unit_diagonal and a known "
                              "transpose_a");
  int64_t rank = type->getRank();
  bool fits = inputs->size() == 2 && (*inputs)[1] == *type && rank >= 2;
  if (fits) {
    SmallVector<int64_t> shape(type->getShape().drop_back(2));
    shape.append(2, type->getDimSize(rank - (*left ? 2 : 1)));
    fits = (*inputs)[0] == type->clone(shape);
  }
  if (!fits)
    return hlo::malformed(op, "square matrices that fit those of the result ")
           << *type;
  Type element = widened(rewriter, type->getElementType());
  if (!element)
    return op->emitOpError("is not imported on elements of ")
           << type->getElementType();
  if (failed(hlo::needsStatic(op, *type)))
    return failure();

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  bool swaps = (transpose != "NO_TRANSPOSE") != !*left;
  bool forward = (*lower != 0) != swaps;
  RankedTensorType wide = type->clone(element);
  Value a = hlo::buildCast(rewriter, loc, (*inputs)[0].clone(element),
                           op->getOperand(0));
  Value b = hlo::buildCast(rewriter, loc, wide, op->getOperand(1));
  Value init = tensor::EmptyOp::create(rewriter, loc, wide, ValueRange());
  int64_t size = type->getDimSize(rank - (*left ? 2 : 1));
  auto factor = [&](OpBuilder &b, ValueRange batch, Value i, Value j) {
    Matrices matrices{b, loc};
    Value value =
        swaps ? matrices.read(a, batch, j, i) : matrices.read(a, batch, i, j);
    return transpose == "ADJOINT" ? conjugate(b, loc, value) : value;
  };
  auto place = [&](ValueRange batch, Value i, Value column) {
    SmallVector<Value> at(batch);
    if (*left)
      at.append({i, column});
    else
      at.append({column, i});
    return at;
  };
  auto rowOf = [&](OpBuilder &b, Value step) -> Value {
    if (forward)
      return step;
    Value last = arith::ConstantIndexOp::create(b, loc, size - 1);
    return arith::SubIOp::create(b, loc, last, step);
  };
  // Batch dimensions, the columns of b, then its rows.
  SmallVector<int64_t> sizes(type->getShape().drop_back(2));
  sizes.push_back(type->getDimSize(rank - (*left ? 1 : 2)));
  sizes.push_back(size);
  auto solve = [&](OpBuilder &builder, ValueRange at, Value x) -> Value {
    Value step = at.back(), column = at[at.size() - 2];
    ValueRange batch = at.drop_back(2);
    Value i = rowOf(builder, step);
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value first =
        tensor::ExtractOp::create(builder, loc, b, place(batch, i, column));
    Value rest =
        buildLoop(builder, loc, zero, step, first,
                  [&](OpBuilder &builder, Value before, Value sum) {
                    Value j = rowOf(builder, before);
                    Value known = tensor::ExtractOp::create(
                        builder, loc, x, place(batch, j, column));
                    return subtractProduct(builder, loc, sum,
                                           factor(builder, batch, i, j), known);
                  });
    if (!*unit)
      rest = either<arith::DivFOp, complex::DivOp>(
          builder, loc, rest, factor(builder, batch, i, i));
    return tensor::InsertOp::create(builder, loc, rest, x,
                                    place(batch, i, column));
  };
  Value result = buildLoops(rewriter, loc, sizes, init, solve);
  rewriter.replaceOp(op, hlo::buildCast(rewriter, loc, *type, result));
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::linearAlgebraImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.cholesky", importCholesky},
      {"stablehlo.triangular_solve", importTriangularSolve},
  };
  return table;
}
