// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Homogeneity.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// By which power of w a value grows when the rows do by w. Zero grows by any.
enum class Degree { any, none, one };

class Degrees {
public:
  /// Fills in the degrees of what `block` computes; the first op that has none
  /// is returned.
  Operation *visit(Block &block);

  void set(Value value, Degree degree) { degrees[value] = degree; }
  Degree operator[](Value value) const {
    auto known = degrees.find(value);
    if (known != degrees.end())
      return known->second;
    return matchPattern(value, m_AnyZeroFloat()) ? Degree::any : Degree::none;
  }

private:
  std::optional<Degree> degreeOf(Operation *op);
  std::optional<Degree> degreeOfLinalg(linalg::LinalgOp op);

  DenseMap<Value, Degree> degrees;
};

/// Of a sum or of the larger of two.
std::optional<Degree> merged(Degree a, Degree b) {
  if (a == Degree::any)
    return b;
  if (b == Degree::any || a == b)
    return a;
  return std::nullopt;
}
} // namespace

std::optional<Degree> Degrees::degreeOfLinalg(linalg::LinalgOp op) {
  Block &block = *op.getBlock();
  for (auto [argument, operand] :
       llvm::zip(block.getArguments(), op->getOperands()))
    set(argument, (*this)[operand]);
  if (visit(block))
    return std::nullopt;
  Degree degree = Degree::any;
  for (Value value : block.getTerminator()->getOperands()) {
    std::optional<Degree> both = merged(degree, (*this)[value]);
    if (!both)
      return std::nullopt;
    degree = *both;
  }
  return degree;
}

std::optional<Degree> Degrees::degreeOf(Operation *op) {
  if (isa<tensor::EmptyOp>(op))
    return Degree::any;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return degreeOfLinalg(linalgOp);
  if (isa<arith::AddFOp, arith::SubFOp>(op))
    return merged((*this)[op->getOperand(0)], (*this)[op->getOperand(1)]);
  // max(w x, 0) is w max(x, 0), as w is not negative. One that drops a NaN
  // would drop that of a weight.
  if (isa<arith::MaximumFOp, arith::MinimumFOp>(op))
    return merged((*this)[op->getOperand(0)], (*this)[op->getOperand(1)]);
  if (isa<arith::MulFOp>(op)) {
    Degree a = (*this)[op->getOperand(0)], b = (*this)[op->getOperand(1)];
    if (a == Degree::any || b == Degree::any)
      return Degree::any;
    if (a == Degree::one && b == Degree::one)
      return std::nullopt;
    return a == Degree::one ? a : b;
  }
  if (isa<arith::DivFOp>(op) && (*this)[op->getOperand(1)] == Degree::none)
    return (*this)[op->getOperand(0)];
  if (isa<arith::NegFOp, arith::ExtFOp, arith::TruncFOp, tensor::CastOp,
          tensor::ExtractSliceOp, tensor::ExpandShapeOp,
          tensor::CollapseShapeOp>(op))
    return (*this)[op->getOperand(0)];
  // Anything else is fine as long as it does not see the rows.
  for (Value operand : op->getOperands())
    if ((*this)[operand] == Degree::one)
      return std::nullopt;
  return Degree::none;
}

Operation *Degrees::visit(Block &block) {
  for (Operation &op : block.without_terminator()) {
    if (isa<tensor::DimOp>(op) || op.hasTrait<OpTrait::ConstantLike>())
      continue;
    std::optional<Degree> degree = degreeOf(&op);
    if (!degree)
      return &op;
    for (Value result : op.getResults())
      set(result, *degree);
  }
  return nullptr;
}

std::string moe::whyNotHomogeneous(ExpertsOp op) {
  Degrees degrees;
  for (OpOperand &rows : op.getRowsMutable())
    degrees.set(op.getBlockArgument(rows), Degree::one);
  Block &body = op.getBody().front();
  if (Operation *odd = degrees.visit(body))
    return (odd->getName().getStringRef() +
            " of the body does not scale with its rows")
        .str();
  if (degrees[op.getYield().getOperand(0)] == Degree::none)
    return "the body adds something that does not scale with its rows";
  return "";
}
