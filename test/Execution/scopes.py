#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs every module of a folder and compares it with the reference.

    scopes.py [--only PREFIX] FOLDER -- moe-run --backend=...

A module may name its dynamic sizes in a line "// dims: N ...".
"""

import argparse
import pathlib
import re
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", default="", help="modules of this prefix")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    run = args.command[1:] if args.command[:1] == ["--"] else args.command
    failed = 0
    for module in sorted(args.folder.glob(args.only + "*.mlir")):
        dims = re.search(r"^// dims:(.*)$", module.read_text(), re.MULTILINE)
        sizes = dims.group(1).split() if dims else []
        command = [*run, module, "--compare=reference", "--seed=3",
                   *(f"--dim={size}" for size in sizes)]
        # Of no tokens a GPU launches nothing.
        if "0" in sizes and "--" in command:
            command.insert(command.index("--"), "--may-launch-nothing")
        if subprocess.run(command, check=False).returncode:
            print(f"{module.stem} failed", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
