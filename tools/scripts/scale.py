#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures how raising and fusing grow with a model.

    scale.py --bin=build/dev/bin [--form=gathered --layers=4,16,94 --experts=256]

For each number of layers, writes the model (whole_model.py) and prints the time
of the passes of moe-fuse as --mlir-timing gives it, parsing and printing left
out; the same of canonicalize and cse alone; and the peak memory of the first.
Pass time per layer is constant where everything is linear. Nothing else should
run meanwhile.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import whole_model


def measure(tool, graph, passes):
    """(seconds in passes, peak GB); the report of --mlir-timing goes to stderr."""
    command = [tool, graph, *passes, "--mlir-timing", "--mlir-timing-display=tree",
               "--remarks-filter-missed=none", "-o", "/dev/null"]
    with tempfile.TemporaryFile("w+") as report:
        process = subprocess.Popen(command, stderr=report)
        _, status, usage = os.wait4(process.pid, 0)
        report.seek(0)
        text = report.read()
    if status:
        sys.exit(f"{' '.join(map(str, command))}: failed\n{text[-2000:]}")

    def seconds(name):
        # The wall time is the last column before the name; top level only.
        match = re.search(rf"^ +(?:[\d.]+ +\([ \d.]+%\) +)*?([\d.]+) +\([ \d.]+%\)  {name}$",
                          text, re.MULTILINE)
        return float(match[1]) if match else 0.0

    return seconds("Total") - seconds("Parser") - seconds("Output"), usage.ru_maxrss / 2**20


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--form", default="gathered")
    parser.add_argument("--layers", default="4,16,58")
    parser.add_argument("--experts", type=int, default=256)
    options = parser.parse_args()
    sizes = {"t": 8, "e": options.experts, "k": 2, "d": 64, "f": 32}
    print("| layers | raise and fuse s | per layer ms | canonicalize, cse s | peak GB |\n"
          "| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for layers in map(int, options.layers.split(",")):
            graph = pathlib.Path(folder) / "model.mlir"
            graph.write_text(whole_model.write(options.form, layers, sizes),
                             encoding="utf-8")
            tool = options.bin / "moe-opt"
            ours, memory = measure(tool, graph, ["--moe-fuse"])
            theirs, _ = measure(tool, graph, ["--canonicalize", "--cse"])
            print(f"| {layers} | {ours:.2f} | {1000 * ours / layers:.1f} | {theirs:.2f} "
                  f"| {memory:.2f} |", flush=True)


if __name__ == "__main__":
    main()
