#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs cases, each a function of a module with its arguments and results:

    SCRIPT [--only PREFIX] FOLDER -- moe-run MODULE.MLIR --backend=...
    SCRIPT --list FOLDER

FOLDER takes the files of the cases; --list prints their names.
"""

import argparse
import pathlib
import subprocess
import sys

import numpy as np

from reference import alone

CASES = []


def case(name, entry, arguments, *results, options=()):
    """`options` of moe-run replace the usual tolerance."""
    CASES.append((name, entry, arguments, results, options))


def i32(values, width=None):
    array = np.asarray(values, np.int32)
    return array.reshape(-1, width) if width else array


def f32(values, width=None):
    array = np.asarray(values, np.float32)
    return array.reshape(-1, width) if width else array


def main(description):
    parser = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", default="", help="cases of this prefix")
    parser.add_argument("--list", action="store_true", help="print the names")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    if args.list:
        print("\n".join(case[0] for case in CASES))
        return 0
    run = args.command[1:] if args.command[:1] == ["--"] else args.command
    failed = 0
    for name, entry, arguments, expected, options in CASES:
        if not name.startswith(args.only):
            continue
        command = [*run, f"--entry={entry}", *(options or ("--atol=3e-6",))]
        # Of no tokens a GPU launches nothing.
        if not np.asarray(arguments[0]).size and "--" in command:
            command.insert(command.index("--"), "--may-launch-nothing")
        folder = args.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        for kind, arrays in (("input", arguments), ("expect", expected)):
            for i, array in enumerate(arrays):
                np.save(folder / f"{kind}{i}.npy", array)
                command.append(f"--{kind}={folder}/{kind}{i}.npy")
        command = [alone(part, entry, folder) if part.endswith(".mlir") else part
                   for part in command]
        status = subprocess.run(command, check=False).returncode
        if status:
            print(f"{name}: exit status {status}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0
