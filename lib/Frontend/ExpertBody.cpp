// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/ExpertBody.h"

#include "moe/Frontend/Build.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Materialize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
/// offset + stride * column; none if `expr` is no such thing.
std::optional<std::pair<int64_t, int64_t>> matchStrided(Expr expr,
                                                        Expr column) {
  if (expr == column)
    return std::pair<int64_t, int64_t>{0, 1};
  if (expr->kind == Kind::Linear && expr->operands.size() == 1 &&
      expr->operands[0] == column && expr->coefficients[0] > 0)
    return std::pair<int64_t, int64_t>{expr->constant, expr->coefficients[0]};
  return std::nullopt;
}

/// Whether `expr` is the same number for every element of every tensor.
bool isUniform(Expr expr) {
  return expr->kind == Kind::Constant ||
         (expr->kind == Kind::Apply && llvm::all_of(expr->operands, isUniform));
}

/// What `value` is, for a person.
std::string describe(Value value) {
  if (Operation *op = value.getDefiningOp())
    return "a result of " + op->getName().getStringRef().str();
  return "a block argument";
}

int64_t extentOf(Expr column) {
  return column->kind == Kind::Var ? column->extent : 1;
}
} // namespace

Expr ExpertBody::ofExpert(Expr element, size_t rank) {
  if (element->kind != Kind::Element)
    return nullptr;
  auto type = dyn_cast<RankedTensorType>(element->value.getType());
  if (!type || !type.hasStaticShape())
    return nullptr;
  if (own) {
    auto known = own->find(element->value);
    bool fits = known != own->end() &&
                element->operands.size() == rank + (known->second ? 1 : 0);
    return fits ? element : nullptr;
  }
  if (!expert)
    return element->operands.size() == rank &&
                   !tracer.getContext().dependsOn(element, token)
               ? element
               : nullptr;
  if (pairIndex && tracer.getContext().dependsOn(element, pairIndex))
    return nullptr;
  auto select = expert->value.getDefiningOp<SelectOp>();
  if (element->operands.size() == rank + 1 &&
      element->operands.front() == expert &&
      type.getDimSize(0) == select.getKey().getType().getDimSize(1))
    return element;
  return regroup(element, rank);
}

/// Folded constants lie as a gather flattened them: [1, E * F * D, 1], read at
/// F * D * expert + D * i + k.
Expr ExpertBody::regroup(Expr element, size_t rank) {
  ElementExprContext &context = tracer.getContext();
  auto type = cast<RankedTensorType>(element->value.getType());
  auto select = expert->value.getDefiningOp<SelectOp>();
  int64_t numExperts = select.getKey().getType().getDimSize(1);
  int64_t perExpert = type.getNumElements() / numExperts;
  if (type.getNumElements() == 0 ||
      perExpert * numExperts != type.getNumElements())
    return nullptr;
  Expr flat = context.index(0);
  for (auto [index, size] : llvm::zip(element->operands, type.getShape()))
    flat = context.add(context.scale(flat, size), index);
  Expr rest = context.add(flat, context.scale(expert, -perExpert));
  std::optional<IntRange> bounds = context.range(rest);
  if (context.dependsOn(rest, expert) || !bounds || bounds->first < 0 ||
      bounds->second >= perExpert)
    return nullptr;
  SmallVector<Expr> place{expert};
  SmallVector<int64_t> shape{numExperts};
  if (rank == 2) {
    int64_t width = 0;
    for (int64_t factor : rest->coefficients)
      width = std::max(width, factor);
    if (width < 2 || perExpert % width != 0)
      return nullptr;
    place.push_back(context.floorDiv(rest, width));
    rest = context.mod(rest, width);
    if (!place.back() || !rest)
      return nullptr;
    shape.push_back(perExpert / width);
    perExpert = width;
  }
  place.push_back(rest);
  shape.push_back(perExpert);
  for (auto [to, from] : regrouped)
    if (from == element->value &&
        cast<RankedTensorType>(to.getType()).getShape() ==
            ArrayRef<int64_t>(shape))
      return context.element(to, place);
  OpBuilder at(type.getContext());
  at.setInsertionPointAfterValue(element->value);
  Value reshaped = reshape(at, element->value.getLoc(), element->value,
                           cast<RankedTensorType>(type.clone(shape)));
  regrouped.push_back({reshaped, element->value});
  return context.element(reshaped, place);
}

/// Whether a leaf is a product with, or a vector of, the shared expert.
bool ExpertBody::isOfSharedExpert(Expr expr) {
  Expr outColumn;
  return ofExpert(expr, 1) || matchMatmul(expr, outColumn);
}

bool ExpertBody::knowsPair(Expr expr) {
  ElementExprContext &context = tracer.getContext();
  if (!expert) {
    auto [known, isNew] = singleSlot.try_emplace(expr, false);
    if (!isNew)
      return known->second;
    bool knows = isOfSharedExpert(expr) ||
                 (expr->kind == Kind::Apply &&
                  llvm::any_of(expr->operands, [&](Expr operand) {
                    return knowsPair(operand);
                  }));
    return singleSlot[expr] = knows;
  }
  if (slot->kind == Kind::Var)
    return context.dependsOn(expr, slot) || context.dependsOn(expr, expert) ||
           (pairIndex && context.dependsOn(expr, pairIndex));
  // With one slot, a pair has the number of its token; only what is read for it
  // tells.
  auto [known, isNew] = singleSlot.try_emplace(expr, false);
  if (!isNew)
    return known->second;
  bool knows = expr == expert;
  if (std::optional<Reduction> sum = tracer.expand(expr))
    knows |= context.dependsOn(sum->term, expert);
  knows |= llvm::any_of(expr->operands,
                        [&](Expr operand) { return knowsPair(operand); });
  return singleSlot[expr] = knows;
}

std::optional<ExpertBody::Matmul> ExpertBody::matchMatmul(Expr expr,
                                                          Expr &outColumn) {
  std::optional<Contraction> contraction = matchContraction(tracer, expr);
  if (!contraction)
    return std::nullopt;
  Expr depth = contraction->depth;
  for (auto [weights, row] : {std::pair{contraction->lhs, contraction->rhs},
                              std::pair{contraction->rhs, contraction->lhs}}) {
    Expr matrix = ofExpert(weights, 2);
    if (!matrix || (tokens && !tracer.getContext().dependsOn(row, token)))
      continue;
    Expr first = placeInExpert(matrix)[0], second = placeInExpert(matrix)[1];
    if (first != depth && second != depth)
      continue;
    bool outIn = second == depth;
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(matrix->value.getType()).getShape();
    int64_t in = shape.back(), out = shape[shape.size() - 2];
    if (!outIn)
      std::swap(in, out);
    if (in != extentOf(depth))
      continue;
    outColumn = outIn ? first : second;
    return Matmul{matrix->value, outIn, out, refine ? refine(row) : row, depth};
  }
  return std::nullopt;
}

bool ExpertBody::isLeaf(Expr expr) {
  return (!knowsPair(expr) && !isUniform(expr)) ||
         expr->kind == Kind::Element || expr->kind == Kind::Linear ||
         expr->kind == Kind::Var;
}

/// Whether an op of `row` was given a widened integer, for which expressions
/// have no node.
bool ExpertBody::changesWidth(Expr row) {
  DenseSet<Expr> seen;
  auto visit = [&](auto &self, Expr node) -> bool {
    if (!knowsPair(node) || node->kind != Kind::Apply ||
        !seen.insert(node).second)
      return false;
    for (auto [operand, type] : llvm::zip(node->operands, node->operandTypes))
      if (operand->type != type || self(self, operand))
        return true;
    return false;
  };
  return visit(visit, row);
}

/// One loop index per extent, to compare what is written in others.
Expr ExpertBody::canonicalIndex(int64_t extent) {
  auto index = depths.try_emplace(extent).first;
  if (!index->second)
    index->second = tracer.getContext().var(extent);
  return index->second;
}

Value ExpertBody::tokenOperand(Expr leaf, Expr column) {
  if (!tokens) {
    if (Value known = findMatrix(tracer, leaf, {token, column}))
      return known;
    if (!builder)
      return {};
    // Every look at a sum has a loop index of its own.
    Expr canonical = canonicalIndex(extentOf(column));
    Expr same = tracer.getContext().substitute(leaf, column, canonical);
    auto [known, isNew] = made.try_emplace(same);
    if (isNew)
      known->second =
          materialize(*builder, place, tracer, same, token, canonical, like);
    return known->second;
  }
  return leaf == tracer.at(tokens, {token, column}) ? tokens : Value();
}

/// The matrix [tokens, slots] that `leaf` is the number of the pair in; null
/// if it is something else.
Value ExpertBody::pairOperand(Expr leaf) {
  if (!builder || !slot || leaf->kind != Kind::Element)
    return {};
  if (auto known = made.find(leaf); known != made.end())
    return known->second;
  ElementExprContext &context = tracer.getContext();
  bool isNumber = leaf->operands == ArrayRef<Expr>{token, slot} ||
                  leaf->operands == ArrayRef<Expr>{token, expert};
  if (!isNumber || context.dependsOn(token, slot))
    return {};
  return made[leaf] = materialize(*builder, place, tracer, leaf, token, slot,
                                  expert->value);
}

void ExpertBody::collectLeaves(Expr row, llvm::SetVector<Expr> &leaves) {
  DenseSet<Expr> seen;
  auto visit = [&](auto &self, Expr node) -> void {
    if (node->kind == Kind::Constant || !seen.insert(node).second)
      return;
    if (isLeaf(node)) {
      leaves.insert(node);
      return;
    }
    for (Expr operand : node->operands)
      self(self, operand);
  };
  visit(visit, row);
}

LogicalResult ExpertBody::analyze(Expr row, Expr column) {
  llvm::SetVector<Expr> leaves;
  collectLeaves(row, leaves);
  if (leaves.empty())
    return fail("a row reads neither tokens nor experts");
  if (changesWidth(row))
    return fail("a row computes with integers of several widths");
  for (Expr leaf : leaves) {
    if (!knowsPair(leaf)) {
      Value value = tokenOperand(leaf, column);
      if (!value && tokens)
        return fail("reads something else of a token than the routed experts");
      if (!value)
        return fail("no value holds what experts read of a token as a matrix "
                    "[tokens, width]");
      tokenOperands.insert(value);
      continue;
    }
    if (leaf->kind != Kind::Element)
      return fail("a row computes with expert or slot numbers");
    if (Value weights = pairOperand(leaf)) {
      pairOperands.insert(weights);
      continue;
    }
    Expr outColumn;
    if (std::optional<Matmul> matmul = matchMatmul(leaf, outColumn)) {
      if (!matchStrided(outColumn, column))
        return fail("columns of an expert matmul are not read in order");
      // The way a row takes: up before down.
      if (failed(analyze(matmul->row, matmul->depth)))
        return failure();
      expertOperands.insert(matmul->weights);
      continue;
    }
    // A vector per expert, such as a bias.
    Expr vector = ofExpert(leaf, 1);
    if (vector && matchStrided(placeInExpert(vector).front(), column)) {
      expertOperands.insert(vector->value);
      continue;
    }
    return fail("a row reads more than its token and its expert: " +
                describe(leaf->value));
  }
  return success();
}

Value ExpertBody::emitMatmul(OpBuilder &builder, Location loc, Value result,
                             const Matmul &matmul) {
  // Both halves of a gate read one matmul. Its value alone does not tell what
  // is multiplied: it may hold several rows of a pair.
  ElementExprContext &context = tracer.getContext();
  auto key = std::make_tuple(
      result, matmul.weights,
      context.substitute(matmul.row, matmul.depth,
                         canonicalIndex(extentOf(matmul.depth))));
  if (Value known = matmulResults.lookup(key))
    return known;
  Value rows = emit(builder, loc, {}, matmul.row, matmul.depth);
  Type elementType = getElementTypeOrSelf(result.getType());
  Value empty = tensor::EmptyOp::create(
      builder, loc,
      ArrayRef<OpFoldResult>{numRows, builder.getIndexAttr(matmul.width)},
      elementType);
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(elementType));
  Value init = linalg::FillOp::create(builder, loc, zero, empty).getResult(0);
  SmallVector<Value> inputs{rows, arguments.lookup(matmul.weights)};
  Operation *op =
      matmul.outIn
          ? linalg::MatmulTransposeBOp::create(builder, loc, inputs, init)
                .getOperation()
          : linalg::MatmulOp::create(builder, loc, inputs, init).getOperation();
  return matmulResults[key] = op->getResult(0);
}

Value ExpertBody::emitLeaf(OpBuilder &builder, Location loc, Expr leaf,
                           Expr column) {
  if (!knowsPair(leaf))
    return arguments.lookup(tokenOperand(leaf, column));
  if (Value weights = pairOperand(leaf))
    return arguments.lookup(weights);
  int64_t width = extentOf(column);
  Expr outColumn;
  Value whole;
  std::optional<Matmul> matmul = matchMatmul(leaf, outColumn);
  if (matmul) {
    whole = emitMatmul(builder, leaf->value.getLoc(), leaf->value, *matmul);
  } else {
    Expr vector = ofExpert(leaf, 1);
    whole = arguments.lookup(vector->value);
    outColumn = vector->operands.back();
  }
  auto [offset, stride] = *matchStrided(outColumn, column);
  auto type = cast<RankedTensorType>(whole.getType());
  if (offset == 0 && stride == 1 && type.getShape().back() == width)
    return whole;
  SmallVector<OpFoldResult> offsets, sizes, strides;
  if (type.getRank() == 2) {
    offsets.push_back(builder.getIndexAttr(0));
    sizes.push_back(numRows);
    strides.push_back(builder.getIndexAttr(1));
  }
  offsets.push_back(builder.getIndexAttr(offset));
  sizes.push_back(builder.getIndexAttr(width));
  strides.push_back(builder.getIndexAttr(stride));
  return tensor::ExtractSliceOp::create(builder, loc, whole, offsets, sizes,
                                        strides);
}

Value ExpertBody::emit(OpBuilder &builder, Location loc, ValueRange operands,
                       Expr row, Expr column) {
  if (!operands.empty()) {
    auto next = operands.begin();
    for (Value operand : tokenOperands)
      arguments[operand] = *next++;
    for (Value operand : pairOperands)
      arguments[operand] = *next++;
    for (Value operand : expertOperands)
      arguments[operand] = *next++;
    numRows = tensor::DimOp::create(builder, loc, operands.front(), 0);
  }
  if (isLeaf(row))
    return emitLeaf(builder, loc, row, column);

  if (row->origin)
    loc = row->origin;
  llvm::SetVector<Expr> leaves;
  collectLeaves(row, leaves);
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  AffineMap identity = builder.getMultiDimIdentityMap(2);
  for (Expr leaf : leaves) {
    inputs.push_back(emitLeaf(builder, loc, leaf, column));
    bool perColumn =
        cast<RankedTensorType>(inputs.back().getType()).getRank() == 1;
    bool perRow = llvm::is_contained(pairOperands, made.lookup(leaf));
    maps.push_back(perColumn ? AffineMap::get(2, 0, builder.getAffineDimExpr(1))
                   : perRow ? AffineMap::get(2, 0,
                                             {builder.getAffineDimExpr(0),
                                              builder.getAffineConstantExpr(0)},
                                             builder.getContext())
                            : identity);
  }
  maps.push_back(identity);
  Value empty = tensor::EmptyOp::create(
      builder, loc,
      ArrayRef<OpFoldResult>{numRows, builder.getIndexAttr(extentOf(column))},
      row->type);
  auto generic = linalg::GenericOp::create(
      builder, loc, TypeRange{empty.getType()}, inputs, ValueRange{empty}, maps,
      SmallVector<utils::IteratorType>(2, utils::IteratorType::parallel),
      [&](OpBuilder &b, Location loc, ValueRange blockArguments) {
        DenseMap<Expr, Value> done;
        for (auto [leaf, argument] : llvm::zip(leaves, blockArguments))
          done[leaf] = argument;
        linalg::YieldOp::create(b, loc, emitScalar(b, loc, row, done));
      });
  return generic.getResult(0);
}
