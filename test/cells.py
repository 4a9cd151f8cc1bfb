# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tables of what works, in pages, whose cells are commands that succeed: what the
scripts that make such tables share."""

import os
import pathlib
import re
import subprocess
import sys

# What runs a command, behind options and `--`, under the checkers of the device.
GPU_CHECK = [sys.executable,
             str(pathlib.Path(__file__).resolve().parents[1] / "tools/scripts/ptxsim_check.py")]


def has_gpu():
    return bool(os.environ.get("MOE_CUDA_DRIVER"))


def succeeds(done):
    return "fails" if done.returncode else "pass"


def outcome(label, commands, judge=succeeds):
    """A cell: what `judge` makes of the commands, of the first that fails or the last."""
    result = ""
    for command in commands:
        done = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        result = judge(done)
        if result == "fails":
            print(f"{label}: {' '.join(map(str, command))}\n{done.stdout[-2000:]}")
            break
    return result


def region(marker):
    """The lines of the table after a marker."""
    return re.compile(rf"(?<=<!-- made by: {re.escape(marker)} -->\n\n).*?\n(?=\n)",
                      re.DOTALL)


def rows(page, marker):
    """The cells of every row of a table, but for its head."""
    found = region(marker).search(page.read_text())
    lines = found.group(0).splitlines()[2:] if found else []
    return [[part.strip() for part in line.strip("|").split("|")] for line in lines]


def rewrite(page, marker, head, lines):
    """Puts a table of that head and those rows, lists of cells, in its place."""
    table = [head, ["---"] * len(head), *lines]
    text = "".join(f"| {' | '.join(line)} |\n" for line in table)
    page.write_text(region(marker).sub(lambda _: text, page.read_text()))
