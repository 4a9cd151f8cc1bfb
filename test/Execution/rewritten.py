#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs what passes make of functions, and expects what these compute unchanged on
the reference.

    rewritten.py FOLDER [BACKEND ...] -- [command in front of moe-run ...]

The functions are those of rewrites.mlir, the passes stand here. FOLDER takes the
files.
"""

import pathlib
import re
import subprocess
import sys

from reference import alone

MODULE = pathlib.Path(__file__).with_name("rewrites.mlir")
TOKENS = (13, 1, 0)
# Function: passes, what they must have left in the text, tolerance.
CASES = {
    "mixtral": ("moe-simplify-router{allow-reassociation}",
                "softmax_selected", "1e-5"),
    "narrow_sigmoid": ("moe-simplify-router{allow-reassociation}",
                       r"select #moe.top_k<2> %arg1 ", "1e-5"),
    "factor": ("moe-simplify-router", "scale = 2.5", "0"),
    "factor_of_sum": ("moe-simplify-router{allow-reassociation}",
                      "scale = 2.5", "1e-5"),
    "bins": ("moe-simplify-router", r"by expert : ", "0"),
    "hidden": ("moe-sink-weights", "slots 1", "1e-5"),
    "hidden_bias": ("moe-sink-weights", "slots 1", "1e-5"),
    "hidden_bf16": ("moe-sink-weights", "slots 1", "2e-2"),
    "relu": ("moe-sink-weights{to=input}", "slots 1", "1e-5"),
    "sparse": ("moe-skip-zero-weights{assume-finite}", "arith.select", "0"),
    "tiles": ("moe-tile-tokens{tile=4}", "scf.for", "0"),
    "tiles_static": ("moe-tile-tokens{tile=4}", "scf.for", "0"),
    "state": ("moe-hoist-router-state", "recurrent", "0"),
    "samples": ("moe-collapse-samples", "moe.neurons post", "1e-6"),
    "samples_of_three": ("moe-collapse-samples{allow-reassociation}",
                         "moe.neurons post", "1e-5"),
}


def run(*command):
    return subprocess.run([str(part) for part in command], check=False).returncode


def check(folder, name, backends, prefix):
    passes, left, tolerance = CASES[name]
    folder.mkdir(parents=True, exist_ok=True)
    source = alone(MODULE, name, folder)
    rewritten = folder / "rewritten.mlir"
    if run("moe-opt", source, "--pass-pipeline=builtin.module(%s)" % passes,
           "-o", rewritten):
        return f"{passes} failed"
    if not re.search(left, rewritten.read_text()):
        return f"nothing like '{left}' in what {passes} made"
    body = re.search(rf"func.func @{name}\((.*?)\) -> ([^{{]*)",
                     rewritten.read_text())
    dynamic = "?" in body[1]
    count = 1 if "," not in re.sub(r"<[^>]*>", "", body[2]) else 2
    for tokens in TOKENS if dynamic else (None,):
        options = [f"--entry={name}", "--seed=3"]
        options += [f"--dim={tokens}"] * len(re.findall(r"\?", body[1])) \
            if dynamic else []
        files = [folder / f"out{i}-{tokens}.npy" for i in range(count)]
        if run("moe-run", source, "--backend=reference", *options,
               *(f"--output={file}" for file in files)):
            return "the reference failed"
        for backend in backends:
            front = list(prefix)
            if tokens == 0 and "--" in front:
                front.insert(front.index("--"), "--may-launch-nothing")
            if run(*front, "moe-run", rewritten, f"--backend={backend}", *options,
                   "--remarks-filter-missed=none",
                   *(f"--expect={file}" for file in files),
                   f"--rtol={tolerance if backend == 'reference' else max(float(tolerance), 1e-4)}",
                   f"--atol={tolerance if backend == 'reference' else max(float(tolerance), 1e-5)}"):
                return f"{backend} differs for {tokens} tokens"
    return ""


def main(folder, *rest):
    at = rest.index("--") if "--" in rest else len(rest)
    failed = 0
    for name in CASES:
        wrong = check(pathlib.Path(folder) / name, name, rest[:at], rest[at + 1:])
        if wrong:
            print(f"{name}: {wrong}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
