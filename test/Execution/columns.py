#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs what virtual.mlir, weigh-columns.mlir, dispatch-weights.mlir,
combine-columns.mlir and score-scope.mlir hold and compares it with what follows
here, computed in f64.

    columns.py --only PREFIX FOLDER -- moe-run MODULE.MLIR --backend=...
"""

import sys

import numpy as np

from cases import case, f32, i32, main
from reference import rounded, stored

nan, inf = np.nan, np.inf
random = np.random.default_rng(7)
NARROW = {"f32": ("--atol=3e-6",), "bf16": ("--atol=2e-2",), "f16": ("--atol=2e-3",)}


def floats(*shape, kind="f32"):
    return rounded(random.standard_normal(shape), kind)


def virtual(x, ids, weights, init, first, identity, coefficients=None, vectors=None):
    result = init.astype(float).copy()
    constant = 0 if vectors is None else len(vectors)
    for t, s in np.ndindex(*ids.shape):
        j = int(ids[t, s]) - first
        if 0 <= j < constant:
            a, b = coefficients[t, 2 * j:2 * j + 2]
            result[t] += weights[t, s] * (a * x[t] + b * vectors[j].astype(float))
        elif constant <= j < constant + identity:
            result[t] += weights[t, s] * x[t].astype(float)
    return result


def virtual_cases():
    for tokens in (0, 1, 7):
        # Experts, constant, identity and zero columns, and empty slots; the last
        # row has virtual columns only.
        ids = np.resize(np.arange(-1, 9), (tokens, 3))
        if tokens:
            ids[-1] = (5, 4, 5)
        w = floats(tokens, 3)
        for kind in ("f32", "bf16", "f16"):
            x, init = floats(tokens, 8, kind=kind), floats(tokens, 8, kind=kind)
            case(f"virtual_identity_{kind}_{tokens}", f"identity_{kind}",
                 [stored(x, kind), i32(ids), f32(w), stored(init, kind)],
                 stored(virtual(x, ids, w, init, 4, 2), kind), options=NARROW[kind])
        c, v = floats(tokens, 4), floats(2, 8)
        case(f"virtual_constant_{tokens}", "constant",
             [f32(x), i32(ids), f32(w), f32(init), f32(c), f32(v)],
             f32(virtual(x, ids, w, init, 4, 1, c, v)))
        case(f"virtual_only_constant_{tokens}", "only_constant",
             [f32(x), i32(ids), f32(w), f32(init), f32(c), f32(v)],
             f32(virtual(x, ids, w, init, 4, 0, c, v)))
    # What a token does not ask for cannot reach it: a row that is no number, and
    # a vector of a column it did not pick. A weight of 0 still multiplies.
    x = f32([[inf] * 8, [nan] * 8, [1] * 8, [inf] * 8])
    ids, w = [[0, 7, -1], [5, 0, 0], [4, 6, 6], [6, 1, 1]], [[1, 1, 1]] * 3 + [[0, 1, 1]]
    init = f32([[-0.0] * 8, [1] * 8, [1] * 8, [1] * 8])
    c, v = f32([[1, 2, nan, nan]] * 4), f32([[3] * 8, [nan] * 8])
    case("virtual_no_number", "constant", [x, i32(ids), f32(w), init, c, v],
         f32([[-0.0] * 8, [nan] * 8, [1 + 7 + 1 + 1] * 8, [nan] * 8]))


def weigh(source, ids, columns, always, fn=lambda v: v, norm=True, softmax=False,
          scale=1.0, clamp=0.0):
    named = source.shape[1] - always
    weights = np.zeros(ids.shape)
    shared = np.zeros((len(ids), always))
    for t, row in enumerate(ids):
        live = [s for s, e in enumerate(row) if 0 <= e < (columns or named)]
        values = np.asarray([source[t, row[s]] for s in live]
                            + [source[t, named + i] for i in range(always)], float)
        with np.errstate(all="ignore"):
            values = fn(values)
            if softmax and len(values):
                values = np.exp(values - values.max())
                values /= values.sum()
            if norm and len(values):
                values = values / max(values.sum(), clamp)
        values *= scale
        weights[t, live] = values[:len(live)]
        shared[t] = values[len(live):]
    return weights, shared


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def weigh_cases():
    for tokens in (0, 1, 7):
        ids = np.resize(np.arange(-1, 7), (tokens, 3))
        if tokens:
            ids[-1] = (4, 5, 4)
        s = np.abs(floats(tokens, 6))
        case(f"weigh_columns_{tokens}", "columns", [f32(s), i32(ids)],
             f32(weigh(s, ids, 4, 0)[0]))
        case(f"weigh_softmax_columns_{tokens}", "softmax_columns", [f32(s), i32(ids)],
             f32(weigh(s, ids, 4, 0, softmax=True, norm=False)[0]))
        weights, shared = weigh(s, ids, None, 2, sigmoid, scale=2.5)
        case(f"weigh_always_{tokens}", "always", [f32(s), i32(ids)], f32(weights), f32(shared))
        weights, shared = weigh(s, ids, 3, 2, softmax=True, norm=False)
        case(f"weigh_always_softmax_{tokens}", "always_softmax", [f32(s), i32(ids)],
             f32(weights), f32(shared))
        for kind in ("bf16", "f16"):
            narrow = rounded(s, kind)
            weights, shared = weigh(narrow, ids, None, 1)
            case(f"weigh_always_{kind}_{tokens}", f"always_{kind}",
                 [stored(narrow, kind), i32(ids)], stored(weights, kind), f32(shared),
                 options=NARROW[kind])
    # Columns without a weight are not read; none of the others is 0 / 0.
    case("weigh_unread", "columns",
         [f32([[1, 3, 0, 0, nan, nan], [0, 0, 0, 0, 1, 1]]), i32([[0, 4, 1], [4, 5, -1]])],
         f32([[.25, 0, .75], [0, 0, 0]]))
    # AdaMoE: a sum of real picks that is zero.
    case("weigh_zero_sum", "guarded",
         [f32([[0, 0, 0, 0, 1, 1], [1, 1, 0, 0, 1, 1]]), i32([[0, 1, 4], [0, 1, 4]])],
         f32([[0, 0, 0], [.5, .5, 0]]))


def route_cases():
    """Both, fused into a gate: its router's product, key bias, groups or not."""
    for tokens in (0, 1, 9):
        x, router, bias = floats(tokens, 16), floats(7, 16), floats(5)
        logits = x.astype(float) @ router.T.astype(float)
        scores = sigmoid(logits)
        keys = scores[:, :5] + bias
        ids = np.argsort(-keys, axis=1, kind="stable")[:, :3]
        weights, shared = weigh(scores, ids, None, 2, scale=1.5)
        case(f"route_inkling_{tokens}", "inkling", [f32(x), f32(router), f32(bias)],
             i32(ids), f32(weights), f32(shared))
        keys = scores[:, :5]
        ids = np.argsort(-keys, axis=1, kind="stable")[:, :3]
        weights, shared = weigh(logits, ids, 4, 2, softmax=True, norm=False)
        case(f"route_logits_{tokens}", "logits", [f32(x), f32(router)],
             i32(ids), f32(weights), f32(shared))
        e = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-inf))
        scores = e / e.sum(axis=1, keepdims=True)
        ids = np.argsort(-scores, axis=1, kind="stable")[:, :3]
        weights, _ = weigh(scores, ids, 4, 0)
        case(f"route_adamoe_{tokens}", "adamoe", [f32(x), f32(router)], i32(ids), f32(weights))
    # More columns and slots than a warp has lanes.
    x, router, bias = floats(3, 16), floats(70, 16), floats(67)
    scores = sigmoid(x.astype(float) @ router.T.astype(float))
    ids = np.argsort(-(scores[:, :67] + bias), axis=1, kind="stable")[:, :31]
    weights, shared = weigh(scores, ids, None, 3)
    case("route_many", "many", [f32(x), f32(router), f32(bias)], i32(ids), f32(weights),
         f32(shared))


def dispatch_cases():
    for tokens in (0, 1, 5):
        for kind in ("f32", "bf16", "f16"):
            x, w = floats(tokens, 8, kind=kind), floats(tokens, 2)
            pairs = np.arange(2 * tokens)[::-1].copy()
            pairs[tokens:] = np.where(pairs[tokens:] % 2, -1, pairs[tokens:])
            rows = np.where(pairs[:, None] < 0, 0,
                            (w.reshape(-1, 1) * np.repeat(x, 2, axis=0))[pairs])
            case(f"dispatch_{kind}_{tokens}", f"slots_{kind}",
                 [stored(x, kind), i32(pairs), f32(w)], stored(rows, kind),
                 options=("--atol=0", "--rtol=0"))
    # A row of no pair is zero whatever the weights are.
    x, bins = floats(4, 8), i32([[3, 0, -1], [4, 3, 2]])
    w = f32([[.5, 2, nan], [nan, -1, 0]])
    rows = [.5 * x[3], 2 * x[0], 0 * x[0], 0 * x[0], -x[3], 0 * x[2]]
    case("dispatch_bins", "bins", [x, i32([0, 1, 2, 3, 4, 5]), bins, w], f32(rows))


def combine_cases():
    """Sums of rows as they are, and those that start with identity columns."""
    for tokens in (0, 1, 6):
        ids = np.resize(np.arange(-1, 6), (tokens, 2))
        x, w, init = floats(tokens, 8), floats(tokens, 2), floats(tokens, 8)
        live = ((ids >= 0) & (ids < 4))[:, :, None]
        scaled = np.where(live, w[:, :, None].astype(float) * x[:, None], 0)
        case(f"combine_input_{tokens}", "input", [f32(x), i32(ids), w, f32(init)],
             f32(init + scaled.sum(axis=1)))
        # Partial sums are rounded, the products are not: they are in the rows.
        sums = rounded(init, "bf16")
        for s in range(2):
            row = rounded(w[:, s, None] * x, "f32")
            sums = np.where(live[:, s], rounded(sums + row, "bf16"), sums)
        case(f"combine_rounded_{tokens}", "rounded",
             [f32(x), i32(ids), w, rounded(init, "bf16")], sums,
             options=("--atol=0", "--rtol=0"))
    for tokens in (0, 1, 5):
        # Ten slots and a width that fills no vector.
        ids = np.resize(np.arange(-1, 7), (tokens, 10))
        x, w = floats(tokens, 45), floats(tokens, 10)
        kept = np.where((ids >= 0) & (ids < 6), w, 0).sum(axis=1, keepdims=True)
        case(f"combine_identity_{tokens}", "identity", [f32(x), i32(ids), w],
             f32(x + kept * x), options=("--atol=2e-5",))
    tokens = i32([[2, 0, -1], [2, 1, 3]])
    x, w = floats(4, 8), floats(2, 3)
    result = np.zeros((4, 8))
    for (e, c), t in np.ndenumerate(tokens):
        if t >= 0:
            result[t] += w[e, c].astype(float) * x[t]
    case("combine_bins", "bins", [x, tokens, w], f32(result))


def score_cases():
    def scoped(logits, scope):
        scores = np.zeros(logits.shape)
        for begin in range(0, len(logits), scope):
            group = logits[begin:begin + scope].astype(float)
            with np.errstate(all="ignore"):
                e = np.exp(group - group.max(axis=0))
                scores[begin:begin + scope] = e / e.sum(axis=0)
        return scores

    for tokens in (0, 1, 3, 7):
        for kind in ("f32", "bf16", "f16"):
            logits = floats(tokens, 5, kind=kind)
            case(f"score_{kind}_{tokens}", f"scoped_{kind}", [stored(logits, kind)],
                 stored(scoped(logits, 3), kind), options=NARROW[kind])
        logits = floats(tokens, 5)
        case(f"score_large_{tokens}", "large", [logits], f32(scoped(logits, 1000)))
        case(f"score_one_{tokens}", "one", [logits], np.ones((tokens, 5), np.float32))
    # A NaN, an infinity and a group of -infinity stay in their group and column.
    logits = f32([[nan, 0, 0, -inf, inf], [0, 0, -inf, -inf, 0], [0, 0, 0, -inf, 0],
                  [0, 0, 0, 0, 0]])
    case("score_no_number", "scoped_f32", [logits], f32(scoped(logits, 3)))


virtual_cases()
weigh_cases()
route_cases()
dispatch_cases()
combine_cases()
score_cases()
sys.exit(main(__doc__))
