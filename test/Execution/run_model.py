#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs an exported model of test/Models on its own inputs and expects its own
outputs: run_model.py FOLDER FORM BACKEND [moe-run option ...]"""

import pathlib
import subprocess
import sys

folder, form, backend, *options = sys.argv[1:]
model = pathlib.Path(folder)
inputs = [f"--input={path}" for path in sorted(model.glob("in*.npy"))]
outputs = [f"--expect={path}" for path in sorted(model.glob("out*.npy"))]
if not inputs or not outputs:
    sys.exit(f"{model}: no inputs or no outputs")
command = ["moe-run", str(model / f"{form}.mlir"), f"--backend={backend}",
           "--remarks-filter-missed=none", *inputs, *outputs, *options]
sys.exit(subprocess.run(command, check=False).returncode)
