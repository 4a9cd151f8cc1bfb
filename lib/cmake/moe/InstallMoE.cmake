# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# What `cmake --install` puts where, and the package MoE, for users of the
# installed tree and of this build tree alike. Libraries and tools are installed
# by the functions that add them.
include(CMakePackageConfigHelpers)

# The header roots are two folders and their generated twins here, and one folder
# when installed; `#include "moe/..."` is the same for both.
add_library(MoEHeaders INTERFACE)
target_include_directories(MoEHeaders INTERFACE
  "$<BUILD_INTERFACE:${MOE_INCLUDE_DIRS}>" $<INSTALL_INTERFACE:include>)
target_compile_features(MoEHeaders INTERFACE cxx_std_17)
install(TARGETS MoEHeaders EXPORT MoETargets)
install(DIRECTORY
  ${PROJECT_SOURCE_DIR}/dialects/ ${PROJECT_SOURCE_DIR}/include/
  ${PROJECT_BINARY_DIR}/dialects/ ${PROJECT_BINARY_DIR}/include/
  DESTINATION include
  FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.inc"
  PATTERN CMakeFiles EXCLUDE PATTERN docs EXCLUDE)

# The runtime is a set of its own: who runs compiled code has no MLIR.
foreach(set MoETargets MoERuntimeTargets)
  install(EXPORT ${set} NAMESPACE MoE:: DESTINATION lib/cmake/moe)
  export(EXPORT ${set} NAMESPACE MoE::
    FILE ${PROJECT_BINARY_DIR}/lib/cmake/moe/${set}.cmake)
endforeach()

set(MOE_CONFIG_INCLUDE_DIRS ${MOE_INCLUDE_DIRS})
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/MoEConfig.cmake.in
  ${PROJECT_BINARY_DIR}/lib/cmake/moe/MoEConfig.cmake
  INSTALL_DESTINATION lib/cmake/moe INSTALL_PREFIX ${PROJECT_BINARY_DIR}
  PATH_VARS MOE_CONFIG_INCLUDE_DIRS)
set(MOE_CONFIG_INCLUDE_DIRS include)
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/MoEConfig.cmake.in
  ${PROJECT_BINARY_DIR}/install/MoEConfig.cmake
  INSTALL_DESTINATION lib/cmake/moe
  PATH_VARS MOE_CONFIG_INCLUDE_DIRS)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/lib/cmake/moe/MoEConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/install/MoEConfig.cmake
  ${PROJECT_BINARY_DIR}/lib/cmake/moe/MoEConfigVersion.cmake
  DESTINATION lib/cmake/moe)
