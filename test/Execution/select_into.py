#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs select_into.mlir and compares it with what bins.py picks.

    select_into.py FOLDER [--only PREFIX] -- moe-run SELECT_INTO.MLIR --backend=...
"""

import sys

import numpy as np

from bins import pick, random_keys, values
from cases import case, f32, main


def cases():
    rng = np.random.default_rng(8)
    for tokens in (0, 1, 5, 7, 40, 301):
        prefix = "none-" if tokens == 0 else ""
        keys = random_keys(tokens, tokens)
        source = rng.random((tokens, 4))
        bins = pick(keys, 7)
        case(f"{prefix}all{tokens}", "all", [f32(keys, 4), f32(source, 4)], bins,
             f32(values(source, bins)))
        for count in (-3, 0, 5, 100):
            bins = pick(keys, 7, scope=16, count=count, by_index=True)
            case(f"{prefix}groups{tokens}-{count}", "groups",
                 [f32(keys, 4), np.asarray(count, np.int64)], bins)
        keys[::3] = np.nan
        keys[1::5, 2] = -np.inf
        case(f"{prefix}nan-last{tokens}", "all", [f32(keys, 4), f32(source, 4)],
             pick(keys, 7), f32(values(source, pick(keys, 7))))
        case(f"{prefix}nan-first{tokens}", "nan_first", [f32(keys, 4)],
             pick(keys, 7, nan_first=True))


if __name__ == "__main__":
    cases()
    sys.exit(main(__doc__))
