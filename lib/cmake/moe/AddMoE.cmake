# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# Flags shared by every target of the project.
function(moe_configure_target name)
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wno-unused-parameter -fno-exceptions)
  if(MOE_ENABLE_ASSERTIONS)
    target_compile_options(${name} PRIVATE -UNDEBUG)
  endif()
  if(MOE_ENABLE_ASAN)
    target_compile_options(${name} PRIVATE -fsanitize=address,undefined -fno-sanitize=vptr)
    target_link_options(${name} PRIVATE -fsanitize=address,undefined)
  endif()
endfunction()

# MLIR's headers make up most of the time of a compilation; the libraries share
# one precompiled copy of the common ones.
function(moe_precompile_headers name)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/${name}.cpp CONTENT "")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cpp)
  moe_configure_target(${name})
  target_precompile_headers(${name} PRIVATE
    <mlir/Dialect/Arith/IR/Arith.h> <mlir/Dialect/Func/IR/FuncOps.h>
    <mlir/Dialect/GPU/IR/GPUDialect.h> <mlir/Dialect/LLVMIR/LLVMDialect.h>
    <mlir/Dialect/LLVMIR/NVVMDialect.h> <mlir/Dialect/Linalg/IR/Linalg.h>
    <mlir/Dialect/MemRef/IR/MemRef.h> <mlir/Dialect/SCF/IR/SCF.h>
    <mlir/Dialect/Tensor/IR/Tensor.h> <mlir/Dialect/Vector/IR/VectorOps.h>
    <mlir/IR/PatternMatch.h> <mlir/Pass/Pass.h>
    <mlir/Transforms/DialectConversion.h>)
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    # Instantiated once, and without a time stamp, so that a compiler cache hits.
    target_compile_options(${name} PUBLIC
      "SHELL:-Xclang -fno-pch-timestamp" -fpch-instantiate-templates)
  endif()
endfunction()

# moe_add_library(name sources... [DEPENDS targets...] [LINK_LIBS libraries...]
#                 [TOOLS_ONLY])
# A static library; MLIR itself always comes from the shared library. It is
# installed unless only our tools use it.
function(moe_add_library name)
  cmake_parse_arguments(ARG "TOOLS_ONLY" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  moe_configure_target(${name})
  if(MOE_PRECOMPILE_HEADERS)
    target_precompile_headers(${name} REUSE_FROM MoEPrecompiled)
  endif()
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  target_link_libraries(${name} PUBLIC MoEHeaders ${ARG_LINK_LIBS} MLIR LLVM)
  if(NOT ARG_TOOLS_ONLY)
    install(TARGETS ${name} EXPORT MoETargets ARCHIVE DESTINATION lib)
  endif()
endfunction()

# moe_add_tool(name sources... [LINK_LIBS libraries...])
function(moe_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  moe_configure_target(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} MLIR LLVM)
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# moe_add_passes(name): generates Passes.h.inc from the Passes.td beside the
# caller, as target `name`.
function(moe_add_passes name)
  set(LLVM_TARGET_DEFINITIONS Passes.td)
  mlir_tablegen(Passes.h.inc -gen-pass-decls -name ${name})
  add_public_tablegen_target(${name}IncGen)
endfunction()
