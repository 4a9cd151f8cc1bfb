#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a GPU command under the PTX interpreter's checkers; `%gpu_check` in lit.

    // RUN: %gpu_check -- moe-run %s --backend=nvptx --compare=reference
    // RUN: %gpu_check "--allow=uninit-global:padding is never used" -- moe-run ...

The command runs once per scheduling seed. It must succeed, and every finding of
its profile must be of a kind that --allow names, with the reason. A run that
launches nothing fails, so that a test cannot pass by skipping the GPU. A real
driver writes no profile: there the command's own status counts, in one run.
The command's output comes from the first run only. --show-launches prints the
size of every launch of that run.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile


def describe(launch, finding):
    return (f"{finding['severity']} {finding['kind']} in {launch['kernel']}, "
            f"PTX line {finding['line']}, {finding['count']}x: "
            f"{finding['message']}")


def driver_is_ptxsim():
    path = os.environ.get("MOE_CUDA_DRIVER", "")
    return os.path.isfile(path) and b"PTXSIM_PROFILE" in pathlib.Path(path).read_bytes()


def run(command, seed, profile):
    environment = dict(os.environ, PTXSIM_STRICT="1", PTXSIM_SEED=str(seed),
                       PTXSIM_PROFILE=str(profile))
    return subprocess.run(command, env=environment, check=False,
                          stdout=None if seed == 0 else subprocess.DEVNULL)


def launches(profile):
    """The profile's lines, one per launch."""
    if not profile.exists():
        return []
    return [json.loads(line) for line in profile.read_text().splitlines() if line]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--allow", action="append", default=[],
                        metavar="KIND:REASON", help="a finding that is meant")
    parser.add_argument("--seeds", type=int, default=2, metavar="N",
                        help="run seeds 0 to N-1 (default 2)")
    parser.add_argument("--show-launches", action="store_true",
                        help="print kernel, blocks and threads per block")
    parser.add_argument("--may-launch-nothing", action="store_true",
                        help="for empty inputs")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        parser.error("no command")
    for entry in args.allow:
        if not entry.partition(":")[2].strip():
            parser.error(f"--allow={entry} gives no reason (KIND:REASON)")
    allowed = {entry.partition(":")[0] for entry in args.allow}

    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(args.seeds):
            profile = pathlib.Path(folder) / f"seed{seed}.jsonl"
            status = run(command, seed, profile).returncode
            found = launches(profile)
            for launch in found:
                if args.show_launches and seed == 0:
                    blocks, threads = (math.prod(launch[key])
                                       for key in ("grid", "block"))
                    print(f"{launch['kernel']}: {blocks} blocks of {threads} threads",
                          flush=True)
                for finding in launch.get("findings", []):
                    meant = finding.get("kind") in allowed
                    bad += not meant
                    print(f"seed {seed}: {'allowed ' if meant else ''}"
                          f"{describe(launch, finding)}", file=sys.stderr)
            if status:
                print(f"seed {seed}: exit status {status}", file=sys.stderr)
                # A signal's negative number would wrap to something else.
                return status if 0 < status < 128 else 1
            if found:
                continue
            if not driver_is_ptxsim():
                break
            if not args.may_launch_nothing:
                print(f"seed {seed}: no kernel was launched", file=sys.stderr)
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
