// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Mutations.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Ops of which the first two operands may change places.
bool isCommutative(Operation *op) {
  return op->getNumOperands() >= 2 && op->getNumRegions() == 0 &&
         op->getOperand(0).getType() == op->getOperand(1).getType() &&
         (op->hasTrait<OpTrait::IsCommutative>() || isa<tosa::MulOp>(op));
}

/// Lists inputs 0 and `other` of a generic op in the other order.
void swapInputs(linalg::GenericOp op, unsigned other) {
  Value first = op.getInputs()[0];
  op->setOperand(0, op.getInputs()[other]);
  op->setOperand(other, first);
  SmallVector<Attribute> maps(op.getIndexingMaps().getValue());
  std::swap(maps[0], maps[other]);
  op.setIndexingMapsAttr(ArrayAttr::get(op.getContext(), maps));
  Block *body = op.getBody();
  BlockArgument a = body->getArgument(0), b = body->getArgument(other);
  // Through a third one: a value cannot stand for itself.
  BlockArgument third = body->addArgument(a.getType(), op.getLoc());
  a.replaceAllUsesWith(third);
  b.replaceAllUsesWith(a);
  third.replaceAllUsesWith(b);
  Type type = a.getType();
  a.setType(b.getType());
  b.setType(type);
  body->eraseArgument(third.getArgNumber());
}
} // namespace

bool moe::commute(Site &site) {
  SmallVector<std::function<void()>> choices;
  for (Operation *op : site.getOps()) {
    if (auto generic = dyn_cast<linalg::GenericOp>(op);
        generic && generic.getNumDpsInputs() > 1)
      choices.push_back(
          [generic, other = 1 + site.pick(generic.getNumDpsInputs() - 1)] {
            swapInputs(generic, other);
          });
    auto consider = [&](Operation *inner) {
      if (isCommutative(inner))
        choices.push_back([inner] {
          Value first = inner->getOperand(0);
          inner->setOperand(0, inner->getOperand(1));
          inner->setOperand(1, first);
        });
    };
    if (isa<linalg::GenericOp>(op))
      op->walk(consider);
    else
      consider(op);
  }
  if (choices.empty())
    return false;
  site.pickFrom(choices)();
  return true;
}

bool moe::generalize(Site &site) {
  SmallVector<linalg::LinalgOp> named;
  for (Operation *op : site.getOps())
    if (auto linalg = dyn_cast<linalg::LinalgOp>(op);
        linalg && !isa<linalg::GenericOp>(op) && linalg->getNumRegions() == 1 &&
        !linalg->getRegion(0).empty())
      named.push_back(linalg);
  if (named.empty())
    return false;
  linalg::LinalgOp op = site.pickFrom(named);
  site.rewriter.setInsertionPoint(op);
  return succeeded(linalg::generalizeNamedOp(site.rewriter, op));
}
