#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs limit.mlir and compares it with what follows here.

    limit.py [--only PREFIX] FOLDER -- moe-run LIMIT.MLIR --backend=...

Published numbers where there are some, else those of the few lines of numpy
below, which compute in f64.
"""

import math
import sys

import numpy as np

from bins import A, pick, softmax
from cases import case, f32, i32, main
from reference import rounded, to_bf16

nan = np.nan


def limit(ids, weights, capacity, order="slot_major", priority=None, scope=None,
          renormalize=False, clamp=0, experts=4):
    """`capacity` is a function of the number of tokens, or None."""
    ids, weights = np.array(ids), np.array(weights, float)
    weights[(ids < 0) | (ids >= experts)] = 0
    ids[ids >= experts] = -1
    tokens, slots = ids.shape
    step = scope or max(tokens, 1)
    for begin in range(0, tokens, step):
        group = range(begin, min(begin + step, tokens))
        def rank(pair):
            t, s = pair
            first = 0 if priority is None else -priority[t]
            if order == "by_weight":
                first = -weights[t, s]
            first = (np.isnan(first), 0 if np.isnan(first) else first)
            return (s, first, t) if order == "slot_major" else (first, t, s)
        room = {}
        for t, s in sorted(((t, s) for t in group for s in range(slots)), key=rank):
            e = ids[t, s]
            if e < 0 or capacity is None:
                continue
            left = room.setdefault(e, capacity(len(group)))
            room[e] -= 1
            if left <= 0:
                ids[t, s], weights[t, s] = -1, 0
    if renormalize:
        with np.errstate(all="ignore"):
            sums = np.maximum(weights.sum(1, keepdims=True), clamp)
            weights = np.where(ids >= 0, weights / sums, 0)
    return i32(ids, slots), f32(weights, slots)


def published_cases():
    case("v10", "v10", [f32(A)], i32([[0], [-1], [2], [-1], [1], [-1]]),
         f32([[.643914], [0], [.500306], [0], [.884331], [0]]))
    ids = i32([[0, 1], [0, -1], [2, 3], [-1, 3], [1, -1], [2, -1]])
    case("v11", "v11", [f32(A)], ids,
         f32([[.731059, .268941], [.562177, 0], [.645656, .354344],
              [0, .470036], [.930862, 0], [.524979, 0]]))
    case("v11-after", "v11_after", [f32(A)], ids,
         f32([[.731059, .268941], [1, 0], [.645656, .354344], [0, 1], [1, 0],
              [1, 0]]))
    # Slot 0 is kept for all but t1, slot 1 for t0, t2 and t4.
    ids = i32([[0, 1], [-1, -1], [2, 3], [0, -1], [1, 3], [2, -1]])
    w = [[.731059, .268941], [0, 0], [.645656, .354344], [.529964, 0],
         [.930862, .069138], [.524979, 0]]
    case("v12", "v12", [f32(A), f32(softmax(A).max(1))], ids, f32(w))
    case("v13", "v13", [f32(A)],
         i32([[0, -1], [0, 1], [2, 3], [-1, 3], [1, -1], [2, -1]]),
         f32([[.731059, 0], [.562177, .437823], [.645656, .354344],
              [0, .470036], [.930862, 0], [.524979, 0]]))


# What the systems make of S tokens, 4 experts and 2 slots.
CAPACITIES = {
    "mesh": lambda s: max(min(s, math.floor(s * 1.25 / 4)), 4),
    "flaxformer": lambda s: max(round(s * 1.25 / 4), 1),
    "vmoe": lambda s: math.ceil(s * 2 * 1.05 / 4 / 4) * 4
    if math.ceil(s * 2 * 1.05 / 4) else 0,
    "megatron": lambda s: math.ceil(s * 2 / 4),
    "megablocks": lambda s: math.floor(s * 2 * 1.25 / 4),
}


def slots_of(tokens, seed):
    """Ids with empty ones, ones that do not exist and duplicates; weights that
    tie."""
    rng = np.random.default_rng(seed)
    return (rng.integers(-1, 5, (tokens, 2)).astype(np.int32),
            rng.integers(1, 9, (tokens, 2)) / 8)


def formula_cases():
    for tokens in (0, 1, 2, 6, 13, 34):
        prefix = "none-" if tokens == 0 else ""
        ids, weights = slots_of(tokens, tokens)
        for name, capacity in CAPACITIES.items():
            case(f"{prefix}{name}{tokens}", name, [ids, f32(weights, 2)],
                 *limit(ids, weights, capacity))
        # Halves round to the even neighbour: 6 * 1 / 4, 2 * 1 / 4.
        case(f"{prefix}nearest{tokens}", "nearest", [ids, f32(weights, 2)],
             *limit(ids, weights, lambda s: round(s / 4)))
        for name, capacity in (("nothing", lambda s: 0), ("unlimited", None),
                               ("huge", None)):
            case(f"{prefix}{name}{tokens}", name, [ids, f32(weights, 2)],
                 *limit(ids, weights, capacity))
        case(f"{prefix}scoped{tokens}", "scoped", [ids, f32(weights, 2)],
             *limit(ids, weights, lambda s: math.ceil(s / 4), scope=5))


def order_cases():
    rng = np.random.default_rng(9)
    for tokens in (0, 1, 6, 13):
        prefix = "none-" if tokens == 0 else ""
        ids, weights = slots_of(tokens, 20 + tokens)
        priority = rng.integers(0, 4, tokens) / 4
        if tokens > 2:
            priority[1] = nan
            weights[2, 0] = nan
        def two(_):
            return 2
        for order in ("slot_major", "token_major", "by_weight"):
            case(f"{prefix}{order}{tokens}", order, [ids, f32(weights, 2)],
                 *limit(ids, weights, two, order))
        for order in ("slot_major", "token_major"):
            case(f"{prefix}{order}-priority{tokens}", f"{order}_priority",
                 [ids, f32(weights, 2), f32(priority)],
                 *limit(ids, weights, two, order, priority))
    # Weights that tie once they are rounded; the sum of no weights.
    ids, _ = slots_of(11, 3)
    weights = rounded(1 + rng.random((11, 2)) / 64, "bf16")
    kept, expected = limit(ids, weights, lambda s: 2, "by_weight")
    case("narrow", "narrow", [ids, to_bf16(weights)], kept, to_bf16(expected))
    weights[:4] = 0
    kept, expected = limit(ids, weights, lambda s: 2, renormalize=True, clamp=.75)
    case("clamped", "clamped", [ids, f32(weights)], kept, expected)


def block_cases():
    rng = np.random.default_rng(6)
    for tokens in (0, 1, 6, 13):
        prefix = "none-" if tokens == 0 else ""
        x = rng.standard_normal((tokens, 8))
        experts = rng.standard_normal((4, 8, 8))
        logits = rng.standard_normal((tokens, 4))
        scores = softmax(logits)
        ids = np.argsort(-scores, axis=1)[:, :2].astype(np.int32)
        w = np.take_along_axis(scores, ids.astype(np.int64), axis=1)
        ids, w = limit(ids, w, lambda s: math.ceil(s / 4), renormalize=True)
        result = np.zeros((tokens, 8))
        for t in range(tokens):
            for s in range(2):
                if ids[t, s] >= 0:
                    result[t] += w[t, s] * (x[t] @ experts[ids[t, s]])
        case(f"{prefix}block{tokens}", "block",
             [f32(x, 8), f32(logits, 4), f32(experts)], f32(result, 8))


if __name__ == "__main__":
    published_cases()
    formula_cases()
    order_cases()
    block_cases()
    sys.exit(main(__doc__))
