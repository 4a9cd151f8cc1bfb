// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One spelling for every reason: remarks of category "moe". moe-opt shows
// missed ones by default; MLIR's --remarks-* flags show, filter or store all.
#ifndef MOE_SUPPORT_REMARKS_H
#define MOE_SUPPORT_REMARKS_H

#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/Twine.h"

namespace mlir::moe {

/// Says that `pass` left `op` alone, and why, in words a user understands.
/// Always returns failure, so that a pattern can end with it.
LogicalResult missed(Operation *op, StringRef pass, const Twine &reason);

/// The same inside a pattern; also tells the rewriter.
LogicalResult missed(RewriterBase &rewriter, Operation *op, StringRef pass,
                     const Twine &reason);

/// Says that `pass` rewrote `op`, and into what.
void fired(Operation *op, StringRef pass, const Twine &what);

} // namespace mlir::moe

#endif // MOE_SUPPORT_REMARKS_H
