// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Materialize.h"

#include "moe/Frontend/Build.h"
#include "moe/Frontend/Matchers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
/// Collects what an elementwise op has to read, then makes it.
class Materializer {
public:
  Materializer(OpBuilder &builder, Location loc, ElementTracer &tracer,
               Expr row, Expr column, Value like)
      : builder(builder), loc(loc), tracer(tracer), row(row), column(column),
        like(like) {}

  Value make(Expr expr);

private:
  bool collect(Expr expr);
  bool addLeaf(Expr leaf);
  bool addRead(Expr leaf, Value value, ArrayRef<Expr> place);
  void collapseRow(Value &value, SmallVectorImpl<Expr> &place);

  OpBuilder &builder;
  Location loc;
  ElementTracer &tracer;
  Expr row, column;
  Value like;
  SmallVector<Expr> leaves;
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
};
} // namespace

/// Reads `value` at `place`, in which only row, column and constants stand.
bool Materializer::addRead(Expr leaf, Value value, ArrayRef<Expr> place) {
  SmallVector<AffineExpr> results;
  for (Expr index : place) {
    if (index == row && row->kind == Kind::Var)
      results.push_back(builder.getAffineDimExpr(0));
    else if (index == column && column->kind == Kind::Var)
      results.push_back(builder.getAffineDimExpr(1));
    else if (index->kind == Kind::Linear && index->operands.empty())
      results.push_back(builder.getAffineConstantExpr(index->constant));
    else
      return false;
  }
  leaves.push_back(leaf);
  inputs.push_back(value);
  maps.push_back(AffineMap::get(2, 0, results, builder.getContext()));
  return true;
}

bool Materializer::addLeaf(Expr leaf) {
  if (leaf->kind != Kind::Element)
    return false;
  Value value = leaf->value;
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return addRead(leaf, value, {});
  SmallVector<Expr> place(leaf->operands);
  if (!llvm::is_contained(place, row) || row->kind != Kind::Var)
    collapseRow(value, place);
  // The value of a token at the expert in one of its slots.
  if (place.size() == 2 && place[1]->kind == Kind::Element) {
    auto select = place[1]->value.getDefiningOp<SelectOp>();
    type = cast<RankedTensorType>(value.getType());
    if (!select || select.isByExpert() || place[0] != row ||
        place[1]->operands[0] != row ||
        !isa<FloatType>(type.getElementType()) ||
        type.getShape() != select.getKey().getType().getShape())
      return false;
    WeighOp values = buildValues(builder, loc, value, select.getExperts());
    return addRead(leaf, values.getWeights(), {row, place[1]->operands[1]});
  }
  return addRead(leaf, value, place);
}

/// Makes one dimension of the leading ones that make up the row.
void Materializer::collapseRow(Value &value, SmallVectorImpl<Expr> &place) {
  auto type = cast<RankedTensorType>(value.getType());
  for (size_t count = place.size(); count >= 2; --count) {
    ArrayRef<Expr> leading = ArrayRef<Expr>(place).take_front(count);
    if (!tracer.makeUp(leading, type.getShape().take_front(count), row))
      continue;
    SmallVector<ReassociationIndices> groups(1);
    groups[0] = llvm::to_vector<2>(llvm::seq<int64_t>(count));
    for (int64_t i = count; i < type.getRank(); ++i)
      groups.push_back({i});
    SmallVector<Expr> rest{row};
    llvm::append_range(rest, ArrayRef<Expr>(place).drop_front(count));
    place = rest;
    value = tensor::CollapseShapeOp::create(builder, loc, value, groups);
    return;
  }
}

bool Materializer::collect(Expr expr) {
  if (expr->kind == Kind::Constant || llvm::is_contained(leaves, expr))
    return true;
  if (expr->kind == Kind::Apply)
    return llvm::all_of(expr->operands,
                        [&](Expr operand) { return collect(operand); });
  return addLeaf(expr);
}

Value Materializer::make(Expr expr) {
  Value known = tracer.findTracedRows(expr, row, column);
  if (!known)
    known = findMatrix(tracer, expr, {row, column});
  if (known)
    return asMatrix(builder, loc, known);
  if (!isa_and_nonnull<FloatType>(expr->type) || !collect(expr))
    return {};
  AffineMap identity = builder.getMultiDimIdentityMap(2);
  auto hasShape = [&](Expr index, int64_t size) {
    return index->kind == Kind::Var ? index->extent == size : size == 1;
  };
  if (leaves.size() == 1 && leaves.front() == expr && maps.front() == identity)
    return inputs.front();
  auto likeType = cast<RankedTensorType>(like.getType());
  if (!hasShape(row, likeType.getDimSize(0)))
    return {};
  int64_t width = column->kind == Kind::Var ? column->extent : 1;
  if (ShapedType::isDynamic(width))
    return {};
  Value empty = emptyLike(builder, loc, {likeType.getDimSize(0), width},
                          expr->type, like);
  maps.push_back(identity);
  return linalg::GenericOp::create(
             builder, loc, TypeRange{empty.getType()}, inputs,
             ValueRange{empty}, maps,
             SmallVector<utils::IteratorType>(2, utils::IteratorType::parallel),
             [&](OpBuilder &b, Location loc, ValueRange arguments) {
               DenseMap<Expr, Value> done;
               for (auto [leaf, argument] : llvm::zip(leaves, arguments))
                 done[leaf] = argument;
               linalg::YieldOp::create(b, loc, emitScalar(b, loc, expr, done));
             })
      .getResult(0);
}

Value moe::emitScalar(OpBuilder &builder, Location loc, Expr expr,
                      DenseMap<Expr, Value> &done) {
  if (Value known = done.lookup(expr))
    return known;
  if (expr->kind == Kind::Constant)
    return done[expr] = arith::ConstantOp::create(
               builder, loc, cast<TypedAttr>(expr->attribute));
  SmallVector<Value> values;
  for (Expr operand : expr->operands)
    values.push_back(emitScalar(builder, loc, operand, done));
  OperationState state(expr->origin, *expr->opName, values, expr->type,
                       cast<DictionaryAttr>(expr->attribute).getValue());
  return done[expr] = builder.create(state)->getResult(0);
}

Value moe::materialize(OpBuilder &builder, Location loc, ElementTracer &tracer,
                       Expr expr, Expr row, Expr column, Value like) {
  return Materializer(builder, loc, tracer, row, column, like).make(expr);
}
