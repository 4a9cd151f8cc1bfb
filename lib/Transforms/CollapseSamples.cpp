// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOECOLLAPSESAMPLESPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-collapse-samples";

/// Whether the activation makes 0 of 0, as far as folding tells.
bool mapsZeroToZero(Block &block) {
  DenseMap<Value, Attribute> known;
  BlockArgument argument = block.getArgument(0);
  known[argument] = FloatAttr::get(argument.getType(), 0.0);
  for (Operation &op : block.without_terminator()) {
    SmallVector<Attribute> operands;
    for (Value operand : op.getOperands()) {
      Attribute attribute = known.lookup(operand);
      if (!attribute)
        matchPattern(operand, m_Constant(&attribute));
      operands.push_back(attribute);
    }
    SmallVector<OpFoldResult> folded;
    // In place, folding does no more than to swap operands.
    if (op.getNumResults() != 1 || failed(op.fold(operands, folded)) ||
        folded.empty())
      continue;
    if (auto attribute = dyn_cast<Attribute>(folded.front()))
      known[op.getResult(0)] = attribute;
    else
      known[op.getResult(0)] = known.lookup(cast<Value>(folded.front()));
  }
  Value yielded = block.getTerminator()->getOperand(0);
  auto zero = dyn_cast_or_null<FloatAttr>(known.lookup(yielded));
  return zero && zero.getValue().isZero();
}

/// Whether every coefficient is one, and no row names a unit twice.
bool isBinary(NeuronsOp op) {
  auto weigh = op.getCoefficients().getDefiningOp<WeighOp>();
  if (!weigh || weigh.getExperts() != op.getUnits() ||
      weigh.getFn() != WeighFn::one || weigh.getNorm() != WeighNorm::none ||
      weigh.getPerExpert() || weigh.getFactor() ||
      !weigh.getScale().isExactlyValue(1.0))
    return false;
  auto select = op.getUnits().getDefiningOp<SelectOp>();
  return select && !isa<TableAttr>(select.getRule());
}

/// act(c p) is c act(p) for c in {0, 1} if act(0) is 0:
///
///   moe.neurons pre %x, %units, %ones   =>   moe.neurons post %x, %units,
///   %ones
void collapse(NeuronsOp op, bool allowReassociation) {
  if (op.getSide() == MaskSide::post)
    return;
  if (!isBinary(op))
    return (void)missed(op, passName,
                        "coefficients are not known to be one in distinct "
                        "slots");
  if (!mapsZeroToZero(op.getActivation().front()))
    return (void)missed(op, passName,
                        "the activation is not known to be zero at zero");
  // a + a is exact, a + a + a is not.
  if (!allowReassociation && (op.getSampleWeights() || op.getSamples() > 2))
    return (void)missed(op, passName,
                        "sums over samples round in other places, which needs "
                        "allow-reassociation");
  op.setSide(MaskSide::post);
  fired(op, passName, "one masked pass for all samples");
}

struct CollapseSamples
    : moe::impl::MoECollapseSamplesPassBase<CollapseSamples> {
  using Base::Base;

  void runOnOperation() override {
    getOperation()->walk(
        [&](NeuronsOp op) { collapse(op, allowReassociation); });
  }
};
} // namespace
