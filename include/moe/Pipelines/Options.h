// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_PIPELINES_OPTIONS_H
#define MOE_PIPELINES_OPTIONS_H

#include "mlir/Pass/PassOptions.h"

namespace mlir::moe {

struct RaiseOptions : PassPipelineOptions<RaiseOptions> {
  Option<bool> require{*this, "require",
                       llvm::cl::desc("Fail if something that looks like a MoE "
                                      "block is not raised"),
                       llvm::cl::init(false)};
};

struct OptimizeOptions : PassPipelineOptions<OptimizeOptions> {
  Option<std::string> target{*this, "target", llvm::cl::desc("cpu or nvptx"),
                             llvm::cl::init("cpu")};
  Option<std::string> chip{*this, "chip",
                           llvm::cl::desc("GPU architecture, such as sm_80"),
                           llvm::cl::init("sm_90a")};
  Option<int64_t> lanes{*this, "lanes",
                        llvm::cl::desc("Floats in a vector of the CPU; 0 "
                                       "leaves schedules to its lowerings"),
                        llvm::cl::init(8)};
  Option<int64_t> validate{
      *this, "validate",
      llvm::cl::desc("Seeds on which the result is checked "
                     "against the input, by execution"),
      llvm::cl::init(0)};
  Option<int64_t> validateDim{
      *this, "validate-dim", llvm::cl::desc("Dynamic sizes of arguments there"),
      llvm::cl::init(7)};
  Option<int64_t> validateIntMax{*this, "validate-int-max",
                                 llvm::cl::desc("Largest integer there"),
                                 llvm::cl::init(1)};
  Option<bool> allowReassociation{
      *this, "allow-reassociation",
      llvm::cl::desc(
          "Allow rewrites of routers that change ties and roundings"),
      llvm::cl::init(false)};
};

struct CPUOptions : PassPipelineOptions<CPUOptions> {
  Option<std::string> cpu{*this, "cpu",
                          llvm::cl::desc("CPU to compile for, or native"),
                          llvm::cl::init("x86-64-v3")};
  Option<std::string> features{*this, "features",
                               llvm::cl::desc("LLVM target features to add"),
                               llvm::cl::init("")};
  Option<std::string> prefix{*this, "prefix",
                             llvm::cl::desc("Put before the name of every "
                                            "entry"),
                             llvm::cl::init("")};
  Option<bool> allowReassociation{
      *this, "allow-reassociation",
      llvm::cl::desc(
          "Allow rewrites of routers that change ties and roundings"),
      llvm::cl::init(false)};
};

struct NVPTXOptions : PassPipelineOptions<NVPTXOptions> {
  Option<std::string> chip{*this, "chip",
                           llvm::cl::desc("GPU architecture, such as sm_80"),
                           llvm::cl::init("sm_90a")};
  Option<std::string> format{*this, "format",
                             llvm::cl::desc("isa, bin or fatbin"),
                             llvm::cl::init("isa")};
  Option<bool> allowReassociation{
      *this, "allow-reassociation",
      llvm::cl::desc(
          "Allow rewrites of routers that change ties and roundings"),
      llvm::cl::init(false)};
};

} // namespace mlir::moe

#endif // MOE_PIPELINES_OPTIONS_H
