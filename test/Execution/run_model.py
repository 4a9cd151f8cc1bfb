#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a model of test/Models on its own inputs and expects its own outputs:

    run_model.py FOLDER FORM BACKEND [moe-run option ...]
    run_model.py --data "ARGUMENT ..." TO FOLDER FORM BACKEND [moe-run option ...]

--data lets the model's reference.py write both to the folder TO first."""

import pathlib
import subprocess
import sys

arguments = sys.argv[1:]
made = [arguments.pop(0) for _ in range(3)] if arguments[0] == "--data" else None
folder, form, backend, *options = arguments
model = data = pathlib.Path(folder)
if made:
    data = pathlib.Path(made[2])
    subprocess.run([sys.executable, model / "reference.py", *made[1].split(), data],
                   check=True)
inputs = [f"--input={path}" for path in sorted(data.glob("in*.npy"))]
outputs = [f"--expect={path}" for path in sorted(data.glob("out*.npy"))]
if not inputs or not outputs:
    sys.exit(f"{model}: no inputs or no outputs")
command = ["moe-run", str(model / f"{form}.mlir"), f"--backend={backend}",
           "--remarks-filter-missed=none", *inputs, *outputs, *options]
sys.exit(subprocess.run(command, check=False).returncode)
