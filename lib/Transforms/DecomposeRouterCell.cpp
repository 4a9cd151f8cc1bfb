// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "DecomposeUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// What the gates of a cell are made of, for one element of the state: from the
/// input, from the state, and the state or cell itself.
struct GateTerms {
  SmallVector<Value> input, state;
  Value old;
};

/// The states after one moe.router_cell.
class Cell {
public:
  Cell(RouterCellOp op, OpBuilder &builder)
      : b(builder), loc(op.getLoc()), op(op), f32(builder.getF32Type()),
        sizes(tensor::getMixedSizes(builder, loc, op.getState())),
        width(op.getState().getType().getDimSize(1)),
        identity(builder.getMultiDimIdentityMap(2)),
        perColumn(identity.dropResult(0)) {}

  SmallVector<Value> build() {
    switch (op.getKind()) {
    case CellKind::ema:
      return {mapElements(
          b, loc, op.getNewState().getType(), sizes,
          {op.getInput(), op.getState(), op.getWeights()[0]},
          {identity, identity, perColumn},
          [&](OpBuilder &b, Location loc, ValueRange in) {
            Value kept =
                arith::MulFOp::create(b, loc, wide(b, in[2]), wide(b, in[1]));
            return round(b, buildSum(b, loc, {wide(b, in[0]), kept}),
                         op.getNewState());
          })};
    case CellKind::linear:
      return {mapElements(
          b, loc, op.getNewState().getType(), sizes,
          {op.getInput(), recurrent()}, {identity, identity},
          [&](OpBuilder &b, Location loc, ValueRange in) {
            return round(b, buildSum(b, loc, {wide(b, in[0]), wide(b, in[1])}),
                         op.getNewState());
          })};
    case CellKind::rnn:
      return {mapGates(op.getNewState(), [](OpBuilder &b, Location loc,
                                            const GateTerms &terms) {
        return math::TanhOp::create(
            b, loc, buildSum(b, loc, {terms.input[0], terms.state[0]}));
      })};
    case CellKind::gru:
      return {mapGates(op.getNewState(), gru)};
    case CellKind::lstm:
      return {mapGates(op.getNewState(),
                       [](OpBuilder &b, Location loc, const GateTerms &terms) {
                         Value cell = math::TanhOp::create(
                             b, loc, lstmCell(b, loc, terms));
                         return arith::MulFOp::create(
                             b, loc, sigmoidGate(b, loc, terms, 3), cell);
                       }),
              mapGates(op.getNewCell(), lstmCell)};
    }
    llvm_unreachable("unknown kind of cell");
  }

private:
  using GateBody =
      function_ref<Value(OpBuilder &, Location, const GateTerms &)>;

  static Value sigmoidGate(OpBuilder &b, Location loc, const GateTerms &terms,
                           size_t gate) {
    return buildSigmoid(
        b, loc, buildSum(b, loc, {terms.input[gate], terms.state[gate]}));
  }

  /// The reset gate multiplies what comes from the state, bias included.
  static Value gru(OpBuilder &b, Location loc, const GateTerms &terms) {
    Value reset = sigmoidGate(b, loc, terms, 0);
    Value update = sigmoidGate(b, loc, terms, 1);
    Value past = arith::MulFOp::create(b, loc, reset, terms.state[2]);
    Value fresh =
        math::TanhOp::create(b, loc, buildSum(b, loc, {terms.input[2], past}));
    Value one = constantFloat(b, loc, b.getF32Type(), 1.0);
    Value rest = arith::SubFOp::create(b, loc, one, update);
    return buildSum(b, loc,
                    {arith::MulFOp::create(b, loc, rest, fresh),
                     arith::MulFOp::create(b, loc, update, terms.old)});
  }

  static Value lstmCell(OpBuilder &b, Location loc, const GateTerms &terms) {
    Value in = sigmoidGate(b, loc, terms, 0);
    Value forget = sigmoidGate(b, loc, terms, 1);
    Value fresh = math::TanhOp::create(
        b, loc, buildSum(b, loc, {terms.input[2], terms.state[2]}));
    return buildSum(b, loc,
                    {arith::MulFOp::create(b, loc, forget, terms.old),
                     arith::MulFOp::create(b, loc, in, fresh)});
  }

  Value wide(OpBuilder &b, Value value) {
    return castFloat(b, loc, value, f32);
  }

  Value round(OpBuilder &b, Value value, Value like) {
    return castFloat(b, loc, value,
                     cast<ShapedType>(like.getType()).getElementType());
  }

  /// What belongs to one gate: a P wide part of the last dimension.
  Value slice(Value stack, int64_t gate) {
    SmallVector<OpFoldResult> part = tensor::getMixedSizes(b, loc, stack);
    SmallVector<OpFoldResult> offsets(part.size(), b.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(part.size(), b.getIndexAttr(1));
    part.back() = b.getIndexAttr(width);
    offsets.back() = b.getIndexAttr(gate * width);
    return tensor::ExtractSliceOp::create(b, loc, stack, offsets, part,
                                          strides);
  }

  /// rows * weights^T, in f32.
  Value product(Value rows, Value weights) {
    auto type = RankedTensorType::get(
        {op.getState().getType().getDimSize(0),
         cast<ShapedType>(weights.getType()).getDimSize(0)},
        f32);
    Value zero = constantFloat(b, loc, f32, 0.0);
    Value init = filledTensor(b, loc, type, sizes, zero);
    AffineExpr t, j, d;
    bindDims(b.getContext(), t, j, d);
    SmallVector<AffineMap> maps = AffineMap::inferFromExprList(
        ArrayRef<ArrayRef<AffineExpr>>{{t, d}, {j, d}, {t, j}}, b.getContext());
    auto matmul =
        linalg::MatmulOp::create(b, loc, type, ValueRange{rows, weights}, init);
    matmul.setIndexingMapsAttr(b.getAffineMapArrayAttr(maps));
    return matmul.getResult(0);
  }

  /// What comes from the state before any bias.
  Value recurrent() {
    return op.getRecurrent() ? op.getRecurrent()
                             : product(op.getState(), op.getWeights().back());
  }

  /// A state like `result`, whose elements `body` makes from the gates.
  Value mapGates(Value result, GateBody body) {
    int64_t numGates = op.getNumGates();
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    if (products.empty())
      products = {product(op.getInput(), op.getWeights()[0]), recurrent()};
    auto addGates = [&](ValueRange stacks, AffineMap map) {
      for (Value stack : stacks)
        for (int64_t gate = 0; gate < numGates; ++gate) {
          inputs.push_back(slice(stack, gate));
          maps.push_back(map);
        }
    };
    addGates(products, identity);
    addGates(op.getBiases(), perColumn);
    inputs.push_back(op.getCell() ? op.getCell() : op.getState());
    maps.push_back(identity);
    return mapElements(
        b, loc, cast<RankedTensorType>(result.getType()), sizes, inputs, maps,
        [&](OpBuilder &b, Location loc, ValueRange in) {
          SmallVector<Value> terms;
          for (Value term : in.take_front(2 * numGates))
            terms.push_back(wide(b, term));
          if (!op.getBiases().empty())
            for (auto [term, bias] :
                 llvm::zip(terms, in.drop_front(2 * numGates)))
              term = buildSum(b, loc, {term, wide(b, bias)});
          ArrayRef<Value> all(terms);
          return round(b,
                       body(b, loc,
                            {SmallVector<Value>(all.take_front(numGates)),
                             SmallVector<Value>(all.drop_front(numGates)),
                             wide(b, in.back())}),
                       result);
        });
  }

  OpBuilder &b;
  Location loc;
  RouterCellOp op;
  Type f32;
  SmallVector<OpFoldResult> sizes;
  int64_t width;
  AffineMap identity, perColumn;
  SmallVector<Value> products;
};

/// Two matmuls, then all gates of an element at once.
struct DecomposeRouterCell : OpRewritePattern<RouterCellOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RouterCellOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, Cell(op, rewriter).build());
    return success();
  }
};
} // namespace

void moe::populateDecomposeRouterCellPatterns(RewritePatternSet &patterns) {
  patterns.add<DecomposeRouterCell>(patterns.getContext());
}
