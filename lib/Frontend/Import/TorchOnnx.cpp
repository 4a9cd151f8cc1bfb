// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TorchImporter.h"
using namespace mlir::moe::torch;
void mlir::moe::torch::addOnnxOps(Table &table) {}
