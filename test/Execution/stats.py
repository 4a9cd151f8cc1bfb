#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs stats.mlir and compares it with what follows here.

    stats.py [--only PREFIX] FOLDER -- moe-run STATS.MLIR --backend=...

The losses are published numbers.
"""

import sys

import numpy as np

from bins import A, pick
from cases import case, f32, i32, main
from limit import slots_of


def stats_cases():
    rng = np.random.default_rng(7)
    for tokens in (0, 1, 2, 6, 13):
        prefix = "none-" if tokens == 0 else ""
        ids, _ = slots_of(tokens, 40 + tokens)
        scores = rng.random((tokens, 4))
        live = (ids >= 0) & (ids < 4)
        mean = scores.mean(0) if tokens else np.zeros(4)
        case(f"{prefix}stats{tokens}", "stats", [ids, f32(scores, 4)],
             i32([(ids == e).sum() for e in range(4)]), i32(live.sum(1)),
             f32(mean))
        bins = pick(scores, 3)
        case(f"{prefix}stats-bins{tokens}", "stats_bins", [bins, f32(scores, 4)],
             i32((bins >= 0).sum(1)),
             i32([(bins == t).sum() for t in range(tokens)]), f32(mean))


def loss_cases():
    case("loss-adaptive", "loss_adaptive", [f32(A), f32(.1)], f32(1.096983),
         f32(.5))
    # No token has one expert.
    case("loss-adaptive-two", "loss_adaptive", [f32(A), f32(1)], f32(0), f32(1))
    case("loss-hf", "loss_hf", [f32(A)], f32(2.054336))
    case("loss-megatron", "loss_megatron", [f32(A)], f32(1.027168))
    case("loss-switch", "loss_switch", [f32(A)], f32(1.078877))
    case("loss-z", "loss_z", [f32(A)], f32(5.190242))


stats_cases()
loss_cases()
sys.exit(main(__doc__))
