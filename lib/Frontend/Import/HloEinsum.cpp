// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// "ij,jk->ik": a loop for each letter and for each dimension of an ellipsis,
/// counted from the last.
class Equation {
public:
  /// The loops of operand dimensions, in order; false if they do not fit.
  bool addOperand(StringRef labels, RankedTensorType type);
  bool setResult(StringRef labels, RankedTensorType type);

  int64_t numLoops() const { return sizes.size(); }
  AffineMap map(ArrayRef<unsigned> loops, MLIRContext *context) const {
    SmallVector<AffineExpr> exprs;
    for (unsigned loop : loops)
      exprs.push_back(getAffineDimExpr(loop, context));
    return AffineMap::get(numLoops(), 0, exprs, context);
  }

  SmallVector<SmallVector<unsigned>> operands;
  SmallVector<unsigned> result;

private:
  /// Names of the dimensions; none if they are not those of `rank`.
  std::optional<SmallVector<std::string>> names(StringRef labels,
                                                int64_t rank) const;

  llvm::StringMap<unsigned> loops;
  SmallVector<int64_t> sizes;
};

std::optional<SmallVector<std::string>> Equation::names(StringRef labels,
                                                        int64_t rank) const {
  SmallVector<std::string> found;
  std::string text;
  for (char letter : labels)
    if (letter != ' ')
      text += letter;
  StringRef rest(text);
  int64_t letters = rest.size();
  bool hasEllipsis = rest.contains("...");
  int64_t rankOfEllipsis = hasEllipsis ? rank - (letters - 3) : 0;
  if (rankOfEllipsis < 0)
    return std::nullopt;
  while (!rest.empty()) {
    if (hasEllipsis && rest.consume_front("...")) {
      hasEllipsis = false;
      for (int64_t i = rankOfEllipsis; i > 0; --i)
        found.push_back("." + std::to_string(i));
      continue;
    }
    if (!llvm::isAlpha(rest.front()))
      return std::nullopt;
    found.push_back(rest.take_front().str());
    rest = rest.drop_front();
  }
  if (static_cast<int64_t>(found.size()) != rank)
    return std::nullopt;
  return found;
}

bool Equation::addOperand(StringRef labels, RankedTensorType type) {
  std::optional<SmallVector<std::string>> found = names(labels, type.getRank());
  if (!found)
    return false;
  SmallVector<unsigned> dims;
  for (auto [name, size] : llvm::zip(*found, type.getShape())) {
    auto [entry, isNew] = loops.try_emplace(name, sizes.size());
    if (isNew)
      sizes.push_back(size);
    else if (sizes[entry->second] != size)
      return false;
    dims.push_back(entry->second);
  }
  operands.push_back(dims);
  return true;
}

bool Equation::setResult(StringRef labels, RankedTensorType type) {
  std::optional<SmallVector<std::string>> found = names(labels, type.getRank());
  if (!found)
    return false;
  for (auto [name, size] : llvm::zip(*found, type.getShape())) {
    auto entry = loops.find(name);
    if (entry == loops.end() || sizes[entry->second] != size ||
        llvm::is_contained(result, entry->second))
      return false;
    result.push_back(entry->second);
  }
  return true;
}

/// Also unary_einsum, which sums what it is not asked for.
///
///   "stablehlo.einsum"(%a, %b)  =>  linalg.generic { add(mul) }
LogicalResult importEinsum(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(type) || failed(inputs))
    return failure();
  if (failed(hlo::needsStatic(op, *inputs)))
    return failure();
  auto config = op->getAttrOfType<StringAttr>("einsum_config");
  auto [from, to] = (config ? config.getValue() : "").split("->");
  SmallVector<StringRef> sides;
  from.split(sides, ',');
  bool isUnary = op->getName().getStringRef() == "stablehlo.unary_einsum";
  Equation equation;
  bool fits = config && config.getValue().contains("->") &&
              sides.size() == inputs->size() &&
              inputs->size() == (isUnary ? 1u : 2u);
  if (fits)
    for (auto [side, input] : llvm::zip(sides, *inputs))
      fits &= equation.addOperand(side, input);
  if (!fits || !equation.setResult(to, *type))
    return hlo::malformed(op, "an einsum_config that takes the operands to ")
           << *type;
  if (failed(hlo::checkProduct(op, inputs->front(), inputs->back(), *type)))
    return failure();

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  Type element = hlo::accumulatorType(op, rewriter, type->getElementType());
  RankedTensorType sumType = type->clone(element);
  MLIRContext *context = rewriter.getContext();
  SmallVector<AffineMap> maps;
  for (ArrayRef<unsigned> loops : equation.operands)
    maps.push_back(equation.map(loops, context));
  maps.push_back(equation.map(equation.result, context));
  Value one;
  if (isUnary)
    one = hlo::buildOne(rewriter, loc, element);
  Value sum = hlo::buildReduction(
      rewriter, loc, sumType, op->getOperands(), maps,
      [&](OpBuilder &b, Location loc, ValueRange scalars) {
        return hlo::accumulateProduct(
            op, b, loc, scalars[0], isUnary ? one : scalars[1], scalars.back());
      });
  rewriter.replaceOp(op, hlo::buildCast(rewriter, loc, *type, sum));
  return success();
}

/// Element (o.., i.., r..) is that of the operand at (o.., index(..), r..),
/// whose indices share their first dimensions with it.
///
///   "stablehlo.torch_index_select"(%x, %i)
///   =>  linalg.generic ins(%i) { tensor.extract %x }
LogicalResult importIndexSelect(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(type) || failed(inputs))
    return failure();
  if (inputs->size() != 2)
    return hlo::malformed(op, "an operand and indices");
  RankedTensorType from = (*inputs)[0], indices = (*inputs)[1];
  if (failed(hlo::needsStatic(op, {from, indices})))
    return failure();
  int64_t dim = hlo::integer(op, "dim").value_or(-1);
  int64_t batch = hlo::integer(op, "batch_dims").value_or(-1);
  bool fits =
      isa<IntegerType>(indices.getElementType()) && batch >= 0 &&
      dim >= batch && dim < from.getRank() && batch <= indices.getRank() &&
      from.getShape().take_front(batch) == indices.getShape().take_front(batch);
  if (fits) {
    SmallVector<int64_t> shape(from.getShape().take_front(dim));
    llvm::append_range(shape, indices.getShape().drop_front(batch));
    llvm::append_range(shape, from.getShape().drop_front(dim + 1));
    fits = *type == from.clone(shape);
  }
  if (!fits)
    return hlo::malformed(op, "a dim and batch_dims that take ")
           << from << " at " << indices << " to " << *type;

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  if (type->getNumElements() == 0 || from.getNumElements() == 0) {
    Value zero = hlo::buildZero(rewriter, loc, type->getElementType());
    rewriter.replaceOp(op, hlo::buildFill(rewriter, loc, *type, zero));
    return success();
  }
  int64_t added = indices.getRank() - batch;
  SmallVector<AffineExpr> exprs;
  for (int64_t i = 0; i < indices.getRank(); ++i)
    exprs.push_back(rewriter.getAffineDimExpr(i < batch ? i : dim + i - batch));
  auto map = AffineMap::get(type->getRank(), 0, exprs, rewriter.getContext());
  bool isUnsigned = hlo::isUnsigned(op, 1);
  Value result = hlo::buildElements(
      rewriter, loc, *type, op->getOperand(1), map, nullptr,
      [&](OpBuilder &b, Location loc, ValueRange values) -> Value {
        SmallVector<Value> place;
        for (int64_t i = 0; i < from.getRank(); ++i) {
          if (i == dim) {
            Value index = hlo::toIndex(b, loc, values[0], isUnsigned);
            place.push_back(hlo::clampIndex(
                b, loc, index, from.getDimSize(dim) - 1, isUnsigned));
            continue;
          }
          int64_t loop = i < dim ? i : i - 1 + added;
          place.push_back(linalg::IndexOp::create(b, loc, loop));
        }
        return tensor::ExtractOp::create(b, loc, op->getOperand(0), place);
      });
  rewriter.replaceOp(op, result);
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::einsumImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.einsum", importEinsum},
      {"stablehlo.torch_index_select", importIndexSelect},
      {"stablehlo.unary_einsum", importEinsum},
  };
  return table;
}
