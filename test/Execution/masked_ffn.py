#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs masked_ffn.mlir on tokens that keep few of the units, and compares it
with what follows here, in f64 numpy, on the kept units of a token only.

    masked_ffn.py [--only PREFIX] FOLDER -- moe-run FILE --backend=...

FOLDER takes the files of the cases.
"""

import math
import sys

import numpy as np

import cases

UNITS, SLOTS, SAMPLES, DEPTH, WIDTH = 150, 20, 3, 37, 45


def gelu(v):
    return v / 2 * (1 + np.vectorize(math.erf, otypes=[float])(v / math.sqrt(2)))


def expected(side, x, units, coefficients, count, up, up_bias, down, down_bias,
             weights=None):
    """Token by token and sample by sample."""
    rows = []
    for t, row in enumerate(np.asarray(x, float)):
        live = range(t * SAMPLES, t * SAMPLES + max(0, min(count, SAMPLES)))
        kept = np.unique(units[list(live)])
        kept = kept[(kept >= 0) & (kept < UNITS)]
        p = up[kept].astype(float) @ row + up_bias[kept]
        y = down_bias.astype(float)
        for s, r in enumerate(live):
            factor = np.array([coefficients[r][units[r] == u].astype(float).sum()
                               for u in kept])
            weight = 1 if weights is None else weights[t][s]
            h = factor * gelu(p) if side == "post" else np.tanh(factor * p)
            y = y + weight * (h @ down[kept])
        rows.append(y)
    return np.array(rows, np.float32).reshape(len(x), WIDTH)


def add_cases():
    random = np.random.default_rng(64)

    def some(*shape):
        scale = np.sqrt(shape[-1]) if len(shape) > 1 else 1
        return (random.normal(size=shape) / scale).astype(np.float32)

    def add(name, side, tokens, count, units, spoil=None):
        x, coefficients = some(tokens, DEPTH), some(len(units), SLOTS)
        up, down = some(UNITS, DEPTH), some(UNITS, WIDTH)
        layer = [up, some(UNITS), down, some(WIDTH)]
        weights = [] if side == "post" else [some(tokens, SAMPLES)]
        live = [r for r in range(len(units)) if r % SAMPLES < count]
        unread = np.setdiff1d(np.arange(UNITS), units[live])
        up[unread], down[unread] = np.nan, np.inf
        if spoil is not None:
            down[spoil] = np.nan
        result = expected(side, x, units, coefficients, count, *layer, *weights)
        cases.case(name, side,
                   [x, units, coefficients, np.int32(count), *layer, *weights],
                   result, np.zeros(result.shape, np.int32),
                   options=("--atol=1e-5",))

    def draw(tokens, among=UNITS, empty=.2):
        ids = random.integers(0, among, size=(tokens * SAMPLES, SLOTS))
        ids[random.uniform(size=ids.shape) < empty] = -1
        return ids.astype(np.int32)

    for side in ("post", "pre"):
        for tokens in (0, 1, 2, 13):
            add(f"{side}-{tokens}", side, tokens, 3, draw(tokens))
        # Samples that are not live, and counts out of range.
        for count in (-1, 2, 9):
            add(f"{side}-count{count}", side, 5, count, draw(5))
        # All slots on a handful of units, and ids that do not exist.
        units = draw(13, among=7)
        units[::5, ::3] = UNITS + 2
        units[3:6] = -1
        add(f"{side}-few", side, 13, 3, units)
        # No token keeps anything.
        add(f"{side}-none", side, 5, 3, draw(5, empty=2))
        # A weight that is not finite reaches the token that keeps it only.
        units = draw(13, among=UNITS - 2)
        units[4 * SAMPLES, 0] = UNITS - 1
        add(f"{side}-spoiled", side, 13, 3, units, UNITS - 1)
    # Many runs of 16 tiles, which are the tasks of a CPU.
    add("many", "post", 100, 3, draw(100))


if __name__ == "__main__":
    add_cases()
    sys.exit(cases.main(__doc__))
