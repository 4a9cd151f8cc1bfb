// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "CHeader.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"

#include <set>
#include <vector>

using namespace mlir;

namespace {
constexpr StringLiteral kPreamble =
    R"(/* Made by moe-translate --moe-to-c-header.
 * How to call the object file of the same module; link it with libMoERuntime and
 * libm.
 *
 * Arrays are in row-major order without gaps. Arguments belong to the caller and
 * are only read where they are const. A result of known shape is written to the
 * caller's array; one with unknown sizes is allocated, and the caller frees it
 * with free(). Sizes that the graph takes to be equal have to be. 16-bit floats
 * are their bits. Every function returns 0, or 1 if there was no memory for a
 * result: then nothing was allocated. */
)";

/// One argument or result.
struct Parameter {
  std::string name;
  /// As in `float`.
  std::string element;
  bool isScalar = false;
  /// Whether the function may write where it points to.
  bool written = false;
  SmallVector<int64_t> shape;
  Type type;

  bool isDynamic() const {
    return llvm::is_contained(shape, ShapedType::kDynamic);
  }
  /// Size of a dimension in C.
  std::string size(size_t dim) const {
    return ShapedType::isDynamic(shape[dim])
               ? name + "_dim" + std::to_string(dim)
               : std::to_string(shape[dim]);
  }
  std::string descriptor() const {
    return "struct moe_memref_" + std::to_string(shape.size());
  }
  /// The type of this in the C interface.
  std::string passed() const { return isScalar ? element : descriptor(); }
};

struct Entry {
  std::string name;
  std::vector<Parameter> arguments, results;

  /// Whether results come in memory that the first argument points to.
  bool returnsInMemory() const {
    return results.size() > 1 || (results.size() == 1 && !results[0].isScalar);
  }
  /// What that memory holds.
  std::string returned() const {
    return results.size() > 1 ? "struct " + name + "_results"
                              : results[0].passed();
  }
};

/// Empty where C has no such type.
std::string getElement(Type type, bool isScalar) {
  if (type.isF32())
    return "float";
  if (type.isF64())
    return "double";
  // How a 16-bit float is passed depends on the compiler; its bits in memory do
  // not.
  if (type.isF16() || type.isBF16())
    return isScalar ? "" : "uint16_t";
  if (type.isIndex())
    return "int64_t";
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return "";
  switch (integer.getWidth()) {
  case 1:
    return "bool";
  case 8:
  case 16:
  case 32:
  case 64:
    return (integer.isUnsigned() ? "uint" : "int") +
           std::to_string(integer.getWidth()) + "_t";
  }
  return "";
}

FailureOr<Parameter> getParameter(Operation *function, Type type,
                                  const Twine &name) {
  Parameter parameter;
  parameter.name = name.str();
  parameter.type = type;
  Type element = type;
  parameter.isScalar = true;
  bool fits = true;
  if (auto shaped = dyn_cast<ShapedType>(type)) {
    auto memref = dyn_cast<MemRefType>(type);
    fits = isa<RankedTensorType>(type) ||
           (memref && memref.getLayout().isIdentity());
    parameter.written = bool(memref);
    parameter.isScalar = false;
    element = shaped.getElementType();
    if (fits)
      parameter.shape.assign(shaped.getShape().begin(),
                             shaped.getShape().end());
  }
  parameter.element = getElement(element, parameter.isScalar);
  if (fits && !parameter.element.empty())
    return parameter;
  return function->emitError() << name << " has type " << type
                               << ", which the header cannot say in C";
}

bool isCName(StringRef name) {
  return !name.empty() && !llvm::isDigit(name.front()) &&
         llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

FailureOr<Entry> getEntry(LLVM::LLVMFuncOp function, FunctionType type) {
  Entry entry;
  entry.name = function.getName().str();
  if (!isCName(entry.name))
    return function.emitError() << "'" << entry.name << "' is not a name in C";
  if (entry.name == "main")
    return function.emitError() << "'main' is the name of a C program's own "
                                   "entry; give moe-to-cpu a prefix";
  for (auto [index, input] : llvm::enumerate(type.getInputs())) {
    auto parameter = getParameter(function, input, "arg" + Twine(index));
    if (failed(parameter))
      return failure();
    entry.arguments.push_back(std::move(*parameter));
  }
  for (auto [index, result] : llvm::enumerate(type.getResults())) {
    auto parameter = getParameter(function, result, "result" + Twine(index));
    if (failed(parameter))
      return failure();
    entry.results.push_back(std::move(*parameter));
  }
  return entry;
}

/// One per rank; several headers may be included together.
void printDescriptor(llvm::raw_ostream &os, size_t rank) {
  os << "\n#ifndef MOE_MEMREF_" << rank << "\n#define MOE_MEMREF_" << rank
     << "\nstruct moe_memref_" << rank
     << " {\n  void *allocated, *aligned;\n  int64_t offset";
  if (rank)
    os << ", sizes[" << rank << "], strides[" << rank << "]";
  os << ";\n};\n#endif\n";
}

/// The parameters of the flat function, in order.
SmallVector<std::string> getParameters(const Entry &entry) {
  SmallVector<std::string> list;
  for (const Parameter &argument : entry.arguments) {
    if (argument.isScalar) {
      list.push_back(argument.element + " " + argument.name);
      continue;
    }
    list.push_back((argument.written ? "" : "const ") + argument.element +
                   " *" + argument.name);
    for (auto [dim, size] : llvm::enumerate(argument.shape))
      if (ShapedType::isDynamic(size))
        list.push_back("int64_t " + argument.size(dim));
  }
  for (const Parameter &result : entry.results) {
    list.push_back(result.element + (result.isDynamic() ? " **" : " *") +
                   result.name);
    if (result.isDynamic())
      list.push_back("int64_t " + result.name + "_shape[" +
                     std::to_string(result.shape.size()) + "]");
  }
  return list;
}

void printList(llvm::raw_ostream &os, ArrayRef<std::string> list) {
  os << "(";
  llvm::interleave(list, os, ",\n    ");
  os << (list.empty() ? "void)" : ")");
}

void printInterface(llvm::raw_ostream &os, const Entry &entry) {
  if (entry.results.size() > 1) {
    os << "\n" << entry.returned() << " {\n";
    for (const Parameter &result : entry.results)
      os << "  " << result.passed() << " " << result.name << ";\n";
    os << "};";
  }
  SmallVector<std::string> list;
  if (entry.returnsInMemory())
    list.push_back(entry.returned() + " *results");
  for (const Parameter &argument : entry.arguments)
    list.push_back(argument.passed() + (argument.isScalar ? " " : " *") +
                   argument.name);
  os << "\n"
     << (entry.returnsInMemory() || entry.results.empty()
             ? "void"
             : entry.results[0].element)
     << " _mlir_ciface_" << entry.name;
  printList(os, list);
  os << ";\n";
}

void printArgument(llvm::raw_ostream &os, const Parameter &argument) {
  size_t rank = argument.shape.size();
  os << "  " << argument.descriptor() << " in_" << argument.name
     << " = {(void *)" << argument.name << ", (void *)" << argument.name
     << ", 0";
  if (rank) {
    SmallVector<std::string> sizes, strides;
    for (size_t dim = 0; dim < rank; ++dim) {
      sizes.push_back(argument.size(dim));
      std::string stride;
      for (size_t inner = dim + 1; inner < rank; ++inner)
        stride += (stride.empty() ? "" : " * ") + argument.size(inner);
      strides.push_back(stride.empty() ? "1" : stride);
    }
    os << ", {" << llvm::join(sizes, ", ") << "}, {"
       << llvm::join(strides, ", ") << "}";
  }
  os << "};\n";
}

/// Copies a result to where the caller gets it.
void printResult(llvm::raw_ostream &os, const Parameter &result,
                 StringRef value) {
  if (result.isScalar) {
    os << "  *" << result.name << " = " << value << ";\n";
    return;
  }
  os << "  {\n    size_t bytes = sizeof(" << result.element << ")";
  for (size_t dim = 0; dim < result.shape.size(); ++dim)
    os << " * (size_t)" << value << ".sizes[" << dim << "]";
  os << ";\n";
  if (result.isDynamic()) {
    os << "    *" << result.name << " = (" << result.element
       << " *)malloc(bytes ? bytes : 1);\n    memcpy(" << result.name
       << "_shape, " << value << ".sizes, sizeof " << value << ".sizes);\n"
       << "    if (!*" << result.name << ")\n      failed = 1;\n    else\n  ";
  }
  os << "    memcpy(" << (result.isDynamic() ? "*" : "") << result.name
     << ", (const " << result.element << " *)" << value << ".aligned + "
     << value << ".offset, bytes);\n  }\n";
}

void printFunction(llvm::raw_ostream &os, const Entry &entry) {
  os << "\nstatic inline int " << entry.name;
  printList(os, getParameters(entry));
  os << " {\n  int failed = 0;\n";
  SmallVector<std::string> passed;
  for (const Parameter &argument : entry.arguments) {
    if (!argument.isScalar)
      printArgument(os, argument);
    passed.push_back(argument.isScalar ? argument.name
                                       : "&in_" + argument.name);
  }
  std::string call = "_mlir_ciface_" + entry.name + "(";
  if (entry.returnsInMemory()) {
    os << "  " << entry.returned() << " out;\n";
    passed.insert(passed.begin(), "&out");
  }
  call += llvm::join(passed, ", ") + ")";
  if (!entry.returnsInMemory() && !entry.results.empty())
    os << "  *" << entry.results[0].name << " = " << call << ";\n";
  else
    os << "  " << call << ";\n";
  if (entry.returnsInMemory()) {
    SmallVector<std::string> values, freed;
    for (const Parameter &result : entry.results) {
      values.push_back(entry.results.size() > 1 ? "out." + result.name : "out");
      printResult(os, result, values.back());
    }
    // One buffer may be returned twice.
    for (size_t i = 0; i < values.size(); ++i) {
      if (entry.results[i].isScalar)
        continue;
      std::string buffer = values[i] + ".allocated";
      for (const std::string &other : freed)
        os << "  if (" << buffer << " != " << other << ")\n  ";
      os << "  free(" << buffer << ");\n";
      freed.push_back(buffer);
    }
    for (const Parameter &result : entry.results)
      if (result.isDynamic())
        os << "  if (failed) {\n    free(*" << result.name << ");\n    *"
           << result.name << " = NULL;\n  }\n";
  }
  os << "  return failed;\n}\n";
}

/// The types as the graph had them.
void printTypes(llvm::raw_ostream &os, const Entry &entry) {
  os << "\n/* " << entry.name << "\n";
  for (ArrayRef<Parameter> list :
       {ArrayRef(entry.arguments), ArrayRef(entry.results)})
    for (const Parameter &parameter : list) {
      os << " *   " << parameter.name << ": " << parameter.type;
      if (parameter.isDynamic() && parameter.name.front() == 'a')
        os << ", unknown sizes in parameters of their own";
      if (parameter.isDynamic() && parameter.name.front() == 'r')
        os << ", sizes written to " << parameter.name << "_shape; free() it";
      os << "\n";
    }
  os << " */";
}
} // namespace

LogicalResult moe::printCHeader(ModuleOp module, llvm::raw_ostream &output) {
  // A whole function behind every message helps nobody.
  module.getContext()->printOpOnDiagnostic(false);
  std::vector<Entry> entries;
  std::set<size_t> ranks;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
    auto signature = function->getAttrOfType<TypeAttr>("moe.signature");
    auto type = signature ? dyn_cast<FunctionType>(signature.getValue())
                          : FunctionType();
    if (!type || function.isExternal() ||
        function.getName().starts_with("_mlir_ciface_"))
      continue;
    FailureOr<Entry> entry = getEntry(function, type);
    if (failed(entry))
      return failure();
    for (ArrayRef<Parameter> list :
         {ArrayRef(entry->arguments), ArrayRef(entry->results)})
      for (const Parameter &parameter : list)
        if (!parameter.isScalar)
          ranks.insert(parameter.shape.size());
    entries.push_back(std::move(*entry));
  }
  if (entries.empty())
    return module.emitError("holds no entry; expected the output of moe-opt "
                            "--moe-to-cpu");
  std::string guard = StringRef(entries.front().name).upper() + "_H";
  output << kPreamble << "#ifndef " << guard << "\n#define " << guard
         << "\n\n#include <stdbool.h>\n#include <stdint.h>\n"
            "#include <stdlib.h>\n#include <string.h>\n";
  for (size_t rank : ranks)
    printDescriptor(output, rank);
  output << "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n";
  for (const Entry &entry : entries) {
    printTypes(output, entry);
    printInterface(output, entry);
    printFunction(output, entry);
  }
  output << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
  return success();
}
