#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs curriculum.mlir and compares it with what follows here.

    curriculum.py FOLDER [--only PREFIX] -- moe-run CURRICULUM.MLIR --backend=...
"""

import sys

import numpy as np

from bins import A, softmax
from cases import case, f32, i32, main


def layer(scores, threshold, length):
    """Token by token."""
    slots, live = np.zeros(4, int), []
    for p in scores:
        first, second = np.argsort(-p, kind="stable")[:2]
        chosen = [first] + [second] * bool(p[first] - p[second] <= threshold)
        slots[chosen] += 1
        live.append(len(chosen))
    shares = [np.mean([n == 2 for n in live[i:i + length]])
              for i in range(0, len(live), length)]
    return i32(slots), i32(live), f32(scores.mean(0)), f32(shares)


def order(c):
    """Section 3.2, with similarity 0 where there is no cosine."""
    c = np.asarray(c, float).reshape(-1, 3)
    totals = c.sum(1)
    anchor = min(range(len(c)), key=lambda d: (totals[d], d))

    def similarity(d):
        lengths = np.linalg.norm(c[d]) * np.linalg.norm(c[anchor])
        return c[d] @ c[anchor] / lengths if lengths else 0

    rest = [d for d in range(len(c)) if d != anchor]
    near = {d: similarity(d) for d in rest}
    for a in rest:
        for b in rest:
            # f32 has to rank them alike.
            assert near[a] == near[b] or abs(near[a] - near[b]) > 1e-5
    return [anchor] + sorted(rest, key=lambda d: (-near[d], totals[d], d))


def layer_cases():
    # V6: tokens 1, 3 and 5 of 6 have two experts.
    scores = softmax(A)
    published = layer(scores, .1, 6)
    assert list(published[1]) == [1, 2, 1, 2, 1, 2] and published[3] == [.5]
    case("v6", "layer", [f32(scores), f32(.1), np.int64(6)], *published)
    scores = softmax(np.random.default_rng(31).normal(size=(24, 4)))
    for threshold, length in ((-1, 8), (.2, 8), (.2, 3), (1, 24)):
        case(f"layer{threshold}-{length}", "layer",
             [f32(scores), f32(threshold), np.int64(length)],
             *layer(scores, threshold, length))


def order_cases():
    tables = {
        "nearest": [[.5, .25, .25], [.25, .5, .75], [.5, 0, .125], [1, .5, .25],
                    [.75, .25, .25]],
        # The same direction twice: the smaller total first; the same vector
        # twice: the lower number.
        "ties": [[.5, .5, .5], [.25, 0, 0], [0, .5, .25], [0, .25, .125],
                 [0, .5, .25]],
        # No token of the anchor has two experts: rising totals.
        "no-anchor": [[1, .5, .5], [0, .25, 0], [0, 0, 0], [.5, .5, 0], [0, 0, 0]],
        "one": [[.5, .25, 0]],
        "none": [],
    }
    tables["random"] = np.random.default_rng(32).integers(0, 17, (12, 3)) / 16
    for name, table in tables.items():
        ranks = order(table) if len(table) else []
        case(f"order-{name}", "order", [f32(table, 3)], i32(ranks))


layer_cases()
order_cases()
sys.exit(main(__doc__))
