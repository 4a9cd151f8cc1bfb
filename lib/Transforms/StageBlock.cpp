// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "StageBlock.h"

#include "ExpertValues.h"

using namespace mlir;
using namespace mlir::moe;

bool StageBlock::worksRowByRow() const {
  ExpertsOp op = experts;
  return ExpertValues(op)[op.getYield().getOperand(0)].spread == Spread::rows;
}

std::variant<StageBlock, StringRef> moe::findStageBlock(CombineOp combine) {
  StageBlock block;
  block.combine = combine;
  block.experts = combine.getRows().getDefiningOp<ExpertsOp>();
  block.plan = combine.getPairs().getDefiningOp<PlanOp>();
  if (!block.experts)
    return "the rows are not those of experts";
  if (!block.plan || block.experts.getOffsets() != block.plan.getOffsets())
    return "the rows and the pairs do not come from one plan";
  if (!block.experts.getResult().hasOneUse())
    return "others read the rows of the experts";
  if (combine.getUnweighted())
    return "the rows carry their weights already";
  for (Value rows : block.experts.getRows()) {
    auto dispatch = rows.getDefiningOp<DispatchOp>();
    if (dispatch && dispatch.getWeights())
      return "the rows are weighed before the experts";
    if (!dispatch || dispatch.getPairs() != block.plan.getPairs())
      return "a row operand of the experts is not dispatched by their plan";
    if (!llvm::all_of(rows.getUsers(),
                      [&](Operation *user) { return user == block.experts; }))
      return "others read the dispatched rows";
    block.dispatches.push_back(dispatch);
  }
  for (Value result : block.plan.getResults())
    for (Operation *user : result.getUsers())
      if (user != combine && user != block.experts &&
          !llvm::is_contained(block.dispatches, user))
        return "others read the plan";
  return block;
}
