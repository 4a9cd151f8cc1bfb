// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
bool isTokenOp(Operation *op) {
  return op && (op->getName().getStringRef() == "stablehlo.after_all" ||
                op->getName().getStringRef() == "stablehlo.create_token");
}

/// With the tokens it joins that nothing else uses.
void eraseDeadTokens(Operation *op, RewriterBase &rewriter) {
  if (!isTokenOp(op) || !op->use_empty())
    return;
  SmallVector<Value> joined(op->getOperands());
  rewriter.eraseOp(op);
  for (Value token : joined)
    eraseDeadTokens(token.getDefiningOp(), rewriter);
}

/// A token orders side effects, of which no op here has any: it goes with the
/// last op that joins it.
LogicalResult importToken(Operation *op, RewriterBase &rewriter) {
  if (op->getNumResults() != 1)
    return hlo::malformed(op, "one result");
  for (Value token : op->getOperands())
    if (!isTokenOp(token.getDefiningOp()))
      return op->emitOpError("joins a token that was not made here; drop it "
                             "before moe-import");
  for (Operation *user : op->getUsers())
    if (!isTokenOp(user))
      return op->emitOpError("orders an operation that is not imported; drop "
                             "the token before moe-import");
  eraseDeadTokens(op, rewriter);
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::tokenImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.after_all", importToken},
      {"stablehlo.create_token", importToken},
  };
  return table;
}
