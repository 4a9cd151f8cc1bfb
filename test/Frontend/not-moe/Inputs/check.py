# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holds a graph that is no mixture of experts to what that means.

Raising leaves no op of a block of experts, and as many moe.select as --selects
says; moe-raise=require is an error unless there is one; what the compiled code
computes agrees with the graph as it is; and the remark --missed is given.
"""

import argparse
import re
import subprocess
import sys

BLOCK = re.compile(r"\bmoe\.(plan|limit|dispatch|experts|combine|gate|neurons)\b")
ERRORS = ["no MoE block was raised in this module", "this sort was not raised",
          "weights are still gathered by selected experts"]


def run(*command):
    return subprocess.run(command, check=False, capture_output=True, text=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph")
    parser.add_argument("--selects", type=int, default=0)
    parser.add_argument("--missed", default="")
    arguments = parser.parse_args()
    wrong = []

    done = run("moe-opt", arguments.graph, "--moe-raise")
    if done.returncode:
        wrong.append(f"does not go through moe-raise:\n{done.stderr}")
    wrong += [f"raised to {op}" for op in sorted(set(BLOCK.findall(done.stdout)))]
    selects = len(re.findall(r"= moe\.select\b", done.stdout))
    if selects != arguments.selects:
        wrong.append(f"{selects} moe.select, not {arguments.selects}")
    missed = re.findall(r"remark: (.*)", done.stderr)
    if not any(arguments.missed in remark for remark in missed or [""]):
        wrong.append(f"no remark says '{arguments.missed}', but\n" + "\n".join(missed))

    done = run("moe-opt", arguments.graph, "--moe-raise=require", "-o", "/dev/null")
    errors = re.findall(r"error: (.*)", done.stderr)
    known = all(any(known in error for known in ERRORS) for error in errors)
    if not arguments.selects and not errors or not known or \
            bool(errors) != bool(done.returncode):
        wrong.append(f"moe-raise=require says\n{done.stderr}")

    done = run("moe-run", arguments.graph, "--backend=cpu", "--compare=reference",
               "--seed=1", "--int-max=3", "--remarks-filter-missed=none")
    if done.returncode:
        wrong.append(f"does not agree with the reference:\n{done.stderr}")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
