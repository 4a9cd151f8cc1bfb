// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Options.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace mlir::moe;
namespace cl = llvm::cl;

namespace {
/// Lives on the stack of parseOptions: options are read once.
struct CommandLine {
  cl::OptionCategory category{"moe-run"};
  cl::opt<std::string> input{cl::Positional, cl::Required, cl::desc("IN.mlir"),
                             cl::cat(category)};
  cl::opt<std::string> entry{"entry", cl::desc("Function to run"),
                             cl::init("main"), cl::cat(category)};
  cl::opt<std::string> backend{"backend", cl::Required,
                               cl::desc("reference, cpu or nvptx"),
                               cl::cat(category)};
  cl::opt<std::string> chip{"chip", cl::desc("GPU to compile for"),
                            cl::init("sm_90a"), cl::cat(category)};
  cl::opt<std::string> cpu{"cpu", cl::desc("CPU to compile for, or native"),
                           cl::init("native"), cl::cat(category)};
  cl::opt<std::string> features{
      "features", cl::desc("LLVM target features to add"), cl::cat(category)};
  cl::list<std::string> inputs{
      "input",
      cl::desc("Value of an argument as .npy; once per argument, in "
               "order; missing ones are invented"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<uint64_t> seed{"seed", cl::desc("Seed of invented arguments"),
                         cl::init(0), cl::cat(category)};
  cl::list<int64_t> dims{
      "dim", cl::desc("Dynamic sizes of invented arguments, in order"),
      cl::value_desc("size"), cl::cat(category)};
  cl::opt<int64_t> intMax{"int-max", cl::desc("Largest invented integer"),
                          cl::init(1), cl::cat(category)};
  cl::list<std::string> outputs{
      "output", cl::desc("Where to write a result; once per result, in order"),
      cl::value_desc("file"), cl::cat(category)};
  cl::list<std::string> expected{
      "expect", cl::desc("What a result has to be; once per result, in order"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<double> rtol{"rtol", cl::desc("Relative tolerance"),
                       cl::cat(category)};
  cl::opt<double> atol{"atol", cl::desc("Absolute tolerance"),
                       cl::cat(category)};
  cl::opt<std::string> compare{
      "compare", cl::desc("Compare with what another backend gives: reference"),
      cl::cat(category)};
  cl::opt<bool> edges{
      "edges",
      cl::desc("Compare also at the edges of routing, such as one hot expert, "
               "where all arguments are invented"),
      cl::init(true), cl::cat(category)};
  cl::opt<int64_t> repeat{"repeat", cl::desc("Calls to make"), cl::init(1),
                          cl::cat(category)};
  cl::opt<bool> time{"time", cl::desc("Print times as JSON in the last line"),
                     cl::cat(category)};
  cl::list<std::string> plugins{
      "load-dialect-plugin",
      cl::desc("Load dialects, such as one with a select rule of its own"),
      cl::value_desc("library"), cl::cat(category)};
  cl::opt<std::string> remarksAll{"remarks-filter",
                                  cl::desc("Show remarks of these categories"),
                                  cl::cat(category)};
  cl::opt<std::string> remarksPassed{"remarks-filter-passed",
                                     cl::desc("The same, passed ones only"),
                                     cl::cat(category)};
  cl::opt<std::string> remarksMissed{"remarks-filter-missed",
                                     cl::desc("The same, missed ones only"),
                                     cl::init("moe"), cl::cat(category)};
  cl::opt<std::string> remarksFailed{"remarks-filter-failed",
                                     cl::desc("The same, failed ones only"),
                                     cl::cat(category)};
  cl::opt<std::string> remarksAnalysis{"remarks-filter-analyse",
                                       cl::desc("The same, analysis only"),
                                       cl::cat(category)};
};

std::optional<double> given(const cl::opt<double> &option) {
  if (option.getNumOccurrences() == 0)
    return std::nullopt;
  return option.getValue();
}

/// The remarks of mlir-opt's flags; missed moe ones if no flag is given.
remark::RemarkCategories getRemarks(const CommandLine &line) {
  remark::RemarkCategories remarks;
  auto set = [](std::optional<std::string> &to,
                const cl::opt<std::string> &from) {
    if (!from.empty())
      to = from.getValue();
    return from.getNumOccurrences() > 0;
  };
  bool any = set(remarks.all, line.remarksAll);
  any |= set(remarks.passed, line.remarksPassed);
  any |= set(remarks.failed, line.remarksFailed);
  any |= set(remarks.analysis, line.remarksAnalysis);
  if (!any || line.remarksMissed.getNumOccurrences() > 0)
    set(remarks.missed, line.remarksMissed);
  return remarks;
}

/// A result must not overwrite what the run reads, nor another result.
llvm::Error checkOutputs(const RunOptions &options) {
  SmallVector<StringRef> read{options.input};
  read.append(options.arguments.files.begin(), options.arguments.files.end());
  read.append(options.expected.begin(), options.expected.end());
  for (auto [number, output] : llvm::enumerate(options.outputs)) {
    for (StringRef other : read)
      if (output == other || llvm::sys::fs::equivalent(output, other))
        return llvm::createStringError("--output=" + output +
                                       " would overwrite " + other);
    for (StringRef other : ArrayRef(options.outputs).take_front(number))
      if (output == other)
        return llvm::createStringError("--output=" + output +
                                       " is given twice");
  }
  return llvm::Error::success();
}

llvm::Error check(const RunOptions &options) {
  for (int64_t dim : options.arguments.dims)
    if (dim < 0)
      return llvm::createStringError("--dim=" + Twine(dim) + " is negative");
  if (options.arguments.invent.intMax < 0)
    return llvm::createStringError(
        "--int-max=" + Twine(options.arguments.invent.intMax) + " is negative");
  if (options.repeat < 1)
    return llvm::createStringError("--repeat=" + Twine(options.repeat) +
                                   " is not positive");
  for (auto [name, value] :
       {std::pair("--rtol", options.rtol), std::pair("--atol", options.atol)})
    if (value && !(*value >= 0))
      return llvm::createStringError(Twine(name) + " has to be 0 or more");
  return checkOutputs(options);
}
} // namespace

llvm::Expected<RunOptions> moe::parseOptions(int argc, char **argv) {
  CommandLine line;
  cl::HideUnrelatedOptions(line.category);
  cl::ParseCommandLineOptions(argc, argv,
                              "moe-run: compiles a model graph and runs it\n");
  RunOptions options;
  options.input = line.input;
  options.entry = line.entry;
  options.backend = line.backend;
  options.compare = line.compare;
  options.edges = line.edges && !options.compare.empty() && line.inputs.empty();
  options.backendOptions = {line.chip, line.cpu, line.features};
  options.arguments = {line.inputs, line.dims, {line.seed, line.intMax}};
  options.outputs = line.outputs;
  options.expected = line.expected;
  options.plugins = line.plugins;
  options.rtol = given(line.rtol);
  options.atol = given(line.atol);
  options.repeat = line.repeat;
  options.time = line.time;
  options.remarks = getRemarks(line);
  if (llvm::Error error = check(options))
    return error;
  return options;
}
