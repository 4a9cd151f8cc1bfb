// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Validation/RoutingEdges.h"

#include "moe/IR/MoEOps.h"
#include "moe/Validation/Arguments.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/STLExtras.h"

#include <cstring>

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Whether every element of the result is one element of the operand, or that
/// converted.
bool onlyMoves(linalg::GenericOp op) {
  return op.getNumDpsInputs() == 1 && op->getNumResults() == 1 &&
         op.getNumParallelLoops() == op.getNumLoops() &&
         op.getMatchingIndexingMap(op.getDpsInputOperand(0)).isPermutation() &&
         llvm::all_of(op.getBody()->without_terminator(), [](Operation &inner) {
           return isa<CastOpInterface>(inner);
         });
}

/// The argument that `value` is, reshaped, permuted or converted.
BlockArgument findArgument(Value value, Block &entry) {
  while (Operation *op = value.getDefiningOp()) {
    auto generic = dyn_cast<linalg::GenericOp>(op);
    if (isa<CastOpInterface, tensor::ExpandShapeOp, tensor::CollapseShapeOp,
            tensor::ReshapeOp, linalg::TransposeOp>(op) ||
        (generic && onlyMoves(generic)))
      value = op->getOperand(0);
    else
      return {};
  }
  auto argument = cast<BlockArgument>(value);
  return argument.getOwner() == &entry ? argument : BlockArgument();
}

class Finder {
public:
  explicit Finder(Block &entry) : entry(entry) {}

  void addRouter(Value router, int64_t experts) {
    BlockArgument argument = findArgument(router, entry);
    auto type = argument ? dyn_cast<RankedTensorType>(argument.getType())
                         : RankedTensorType();
    if (!type || type.getRank() != 2)
      return;
    // A square one could be either way round.
    if ((type.getDimSize(0) == experts) == (type.getDimSize(1) == experts))
      return;
    std::pair<unsigned, unsigned> entry{argument.getArgNumber(),
                                        type.getDimSize(0) == experts ? 0 : 1};
    if (!llvm::is_contained(found.routers, entry))
      found.routers.push_back(entry);
  }
  void addTokens(Value tokens) {
    BlockArgument argument = findArgument(tokens, entry);
    if (argument && isa<RankedTensorType>(argument.getType()) &&
        !llvm::is_contained(found.tokens, argument.getArgNumber()))
      found.tokens.push_back(argument.getArgNumber());
  }
  /// Logits that are no part of a gate yet.
  void addKey(Value key) {
    int64_t experts = cast<ShapedType>(key.getType()).getShape().back();
    if (auto score = key.getDefiningOp<ScoreOp>())
      key = score.getLogits();
    auto matmul = key.getDefiningOp<linalg::LinalgOp>();
    if (!matmul || !linalg::isaContractionOpInterface(matmul))
      return;
    addTokens(matmul.getDpsInputOperand(0)->get());
    addRouter(matmul.getDpsInputOperand(1)->get(), experts);
  }

  RouterArguments found;

private:
  Block &entry;
};
} // namespace

RouterArguments moe::findRouterArguments(FunctionOpInterface function) {
  Finder finder(function.getFunctionBody().front());
  function.walk([&](Operation *op) {
    finder.found.hasRouter |= isa<GateOp, SelectOp, SelectIntoOp>(op);
    if (auto gate = dyn_cast<GateOp>(op); gate && gate.getRouter()) {
      Value router = gate.getRouter();
      finder.addTokens(gate.getX());
      finder.addRouter(router,
                       cast<ShapedType>(router.getType()).getDimSize(0));
    } else if (auto select = dyn_cast<SelectOp>(op)) {
      finder.addKey(select.getKey());
    } else if (auto bins = dyn_cast<SelectIntoOp>(op)) {
      finder.addKey(bins.getKey());
    }
  });
  return std::move(finder.found);
}

namespace {
/// Rows of tokens; a token of ids is one of them.
int64_t getRowBytes(const Array &array) {
  int64_t width = isFloat(array.getDType()) ? array.getShape().back() : 1;
  return width * getSize(array.getDType());
}

/// Token t becomes a copy of token t mod `different`.
void repeatTokens(Array &array, int64_t different) {
  int64_t bytes = getRowBytes(array);
  if (bytes == 0)
    return;
  char *data = array.getData();
  for (int64_t t = different, e = array.getNumBytes() / bytes; t < e; ++t)
    std::memcpy(data + t * bytes, data + t % different * bytes, bytes);
}

/// Expert 2i+1 gets the router of expert 2i, times nearly one.
void pairExperts(Array &router, unsigned expertDim, Random &random) {
  int64_t experts = router.getShape()[expertDim];
  int64_t width = router.getShape()[1 - expertDim];
  auto at = [&](int64_t expert, int64_t i) {
    return expertDim == 0 ? expert * width + i : i * experts + expert;
  };
  for (int64_t expert = 1; expert < experts; expert += 2)
    for (int64_t i = 0; i < width; ++i)
      router.setFloat(at(expert, i), router.getFloat(at(expert - 1, i)) *
                                         (1 + 1e-3 * random.normal()));
}

Array copy(const Array &array) {
  Array made(array.getDType(), array.getShape());
  std::memcpy(made.getData(), array.getData(), array.getNumBytes());
  return made;
}
} // namespace

SmallVector<ArrayView> RoutingEdge::apply(MutableArrayRef<Array> arguments) {
  SmallVector<ArrayView> views(arguments.begin(), arguments.end());
  for (auto &[number, array] : changed)
    views[number] = array;
  return views;
}

std::vector<RoutingEdge> moe::makeRoutingEdges(const RouterArguments &found,
                                               ArrayRef<Array> arguments,
                                               uint64_t seed) {
  std::vector<RoutingEdge> edges;
  if (!found.hasRouter)
    return edges;
  SmallVector<unsigned> tokens = found.tokens;
  if (tokens.empty())
    for (auto [number, array] : llvm::enumerate(arguments))
      if (!isFloat(array.getDType()) && array.getDType() != DType::i1 &&
          !array.getShape().empty())
        tokens.push_back(number);

  for (auto [name, different] :
       {std::pair("one hot expert", 1), std::pair("empty experts", 2)}) {
    if (tokens.empty())
      break;
    RoutingEdge &edge = edges.emplace_back(RoutingEdge{name, {}});
    for (unsigned number : tokens) {
      edge.changed.emplace_back(number, copy(arguments[number]));
      repeatTokens(edge.changed.back().second, different);
    }
  }
  Random random(seed);
  RoutingEdge ties{"near ties", {}};
  for (auto [number, expertDim] : found.routers)
    if (getSize(arguments[number].getDType()) >= 4) {
      ties.changed.emplace_back(number, copy(arguments[number]));
      pairExperts(ties.changed.back().second, expertDim, random);
    }
  if (!ties.changed.empty())
    edges.push_back(std::move(ties));
  return edges;
}
