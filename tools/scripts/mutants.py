#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Asks whether graphs are still raised, and right, when spelled differently.

Every mutant of moe-mutate is raised with `require` and runs on the CPU, against
the unraised mutant on the reference back end and, where the model has stored
results, against those. Prints a row per graph and the share of mutants that hold
each kind of mutation.

    mutants.py --bin=build/dev/bin --count=200 [--keep=DIR] GRAPH.mlir...

Arguments and results are inNN.npy and outNN.npy beside a graph. Exits 1 if a
mutant was wrong, or if fewer than --least per cent of a graph's were raised.
"""

import argparse
import collections
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True,
                          text=True, check=False)


def arguments_of(graph):
    folder = graph.parent
    return ([f"--input={path}" for path in sorted(folder.glob("in*.npy"))]
            + [f"--expect={path}" for path in sorted(folder.glob("out*.npy"))])


class Mutants:
    """The mutants of one graph."""

    def __init__(self, tools, graph, keep, options):
        self.tools, self.graph, self.keep = tools, graph, keep
        self.options = options + arguments_of(graph)
        self.kinds = collections.Counter()
        self.raised = self.right = self.total = 0

    def keep_mutant(self, mutant, seed, why):
        name = f"{self.graph.parent.name}-{self.graph.stem}-{seed}"
        print(f"  {name}: {why}", file=sys.stderr)
        if self.keep:
            shutil.copy(mutant, self.keep / f"{name}.mlir")

    def add(self, seed, stacked, folder):
        mutant = folder / "mutant.mlir"
        made = run(self.tools / "moe-mutate", self.graph, f"--seed={seed}",
                   f"--count={stacked}", "-o", mutant)
        self.total += 1
        if made.returncode:
            self.keep_mutant(self.graph, seed, "moe-mutate: " + last_error(made))
            return
        self.kinds.update(re.findall(r"([a-z]+) \d+", made.stderr.splitlines()[-1]))
        taken = run(self.tools / "moe-opt", mutant, "--moe-raise=require",
                    "-o", "/dev/null")
        if taken.returncode:
            self.keep_mutant(mutant, seed, "not raised: " + last_error(taken))
        else:
            self.raised += 1
        result = run(self.tools / "moe-run", mutant, "--backend=cpu",
                     "--compare=reference", *self.options)
        if result.returncode:
            self.keep_mutant(mutant, seed, "wrong: " + last_error(result))
        else:
            self.right += 1


def last_error(process):
    lines = [line for line in process.stderr.splitlines() if "error" in line]
    return (lines or [f"exit code {process.returncode}"])[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="+", type=pathlib.Path)
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--stacked", type=int, default=8)
    parser.add_argument("--least", type=float, default=99)
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--run-option", action="append", default=[],
                        help="more for moe-run, such as --dim=5")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)

    good, kinds, total = True, collections.Counter(), 0
    print("| graph | mutants | raised | right |\n| --- | --- | --- | --- |")
    for graph in options.graphs:
        mutants = Mutants(options.bin, graph, options.keep, options.run_option)
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(options.first, options.first + options.count):
                mutants.add(seed, options.stacked, pathlib.Path(folder))
        print(f"| {graph.parent.name}/{graph.name} | {mutants.total} "
              f"| {mutants.raised} | {mutants.right} |", flush=True)
        good &= mutants.right == mutants.total
        good &= 100 * mutants.raised >= options.least * mutants.total
        kinds += mutants.kinds
        total += mutants.total
    print("\n| kind | % of mutants |\n| --- | --- |")
    for kind, count in sorted(kinds.items()):
        print(f"| {kind} | {100 * count / total:.0f} |")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
