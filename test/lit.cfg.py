# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Configuration of the lit suite; test/README.md says what a test may use."""

import os
import re

import lit.formats
import lit.util
from lit.llvm import llvm_config
from lit.llvm.subst import FindTool, ToolSubst

# lit hands these two to every configuration file it executes.
config = globals()["config"]
lit_config = globals()["lit_config"]

config.name = "moe-opt"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "Models", "lib", "Unit", "Fuzz", "find-package",
                   "object-file"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.moe_obj_root, "test")

llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment("PATH", config.moe_tools_dir, append_path=True)
llvm_config.with_environment(
    "FILECHECK_OPTS", "--enable-var-scope --dump-input-filter=all")
llvm_config.with_system_environment([
    "MOE_CUDA_DRIVER", "MOE_PTXAS", "CUDA_HOME", "HOME", "TMPDIR",
    "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS",
    *(name for name in os.environ if name.startswith("PTXSIM_"))])

# A pass that never ends must not hang the suite; lit needs psutil for this.
if lit_config.maxIndividualTestTimeIsSupported[0]:
    lit_config.maxIndividualTestTime = lit_config.maxIndividualTestTime or 300


def moe_library(name):
    """Path of a built library, wherever the build puts modules."""
    tries = [os.path.join(folder, prefix + name + config.llvm_shlib_ext)
             for folder in (config.moe_libs_dir, config.moe_tools_dir)
             for prefix in ("", "lib")]
    return next((path for path in tries if os.path.exists(path)), tries[0])


# Substitutions. Longer names come first where one is the start of another.
python = "/usr/bin/python3"
scripts = os.path.join(config.moe_src_root, "tools", "scripts")
config.substitutions += [
    ("%gpu_check", f"{python} {scripts}/ptxsim_check.py"),
    ("%moe_src_root", config.moe_src_root),
    ("%moe_bin_dir", config.moe_tools_dir),
    ("%moe_libs_dir", config.moe_libs_dir),
    ("%moe_obj_root", config.moe_obj_root),
    ("%moe_scripts", scripts),
    ("%moe_models", os.path.join(config.test_source_root, "Models")),
    ("%moe_plugin", moe_library("MoEPlugin")),
    ("%test_rules", moe_library("MoETestRules")),
    ("%mlir_dir", config.mlir_dir),
    ("%cmake", config.cmake),
    ("%host_cxx", config.host_cxx),
    ("%host_cc", config.host_cc),
    ("%shlibext", config.llvm_shlib_ext),
    ("%python", python),
]

# With MOE_ROUNDTRIP set, the whole suite doubles as a round-trip test.
roundtrip = os.environ.get("MOE_ROUNDTRIP", "0") not in ("", "0")
llvm_config.add_tool_substitutions([
    ToolSubst("moe-opt", extra_args=["--verify-roundtrip"] if roundtrip else []),
    "moe-translate", "moe-run", "moe-mutate", "moe-reduce", "moe-lsp-server",
], [config.moe_tools_dir])
llvm_config.add_tool_substitutions([
    "mlir-opt", "mlir-translate", "mlir-tblgen", "FileCheck", "count", "not",
    "split-file", "llc", "opt",
    ToolSubst("%clang", FindTool("clang"), unresolved="ignore"),
], [config.llvm_tools_dir])


# Features.
def cpu_flags():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            match = re.search(r"^flags\s*:(.*)$", info.read(), re.MULTILINE)
    except OSError:
        return set()
    return set(match.group(1).split()) if match else set()


def ptxas():
    """The assembler the tools would use, in the order they look."""
    tries = [os.environ.get("MOE_PTXAS", "")]
    if os.environ.get("CUDA_HOME"):
        tries.append(os.path.join(os.environ["CUDA_HOME"], "bin", "ptxas"))
    tries.append(lit.util.which("ptxas") or "")
    return next((path for path in tries if os.access(path, os.X_OK)), None)


if os.path.isfile(os.environ.get("MOE_CUDA_DRIVER", "")):
    config.available_features.add("cuda-driver")
if ptxas():
    config.available_features.add("ptxas")
    config.substitutions.append(("%ptxas", ptxas()))
for feature, needed in {
        "cpu-avx2": {"avx2", "fma"},
        "cpu-avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"},
        "cpu-avx512bf16": {"avx512_bf16"},
        "cpu-avx512vnni": {"avx512_vnni"},
        "cpu-amx": {"amx_tile", "amx_bf16"}}.items():
    if needed <= cpu_flags():
        config.available_features.add(feature)
if "-fsanitize=address" in config.cxx_flags:
    config.available_features.add("asan")
if roundtrip:
    config.available_features.add("roundtrip")
