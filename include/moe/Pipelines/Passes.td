// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_PIPELINES_PASSES_TD
#define MOE_PIPELINES_PASSES_TD

include "mlir/Pass/PassBase.td"

def MoEValidatePass : Pass<"moe-validate", "::mlir::ModuleOp"> {
  let summary = "Optimises a module and checks it against where it came from";
  let description = [{
    What `moe-optimize` does with `validate`: runs raise, fuse and schedule, then
    compiles the module before and after for this machine and calls every public
    function of both on made-up arguments. For each of `seeds` seeds, they are
    random ones and those edges of routing that can be made of them: one hot
    expert, empty experts, near ties. Schedules are dropped for the check, since
    a CPU cannot follow those of a GPU; they never change what is computed.

    Expects:  what moe-raise expects.
    Produces: the optimised module, and a remark per function that was checked.
    Refuses:  a function whose results differ, with an error that names the first
              token. Functions with arguments that cannot be made up, or that
              hold codegen ops already, are not checked, with a missed remark.

    (example: test/Pipelines/validate/doc.mlir)
  }];
  let options = [
    Option<"seeds", "seeds", "int64_t", /*default=*/"1",
           "How many seeds to try">,
    Option<"dim", "dim", "int64_t", /*default=*/"7",
           "What a dynamic size of an argument is">,
    Option<"intMax", "int-max", "int64_t", /*default=*/"1",
           "The largest integer in an argument">,
    Option<"target", "target", "std::string", /*default=*/"\"cpu\"",
           "cpu or nvptx">,
    Option<"chip", "chip", "std::string", /*default=*/"\"sm_90a\"",
           "GPU architecture, such as sm_80">,
    Option<"lanes", "lanes", "int64_t", /*default=*/"8",
           "Floats in a vector of the CPU">,
    Option<"allowReassociation", "allow-reassociation", "bool",
           /*default=*/"false", "Allow what changes ties and roundings">];
}

#endif // MOE_PIPELINES_PASSES_TD
