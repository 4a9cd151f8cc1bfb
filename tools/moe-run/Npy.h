// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NumPy's file format, versions 1 and 2, in row-major order. bf16 has no name
// in it and is stored as uint16.
#ifndef MOE_TOOLS_MOE_RUN_NPY_H
#define MOE_TOOLS_MOE_RUN_NPY_H

#include "moe/Execution/Array.h"

#include "llvm/Support/Error.h"

namespace mlir::moe {

/// Reads one array. `expected` is what the reader is going to use it for: it
/// decides whether two-byte integers are bf16. Errors do not name the file.
llvm::Expected<Array> parseNpy(llvm::StringRef bytes, DType expected);
/// The same from a file; errors name it.
llvm::Expected<Array> readNpy(llvm::StringRef path, DType expected);

/// The header and data of a version 1 file.
std::string formatNpy(const Array &array);
llvm::Error writeNpy(llvm::StringRef path, const Array &array);

} // namespace mlir::moe

#endif // MOE_TOOLS_MOE_RUN_NPY_H
