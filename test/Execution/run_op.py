#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs one function on the inputs of reference.py and expects its results:
run_op.py BACKEND FILE FUNCTION FOLDER OP [reference.py option ...]

The data go to FOLDER."""

import pathlib
import subprocess
import sys

backend, module, function, folder, *reference = sys.argv[1:]
script = pathlib.Path(__file__).with_name("reference.py")
subprocess.run([sys.executable, script, *reference, "--to", folder], check=True)


def files(prefix):
    return sorted(pathlib.Path(folder).glob(f"{prefix}*.npy"))


command = ["moe-run", module, f"--entry={function}", f"--backend={backend}",
           *(f"--input={path}" for path in files("in")),
           *(f"--expect={path}" for path in files("out"))]
sys.exit(subprocess.run(command, check=False).returncode)
