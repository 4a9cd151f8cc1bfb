#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs pathological.mlir, or with --gate pathological-gate.mlir, and compares it
with what follows here.

    pathological.py [--gate] [--only PREFIX] FOLDER -- moe-run FILE --backend=...

Names of cases begin with the row of README.md's table that they belong to. The
lines of numpy below compute in f64.
"""

import sys

import numpy as np

import cases
from bins import pick, softmax
from cases import f32, i32

nan, inf = np.nan, np.inf
# Good tokens stand around bad ones, to see whether these touch them.
GOOD = [[2, 1, 0, -1], [-1, .5, 1.5, .9]]
GATE = "--gate" in sys.argv


def among(*rows):
    return np.asarray([GOOD[0], *rows, GOOD[1]], float)


def ranked(keys, count):
    """Ids by falling key, NaN first, the lower id among equals."""
    return sorted(range(len(keys)),
                  key=lambda e: (not np.isnan(keys[e]),
                                 0 if np.isnan(keys[e]) else -keys[e], e))[:count]


def sigmoid(values):
    with np.errstate(all="ignore"):
        return 1 / (1 + np.exp(-values))


SCORES = {"softmax": softmax, "sigmoid": sigmoid,
          "relu": lambda v: np.where(v > 0, v, np.where(np.isnan(v), v, 0)),
          "identity": lambda v: v}


def weighed(scores, ids, norm=None, eps=0, clamp=0):
    live = ids >= 0
    w = np.take_along_axis(scores, np.maximum(ids, 0).astype(np.int64), axis=1)
    w = np.where(live, w, 0)
    with np.errstate(all="ignore"):
        if norm == "selected":
            v = np.where(live, w, -inf)
            w = np.exp(v - v.max(1, keepdims=True))
            norm = "sum"
        if norm:
            w = w / np.maximum(w.sum(1, keepdims=True) + eps, clamp)
    return np.where(live, w, 0)


ROUTERS = {"softmax_sum": ("softmax", dict(norm="sum")),
           "softmax_raw": ("softmax", {}),
           "sigmoid_sum": ("sigmoid", dict(norm="sum")),
           "sigmoid_eps": ("sigmoid", dict(norm="sum", eps=1e-20)),
           "selected": ("identity", dict(norm="selected")),
           "relu_sum": ("relu", dict(norm="sum")),
           "relu_eps": ("relu", dict(norm="sum", eps=1e-20)),
           "relu_clamp": ("relu", dict(norm="sum", clamp=1e-12))}


def routed(row, entry, logits, ids=None):
    """A case of the two best by score, or of these ids."""
    logits = np.asarray(logits, float).reshape(-1, 4)
    score, how = ROUTERS[entry]
    scores = SCORES[score](logits)
    if ids is None:
        ids = [ranked(keys, 2) for keys in scores]
    ids = i32(ids, 2)
    cases.case(f"{row}-{entry}", entry, [f32(logits, 4)], ids,
               f32(weighed(scores, ids, **how), 2))


def stages(*args):
    """A case that a gate is no part of."""
    if not GATE:
        cases.case(*args)


def router_cases():
    for entry in ("softmax_sum", "softmax_raw", "sigmoid_sum", "selected"):
        routed("ties", entry, [[1, 1, 1, 1], [0, 2, 2, 2], [-1, 3, -1, 3],
                               [0., -0., -1, 0.]])
        routed("nan", entry, among([1, nan, 0, 2], [nan] * 4, [0, 3, 1, nan]))
        routed("minus-infinity", entry,
               among([-inf, -inf, -1, -inf], [3, -inf, 1, 2]))
        routed("all-minus-infinity", entry, among([-inf] * 4))
        routed("plus-infinity", entry, among([1, 2, inf, 2], [inf, 0, 0, inf]))
        routed("no-tokens", entry, [])
    routed("all-minus-infinity", "sigmoid_eps", among([-inf] * 4))
    # All scores are zero, and so is their sum.
    for entry in ("relu_sum", "relu_eps", "relu_clamp"):
        routed("zero-sum", entry, among([-1, -2, -3, -4], [-1, 2, -inf, 0]))
    rows = among([-1, -2, -.5, 0], [-inf] * 4)
    ids = [[0, 1, -1, -1], [-1] * 4, [-1] * 4, [2, 3, 1, -1]]
    cases.case("no-live-slot-positive", "positive", [f32(rows)], i32(ids),
               f32(weighed(SCORES["relu"](rows), i32(ids), "sum")))


def rule_cases():
    # What a gap compares with NaN is false: one expert.
    rows = among([1, nan, 0, 2], [1, 1, 1, 1])
    scores = softmax(rows)
    ids = i32([[0, -1], [0, -1], [0, 1], [2, 3]])
    cases.case("gap-nan", "gap", [f32(rows), f32(.3)], ids,
               f32(weighed(scores, ids)))
    # The best group has negative keys only.
    keys = f32([[-1, -2, -3, -4], [-4, -3, -2, -2], [2, 1, 0, -1]])
    for fill, ids in (("infinity", [[0, 1], [2, 3], [0, 1]]),
                      ("zero", [[2, 3], [0, 1], [0, 1]])):
        cases.case(f"negative-keys-{fill}", f"fill_{fill}", [keys], i32(ids),
                   f32(np.ones((3, 2))))
    # Rows 7 and -1 are not there, nor are experts -1 and 4.
    table = i32([[0, -1], [4, 1], [2, 2]])
    tokens = np.asarray([-1, 0, 7, 1, 2], np.int64)
    ids = i32([[-1, -1], [0, -1], [-1, -1], [-1, 1], [2, 2]])
    rows = np.asarray([GOOD[0]] * 5, float)
    cases.case("table-range-and-duplicates", "table",
               [f32(rows), table, tokens], ids,
               f32(weighed(sigmoid(rows), ids, "sum")))


def bin_cases():
    columns = np.asarray([[1, nan, -inf, 0], [1, 2, nan, nan], [1, 0, 3, nan],
                          [1, 2, 2, nan], [0, 2, 2, 5]])
    stages("ties-by-expert", "bins", [f32(columns)], pick(columns, 3))
    # Behind -infinity even.
    keys = f32([[nan, -inf], [-inf, nan]] * 2).reshape(2, 4)
    stages("nan-by-expert", "bins", [keys],
           pick(np.asarray(keys, float), 3))
    stages("nan-by-expert-others", "bins", [f32(columns[:3])],
           pick(columns[:3], 3))
    for tokens in (1, 2):
        stages(f"few-tokens-{tokens}", "bins", [f32(columns[:tokens])],
               pick(columns[:tokens], 3))
    stages("no-tokens-bins", "bins", [np.zeros((0, 4), np.float32)],
           i32([[-1] * 3] * 4))
    ids = i32([[0, 1], [0, -1], [3, 3]])
    w = f32([[.5, .25], [1, 0], [.5, .5]])
    stages("capacity-none", "limit_none", [ids, w], ids, w)
    stages("capacity-zero", "limit_zero", [ids, w], i32(np.full((3, 2), -1)),
           f32(np.zeros((3, 2))))


def block_cases():
    rng = np.random.default_rng(9)
    matrices = rng.standard_normal((4, 4, 4))

    def block(x, ids, weights, init, matrices=matrices):
        result = np.array(init, float)
        for t, s in np.ndindex(*ids.shape):
            if ids[t, s] >= 0:
                result[t] += weights[t, s] * (x[t] @ matrices[ids[t, s]])
        return f32(result, 4)

    def chosen(logits):
        scores = softmax(logits)
        ids = i32([ranked(row, 2) for row in scores], 2)
        return ids, weighed(scores, ids, "sum")

    for name, logits in (("nan-block", among([1, nan, 0, 2])),
                         ("plus-infinity-block", among([1, inf, 0, 2])),
                         ("no-tokens-block", np.zeros((0, 4)))):
        x, init = rng.standard_normal((2, len(logits), 4))
        ids, weights = chosen(logits)
        stages(name, "block", [f32(x, 4), f32(logits, 4), f32(matrices),
                               f32(init, 4)], block(x, ids, weights, init))
    # Nobody reads an expert without tokens, and rows of others stay clean.
    logits = np.asarray([[2, 1, -9, -9], [1, 2, -9, -9], [1, 1, -9, -9.]])
    x, init = rng.standard_normal((2, 3, 4))
    ids, weights = chosen(logits)
    holes = matrices.copy()
    holes[2:] = nan
    stages("idle-expert", "block", [f32(x), f32(logits), f32(holes), f32(init)],
           block(x, ids, weights, init))
    stages("no-live-slot-capacity-zero-block", "block_zero",
           [f32(x), f32(logits), f32(holes * nan), f32(init)], f32(init))
    table = i32([[1, 1], [0, -1], [3, 9], [-5, 4]])
    tokens = np.asarray([0, 1, 2, 3, -1, 99], np.int64)
    ids = i32([[1, 1], [0, -1], [3, -1], [-1, -1], [-1, -1], [-1, -1]])
    x, init = rng.standard_normal((2, 6, 4))
    stages("table-range-and-duplicates-block", "block_table",
           [f32(x), table, tokens, f32(matrices), f32(init)],
           block(x, ids, weighed(sigmoid(x), ids, "sum"), init))


def product_cases():
    """Of a gate with its own matmul."""
    rows = among([1, nan, 0, 2], [0, 0, 0, 0])
    router = np.eye(4)[::-1]
    with np.errstate(all="ignore"):
        logits = rows @ router.T
    scores = sigmoid(logits)
    ids = i32([ranked(keys, 2) for keys in scores])
    cases.case("nan-product", "product", [f32(rows), f32(router)], ids,
               f32(weighed(scores, ids, "sum")))


router_cases()
rule_cases()
bin_cases()
block_cases()
if GATE:
    product_cases()
    sys.argv.remove("--gate")
if __name__ == "__main__":
    sys.exit(cases.main(__doc__))
