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

# moe_add_library(name sources... [DEPENDS targets...] [LINK_LIBS libraries...])
# A static library; MLIR itself always comes from the shared library.
function(moe_add_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  moe_configure_target(${name})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS} MLIR LLVM)
endfunction()

# moe_add_tool(name sources... [LINK_LIBS libraries...])
function(moe_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  moe_configure_target(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} MLIR LLVM)
endfunction()

# moe_add_passes(name): generates Passes.h.inc from the Passes.td beside the
# caller, as target `name`.
function(moe_add_passes name)
  set(LLVM_TARGET_DEFINITIONS Passes.td)
  mlir_tablegen(Passes.h.inc -gen-pass-decls -name ${name})
  add_public_tablegen_target(${name}IncGen)
endfunction()
