#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""compare_vectors.py PAGE HEADING FOLDER: of every vector in the tables under that
heading, the cases that the third column names as `SCRIPT CASE` are there, and RUN
lines of FOLDER take them to all back ends; every case of these scripts that is called
as a vector is in the row of that vector."""

import pathlib
import re
import subprocess
import sys
import tempfile

from page_table import names_of, rows_under

page, heading, folder = sys.argv[1:]
folder = pathlib.Path(folder)
RUN = re.compile(r"RUN: %python %S/(?:\.\./)?(\w+\.py(?: \w+)??)(?: --only (\S+))? %t\S* -- "
                 r".*moe-run .*--backend=(\w+)")


def cases(script):
    """What a script lists; `state.py neurons` is one with an argument."""
    file, *arguments = script.split()
    with tempfile.TemporaryDirectory() as unused:
        return subprocess.run([sys.executable, folder / file, *arguments, "--list", unused],
                              check=True, text=True, stdout=subprocess.PIPE).stdout.split()


def is_of(case, name):
    """v14 is a name of v14_x and v14-x, but not of v14b or v140."""
    return re.match(rf"{re.escape(name)}(?![a-z0-9])", case) is not None


runs = [match.groups() for path in sorted(folder.rglob("*.*")) if path.suffix in (".mlir", ".test")
        for match in RUN.finditer(path.read_text())]
listed, named, wrong = {}, {}, []
for vector, _, cell in rows_under(page, heading):
    for entry in names_of(cell):
        script, _, name = entry.rpartition(" ")
        if script not in listed:
            listed[script] = cases(script)
        own = [case for case in listed[script] if is_of(case, name)]
        named.setdefault(vector.lower(), set()).update((script, case) for case in own)
        if not own:
            wrong.append(f"{vector}: {script} has no case {name}")
        for case in own:
            for backend in ("reference", "cpu", "nvptx"):
                if not any(script == other and backend == there and case.startswith(only or "")
                           for other, only, there in runs):
                    wrong.append(f"{vector}: nothing runs {script} {case} on {backend}")
for script, names in listed.items():
    for case in names:
        vector = re.match(r"v[0-9]+b?(?![a-z0-9])", case)
        if vector and (script, case) not in named.get(vector.group(0), ()):
            wrong.append(f"{script} {case} is not in the row of its vector")
if not listed:
    wrong.append("nothing to compare")
sys.exit("\n".join(wrong) or 0)
