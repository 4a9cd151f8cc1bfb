// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "MatchEpilogues.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Tries both orders of operands that commute, which takes back what the wrong
/// one said of the arguments.
class EpilogueMatcher {
public:
  EpilogueMatcher(GroupedMatmulOp op, GroupedMatmulOp other)
      : op(op), other(other),
        places(op.getEpilogue().getNumArguments(), unknown) {}

  FailureOr<SmallVector<unsigned>> match() {
    auto yielded = [](GroupedMatmulOp matmul) {
      return matmul.getEpilogue().front().getTerminator()->getOperand(0);
    };
    if (!match(yielded(op), yielded(other)) ||
        llvm::is_contained(places, unknown))
      return failure();
    return places;
  }

private:
  static constexpr unsigned unknown = ~0u;
  /// Epilogues are a dozen ops; what takes longer is a puzzle.
  static constexpr unsigned maxSteps = 10000;

  bool match(Value a, Value b) {
    if (++steps > maxSteps || a.getType() != b.getType())
      return false;
    auto argument = dyn_cast<BlockArgument>(a);
    if (argument && argument.getOwner() == &op.getEpilogue().front())
      return matchArguments(argument.getArgNumber(),
                            dyn_cast<BlockArgument>(b));
    Operation *first = a.getDefiningOp(), *second = b.getDefiningOp();
    bool isInside = first && first->getBlock() == &op.getEpilogue().front();
    if (!isInside && a == b)
      return true;
    if (!first || !second || first->getName() != second->getName() ||
        first->getAttrDictionary() != second->getAttrDictionary() ||
        first->getNumOperands() != second->getNumOperands() ||
        first->getNumRegions() != 0 ||
        cast<OpResult>(a).getResultNumber() !=
            cast<OpResult>(b).getResultNumber())
      return false;
    // Outside, only constants are the same without being one.
    if (!isInside)
      return first->hasTrait<OpTrait::ConstantLike>();
    SmallVector<unsigned> before(places);
    if (matchOperands(first->getOperands(), second->getOperands()))
      return true;
    places = before;
    if (!first->hasTrait<OpTrait::IsCommutative>() ||
        first->getNumOperands() != 2)
      return false;
    SmallVector<Value> swapped{second->getOperand(1), second->getOperand(0)};
    if (matchOperands(first->getOperands(), swapped))
      return true;
    places = before;
    return false;
  }

  bool matchOperands(ValueRange a, ValueRange b) {
    return llvm::all_of(llvm::zip_equal(a, b), [&](auto pair) {
      return match(std::get<0>(pair), std::get<1>(pair));
    });
  }

  bool matchArguments(unsigned number, BlockArgument argument) {
    if (!argument || argument.getOwner() != &other.getEpilogue().front())
      return false;
    unsigned place = argument.getArgNumber();
    if ((number < op.getNumParts()) != (place < other.getNumParts()))
      return false;
    if (places[number] == unknown)
      places[number] = place;
    return places[number] == place;
  }

  GroupedMatmulOp op, other;
  SmallVector<unsigned> places;
  unsigned steps = 0;
};
} // namespace

FailureOr<SmallVector<unsigned>> moe::matchEpilogues(GroupedMatmulOp op,
                                                     GroupedMatmulOp other) {
  return EpilogueMatcher(op, other).match();
}
