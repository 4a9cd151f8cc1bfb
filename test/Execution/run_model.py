#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a model of test/Models on its own inputs and expects its own outputs:

    run_model.py FOLDER FORM BACKEND [moe-run option ...]
    run_model.py --data "ARGUMENT ..." TO FOLDER FORM BACKEND [moe-run option ...]

FORM is the name of a file of the model, or a path of another that takes the same.
--data lets the model's reference.py write both to the folder TO first. FORM may
then end in -bf16: what narrow.py makes of it, held to results of exact arithmetic
on bf16 arguments."""

import pathlib
import subprocess
import sys

arguments = sys.argv[1:]
made = [arguments.pop(0) for _ in range(3)] if arguments[0] == "--data" else None
folder, form, backend, *options = arguments
model = data = pathlib.Path(folder)
stem = form.removesuffix("-bf16")
module = pathlib.Path(stem) if stem.endswith(".mlir") else model / f"{stem}.mlir"
if made:
    data = pathlib.Path(made[2])
    narrow = ["--narrow=bf16"] if stem != form else []
    subprocess.run([sys.executable, model / "reference.py", *made[1].split(), data,
                    *narrow], check=True)
if stem != form:
    generic, module = data / "generic.mlir", data / "narrow.mlir"
    subprocess.run(["moe-opt", model / f"{stem}.mlir", "--inline", "--symbol-dce",
                    "--mlir-print-op-generic", "-o", generic], check=True)
    subprocess.run([sys.executable, model.parent / "narrow.py", generic, "-o",
                    module], check=True)
    options = ["--rtol=2e-2", "--atol=2e-2", *options]
inputs = [f"--input={path}" for path in sorted(data.glob("in*.npy"))]
outputs = [f"--expect={path}" for path in sorted(data.glob("out*.npy"))]
if not inputs or not outputs:
    sys.exit(f"{model}: no inputs or no outputs")
command = ["moe-run", str(module), f"--backend={backend}",
           "--remarks-filter-missed=none", *inputs, *outputs, *options]
sys.exit(subprocess.run(command, check=False).returncode)
