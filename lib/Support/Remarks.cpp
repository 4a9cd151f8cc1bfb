// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Support/Remarks.h"

#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;

namespace {
remark::RemarkOpts describe(Operation *op, StringRef pass) {
  auto options = remark::RemarkOpts::name(pass).category("moe");
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    function = op->getParentOfType<FunctionOpInterface>();
  return function ? options.function(function.getName()) : options;
}
} // namespace

LogicalResult moe::missed(Operation *op, StringRef pass, const Twine &reason) {
  remark::missed(op->getLoc(), describe(op, pass)) << reason.str();
  return failure();
}

LogicalResult moe::missed(RewriterBase &rewriter, Operation *op, StringRef pass,
                          const Twine &reason) {
  (void)rewriter.notifyMatchFailure(op, reason);
  return missed(op, pass, reason);
}

void moe::fired(Operation *op, StringRef pass, const Twine &what) {
  remark::passed(op->getLoc(), describe(op, pass)) << what.str();
}
