#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holds a masked feed-forward layer to the rows that its tokens keep.

    masked_ffn_bytes.py FOLDER TOKENS -- moe-run FILE --backend=nvptx ...

Units that no token keeps are NaN in both matrices. Under the PTX interpreter, the
sectors of 32 bytes that the two kernels load are also counted. A real driver
counts nothing: there only the result is compared.
"""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np

UNITS, WIDTH, SLOTS, SAMPLES = 512, 256, 32, 2
# Of f32, in a row of either matrix or of the tokens.
ROW = WIDTH * 4 // 32
WARPS = WIDTH // 32


def sectors(profile, kernel):
    found = [json.loads(line) for line in profile.read_text().splitlines() if line]
    loads = [launch["global_coalescing"]["load_sectors"] for launch in found
             if launch["kernel"].endswith(kernel)]
    if len(loads) != 1:
        sys.exit(f"{len(loads)} launches of {kernel}, expected one")
    return loads[0]


def main():
    folder, tokens = pathlib.Path(sys.argv[1]) / sys.argv[2], int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(tokens)
    units = np.array([random.permutation(UNITS)[:SLOTS]
                      for _ in range(tokens * SAMPLES)], np.int32)
    x, coefficients, up, down = (
        random.normal(size=shape).astype(np.float32) / 16
        for shape in ((tokens, WIDTH), units.shape, (UNITS, WIDTH), (UNITS, WIDTH)))
    factors = np.zeros((tokens, UNITS))
    for row, (ids, values) in enumerate(zip(units, coefficients)):
        factors[row // SAMPLES, ids] += values
    result = (factors * np.maximum(x.astype(float) @ up.T, 0)) @ down
    kept = np.unique(units)
    unread = np.setdiff1d(np.arange(UNITS), kept)
    up[unread], down[unread] = np.nan, np.nan

    command = [*sys.argv[4:], f"--entry=tokens{tokens}"]
    for i, array in enumerate((x, units, coefficients, up, down)):
        np.save(folder / f"in{i}.npy", array)
        command.append(f"--input={folder}/in{i}.npy")
    np.save(folder / "out.npy", result.astype(np.float32))
    command += [f"--expect={folder}/out.npy", "--atol=1e-7"]
    profile = folder / "profile.jsonl"
    profile.unlink(missing_ok=True)
    subprocess.run(command, check=True,
                   env=dict(os.environ, PTXSIM_PROFILE=str(profile)))
    if not profile.exists():
        return 0

    blocks, bad = UNITS // 64, 0
    # A warp reads a row of up and, for each of its sums, one of the tokens. For
    # every unit come its number, and for every token its factor and mark (twice
    # at most); every warp reads a count.
    up_bytes = len(kept) * ROW * (1 + tokens), len(kept) * (1 + 4 * tokens) + 8 * blocks
    # A lane reads an element of down; the warp a number, and for every token a
    # hidden value and a mark. There are 16 warps per 32 columns.
    down_bytes = len(kept) * ROW, len(kept) * WARPS * (1 + 2 * tokens) + 16 * WARPS * blocks
    for kernel, (rows, rest) in (("unit_up", up_bytes), ("unit_down", down_bytes)):
        loaded = sectors(profile, kernel)
        print(f"{kernel}: {32 * loaded} bytes for {len(kept)} of {UNITS} units: "
              f"{32 * rows} of rows, {32 * rest} at most for the rest")
        bad += not rows <= loaded <= rows + rest
    return bad


sys.exit(main())
