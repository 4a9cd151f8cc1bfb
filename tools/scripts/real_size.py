#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times a real-size exported graph as it stands against what becomes of it.

  real_size.py GRAPH.mlir [--tokens=N] [--repeat=N] [--backends=reference,cpu]

Runs moe-run on seeded inputs, one process per backend and one after the other,
and prints the median time, the time to compile and the peak memory of each.
--tokens derives a form with other tokens first (test/Models/derive.py): the
weights that a literal graph gathers grow with them. The cpu run is also compared
with the reference, whose memory then counts too; that run is not the timed one.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from moe_repo import ROOT


def cpu_name():
    return next((line.split(":")[1].strip() for line in
                 pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                 if line.startswith("model name")), "unknown CPU")


def measure(command):
    """Its last line as JSON, and the peak memory in GB."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        output.seek(0)
        lines = output.read().splitlines()
    if status:
        sys.exit(f"{' '.join(map(str, command))}: failed")
    return json.loads(lines[-1]), usage.ru_maxrss / 2**20


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=pathlib.Path)
    parser.add_argument("--tokens", type=int)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--backends", default="reference,cpu")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        graph = arguments.graph
        if arguments.tokens is not None:
            graph = pathlib.Path(folder) / "derived.mlir"
            subprocess.run([sys.executable, ROOT / "test/Models/derive.py",
                            arguments.graph, "-o", graph,
                            f"--tokens={arguments.tokens}"], check=True)
        run = ["moe-run", graph, "--seed=1", "--remarks-filter-missed=none"]
        backends = arguments.backends.split(",")
        if len(backends) > 1:
            subprocess.run([*run, "--backend=cpu", "--compare=reference"],
                           check=True)
        print(f"{cpu_name()}, {os.cpu_count()} CPUs")
        print("| backend | median ms | compile ms | peak GB |\n"
              "| --- | --- | --- | --- |")
        for backend in backends:
            times, memory = measure([*run, f"--backend={backend}", "--time",
                                     f"--repeat={arguments.repeat}"])
            print(f"| {backend} | {times['median_ms']:.1f} | "
                  f"{times['compile_ms']:.0f} | {memory:.2f} |", flush=True)


if __name__ == "__main__":
    main()
