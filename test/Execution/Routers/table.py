#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Takes every router of rows.py through every way there is.

  table.py --run=FILE [--columns=A,B]   runs the rows of one file; exits 1 where a
                                        cell is not what the table of
                                        dialects/moe/README.md says
  table.py --check                      exits 1 unless the table has these rows, none
                                        fails, and tests of this folder run all of it
  table.py --update                     runs everything and rewrites the table

Without a CUDA driver nothing is run for nvptx, and --update keeps those cells. The
bf16 form of a function has bf16 in place of every f32; that of a system is made by
test/Models/narrow.py. Functions run without tokens, too.
"""

import argparse
import pathlib
import re
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE.parent), str(HERE.parents[1])]

import cells  # noqa: E402
from drawing import TOKENS  # noqa: E402
from reference import alone, to_bf16  # noqa: E402
from rows import ROWS, System  # noqa: E402

MODELS = HERE.parents[1] / "Models"
README = HERE.parents[2] / "dialects/moe/README.md"
MARKER = "test/Execution/Routers/table.py --update"
BACKENDS = ["reference", "cpu", "nvptx"]
COLUMNS = ["parse", "verify", *BACKENDS]
HEAD = ["router", "who", *COLUMNS]


def module(row, folder):
    if isinstance(row, System):
        return MODELS / row.name / "static.mlir"
    return pathlib.Path(alone(HERE / f"{row.file}.mlir", row.name, folder))


def changed(array, kind):
    """A stored array as bf16, or of no tokens."""
    if kind == "bf16" and array.dtype == np.float32:
        return to_bf16(array).reshape(array.shape)
    if kind == "empty" and array.ndim and len(array) == TOKENS:
        return array[:0]
    return array


def run_function(row, kind, folder):
    """What runs a function on its stored values, but for the back end."""
    file, data = module(row, folder), HERE / "Values" / row.name
    if kind != "f32":
        own = folder / kind
        own.mkdir(exist_ok=True)
        for path in data.glob("*.npy"):
            np.save(own / path.name, changed(np.load(path), kind))
        data = own
    if kind == "bf16":
        file = data / "module.mlir"
        file.write_text(module(row, folder).read_text().replace("f32", "bf16"))
    values = [f"--{option}={path}" for option, prefix in (("input", "in"), ("expect", "out"))
              for path in sorted(data.glob(f"{prefix}*.npy"))]
    return ["moe-run", file, f"--entry={row.name}", "--remarks-filter-missed=none", *values]


def run(row, kind, backend, folder):
    bound = row.bounds.get(kind, "0")
    if isinstance(row, System):
        form = "static-bf16" if kind == "bf16" else "static"
        command = [sys.executable, HERE.parent / "run_model.py", "--data", row.data,
                   folder / kind, MODELS / row.name, form, backend]
    else:
        command = [*run_function(row, kind, folder), f"--backend={backend}"]
    command += [f"--rtol={bound}", f"--atol={bound}"]
    if backend != "nvptx":
        return command
    options = ["--may-launch-nothing"] if kind == "empty" else []
    return [*cells.GPU_CHECK, *options, "--", *command]


def cell(row, column, folder):
    label = f"{row.name}, {column}"
    file = module(row, folder)
    if column == "parse":
        return cells.outcome(label, [["moe-opt", file, "--verify-roundtrip"]])
    if column == "verify":
        text, edited = file.read_text(), folder / "edited.mlir"
        edited.write_text(text.replace(row.old, row.new))
        if row.old not in text:
            print(f"{label}: there is no {row.old}")
            return "fails"
        return cells.outcome(
            label, [["moe-opt", edited]],
            lambda done: "pass" if done.returncode == 1 and "error: " in done.stdout
            and row.message in done.stdout else "fails")
    # The systems have tests of their own for other numbers of tokens.
    kinds = [*row.bounds] + ([] if isinstance(row, System) else ["empty"])
    done = cells.outcome(label, [run(row, kind, column, folder) for kind in kinds])
    return f"{done}: {', '.join(f'{kind} {bound}' for kind, bound in row.bounds.items())}"


def run_row(row, columns):
    with tempfile.TemporaryDirectory() as folder:
        return {column: cell(row, column, pathlib.Path(folder)) for column in columns
                if column != "nvptx" or cells.has_gpu()}


def table():
    """The rows of the table, by name."""
    return {parts[0].strip("`"): dict(zip(HEAD[1:], parts[1:]))
            for parts in cells.rows(README, MARKER)}


def run_file(stem, columns):
    known, wrong = table(), []
    rows = [row for row in ROWS if row.file == stem]
    for row in rows:
        for column, now in run_row(row, columns).items():
            then = known.get(row.name, {}).get(column, "")
            if now != then or not now.startswith("pass"):
                wrong.append(f"{row.name}: {column} is '{now}', README.md says '{then}'")
    return wrong if rows else [f"{stem}: no such file of rows"]


def tested():
    """(file, column) of all RUN lines here."""
    found = set()
    for path in [*HERE.glob("*.mlir"), *HERE.glob("*.test")]:
        for stem, columns in re.findall(
                r"RUN: %python %S/table.py --run=(\w+) --columns=([\w,]+)", path.read_text()):
            found |= {(stem, column) for column in columns.split(",")}
    return found


def check():
    known, runs, wrong = table(), tested(), []
    if list(known) != [row.name for row in ROWS]:
        wrong.append("the table and rows.py have different rows")
    for row in ROWS:
        parts = known.get(row.name, {})
        bounds = ": " + ", ".join(f"{kind} {bound}" for kind, bound in row.bounds.items())
        for column in COLUMNS:
            want = "pass" + (bounds if column in BACKENDS else "")
            if parts.get(column) != want:
                wrong.append(f"{row.name}: {column} is not '{want}'")
            if (row.file, column) not in runs:
                wrong.append(f"{row.name}: no test runs {column} of {row.file}")
        if parts.get("who") != row.who:
            wrong.append(f"{row.name}: other models")
    names = {row.name for row in ROWS}
    for path in HERE.glob("*.mlir"):
        for name in re.findall(r"^func\.func @(\w+)", path.read_text(), re.MULTILINE):
            if name not in names:
                wrong.append(f"{path.name}: {name} is in no row")
    return wrong


def update():
    known, lines = table(), []
    for row in ROWS:
        now = {**known.get(row.name, {}), **run_row(row, COLUMNS)}
        lines.append([f"`{row.name}`", row.who, *(now.get(column, "") for column in COLUMNS)])
    cells.rewrite(README, MARKER, HEAD, lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--run", metavar="FILE", help="softmax, systems, ...")
    action.add_argument("--check", action="store_true")
    action.add_argument("--update", action="store_true")
    parser.add_argument("--columns", default=",".join(COLUMNS))
    args = parser.parse_args()
    if args.update:
        update()
        return 0
    return "\n".join(check() if args.check else
                     run_file(args.run, args.columns.split(","))) or 0


if __name__ == "__main__":
    sys.exit(main())
