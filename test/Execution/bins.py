#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the ops on bins of bins.mlir and compares them with what follows here.

    bins.py [--only PREFIX] FOLDER -- moe-run BINS.MLIR --backend=...

Published numbers where there are some, else those of the few lines of numpy
below, which compute in f64.
"""

import sys

import numpy as np

from cases import case, f32, i32, main
from reference import rounded, to_bf16

nan, inf = np.nan, np.inf
A = np.asarray([[2, 1, 0, -1], [.45, .2, -.5, .1], [-1, .5, 1.5, .9],
                [1.2, -.4, .6, 1.08], [0, 3, -2, .4], [.7, .58, .8, -.3]])


def softmax(values, axis=1):
    with np.errstate(all="ignore"):
        e = np.exp(values - np.max(values, axis=axis, keepdims=True, initial=-inf))
        return e / e.sum(axis=axis, keepdims=True)


def pick(keys, size, scope=None, nan_first=False, count=None, by_index=False):
    """tokens[E, groups * size]: the largest keys of every column."""
    tokens, experts = keys.shape
    bins = [[] for _ in range(experts)]
    step = scope or max(tokens, 1)
    for begin in range(0, tokens, step) if scope else [0]:
        group = range(begin, min(begin + step, tokens))
        for e in range(experts):
            def rank(t, e=e):
                is_nan = np.isnan(keys[t, e])
                return is_nan != nan_first, 0 if is_nan else -keys[t, e], t
            limit = size if count is None else min(max(count, 0), size)
            picked = sorted(group, key=rank)[:limit]
            picked = sorted(picked) if by_index else picked
            bins[e] += picked + [-1] * (size - len(picked))
    return np.asarray(bins, np.int32).reshape(experts, -1)


def entries(bins):
    return [(e, c, t) for e, row in enumerate(bins) for c, t in enumerate(row)
            if t >= 0]


def values(source, bins, change=lambda group: group):
    """What `change` makes of the values of a token's entries."""
    weights = np.zeros(bins.shape)
    for token in set(bins.flat) - {-1}:
        own = [(e, c) for e, c, t in entries(bins) if t == token]
        with np.errstate(all="ignore"):
            changed = change(np.asarray([source[token, e] for e, _ in own], float))
        for at, weight in zip(own, changed):
            weights[at] = weight
    return weights


def plan(bins):
    live = [e * bins.shape[1] + c for e, c, _ in entries(bins)]
    offsets = np.cumsum([0] + [(row >= 0).sum() for row in bins])
    return i32(offsets), i32(live + [-1] * (bins.size - len(live)))


def published_cases():
    case("v9", "v9", [f32(A)],
         i32([[0, 3, 1], [4, 1, 5], [2, 5, 3], [3, 2, 1]]),
         f32([[.643914, .379128, .348404], [.884331, .271337, .263967],
              [.500306, .328923, .208070], [.336257, .274574, .245516]]))
    # Token by token: 0 0:.235935 1:.048316, and so on.
    published = [{0: .235935, 1: .048316}, {}, {2: .218167, 3: .134995},
                 {3: .107746, 0: .070675, 2: .059134}, {1: .357009, 3: .081879},
                 {2: .072226, 0: .042866, 1: .021164}]
    bins = pick(softmax(A, 0), 3)
    assert sorted((t, e) for e, _, t in entries(bins)) == sorted(
        (t, e) for t, row in enumerate(published) for e in row)
    weights = np.zeros(bins.shape)
    for e, c, t in entries(bins):
        weights[e, c] = published[t][e]
    case("v9b", "v9b", [f32(A)], i32(bins), f32(weights))


def random_keys(tokens, seed, experts=4):
    """Multiples of 1/4, which tie."""
    rng = np.random.default_rng(seed)
    return rng.integers(-4, 5, (tokens, experts)) / 4


SPECIAL = np.asarray([[nan, 1, -inf, 0], [1, nan, -inf, -0.], [2, 1, nan, 0],
                      [inf, 1, -inf, nan], [nan, nan, -inf, 0.]])


def select_cases():
    for tokens in (0, 1, 2, 3, 6, 13):
        prefix = "none-" if tokens == 0 else ""
        keys = random_keys(tokens, tokens)
        case(f"{prefix}plain{tokens}", "plain", [f32(keys, 4)], pick(keys, 3))
        bins = pick(keys, 3, scope=4)
        case(f"{prefix}scoped{tokens}", "scoped", [f32(keys, 4)], bins,
             *plan(bins))
        bins = pick(keys, 3)
        case(f"{prefix}plan{tokens}", "plan", [bins], *plan(bins))
        case(f"{prefix}ordered{tokens}", "ordered", [f32(keys, 4)],
             pick(keys, 3, scope=5, by_index=True))
        case(f"{prefix}static{tokens}", "static",
             [f32(random_keys(7, tokens))],
             pick(random_keys(7, tokens), 2, scope=3))
    keys = random_keys(9, 5)
    for count in (-1, 0, 2, 7):
        case(f"counted{count}", "counted", [f32(keys), np.asarray(count, np.int64)],
             pick(keys, 3, scope=4, count=count))
    # A NaN ranks behind everything, -infinity included, or before it.
    case("nan-last", "plain", [f32(SPECIAL)], pick(SPECIAL, 3))
    case("nan-first", "nan_first", [f32(SPECIAL)],
         pick(SPECIAL, 3, nan_first=True))
    # Keys that tie once they are rounded.
    keys = 1 + np.random.default_rng(3).random((11, 4)) / 64
    keys = rounded(keys, "bf16")
    case("narrow", "narrow", [to_bf16(keys)], pick(keys, 3))


def weigh_cases():
    rng = np.random.default_rng(4)
    gains = np.asarray([.5, 2, -1, 3])
    changes = {"hits": lambda v: v / len(v), "sum": lambda v: v / v.sum(),
               "softmax_selected": lambda v: softmax(v[None])[0],
               "lp": lambda v: v / np.sqrt((v * v).sum()),
               "sigmoid": lambda v: 1 / (1 + np.exp(-v))}
    for tokens in (0, 1, 2, 6, 13):
        source = rng.random((tokens, 4)) + .25
        bins = pick(source, 3)
        for name, change in changes.items():
            prefix = "none-" if tokens == 0 else ""
            case(f"{prefix}{name}{tokens}", f"weigh_{name}",
                 [f32(source, 4), bins], f32(values(source, bins, change)))
        expected = values(source, bins) * gains[:, None] * 1.5 * 2
        case(f"{prefix}factors{tokens}", "weigh_factors",
             [f32(source, 4), bins, f32(gains), f32(1.5)],
             f32(np.where(bins < 0, 0, expected)))
    # Entries that are no token, and a token twice in a bin.
    bins = i32([[0, 0, 7], [-1, -1, -1], [-2, 1, -1], [0, 1, 6]])
    source = rng.random((6, 4)) + .25
    case("hits-odd", "weigh_hits", [f32(source), bins],
         f32(values(source, np.where(bins > 5, -1, bins), changes["hits"])))


def combine(tokens, weights, rows_of, init):
    result = np.array(init, float)
    for e, c, t in entries(tokens):
        if t < len(result):
            result[t] += weights[e, c] * rows_of(e, t)
    return result


def block_cases():
    rng = np.random.default_rng(6)
    for tokens in (0, 1, 2, 6, 13):
        prefix = "none-" if tokens == 0 else ""
        x = rng.standard_normal((tokens, 8))
        init = rng.standard_normal((tokens, 8))
        experts = rng.standard_normal((4, 8, 8))
        logits = rng.standard_normal((tokens, 4))
        scores = softmax(logits)
        for entry, scope in (("block", None), ("block_scoped", 4)):
            bins = pick(scores, 3, scope)
            result = combine(bins, values(scores, bins),
                             lambda e, t: x[t] @ experts[e], init)
            case(f"{prefix}{entry}{tokens}", entry,
                 [f32(x, 8), f32(logits, 4), f32(experts), f32(init, 8)],
                 f32(result, 8))
    # What no token is has a row of zeros, and counts nowhere.
    bins = i32([[0, 0, 7], [-1, -1, -1], [-2, 1, -1], [0, 1, 6]])
    x = rng.standard_normal((6, 8))
    weights = rng.standard_normal((4, 3))
    offsets, pairs = plan(bins)
    flat = bins.reshape(-1)[np.maximum(pairs, 0)]
    dead = (pairs < 0) | (flat >= 6)
    rows = np.where(dead[:, None], 0, x[np.where(dead, 0, flat)])
    case("dispatch-odd", "dispatch", [f32(x), pairs, bins], f32(rows))
    result = combine(bins, weights, lambda e, t: x[t], np.zeros((6, 8)))
    case("combine-odd", "combine",
         [f32(rows), pairs, f32(weights), f32(np.zeros((6, 8))), bins],
         f32(result))
    # Ascending experts: 2^24 + 1 - 2^24 is 0 in f32, 2^24 - 2^24 + 1 is not.
    bins = i32([[-1, 0, -1], [0, -1, -1], [-1, -1, -1], [-1, -1, 0]])
    _, pairs = plan(bins)
    weights = np.zeros((4, 3))
    weights[bins == 0] = [2 ** 24, -2 ** 24, 1]
    case("ordered-sum", "combine",
         [f32(np.ones((12, 8))), pairs, f32(weights), f32(np.zeros((1, 8))),
          bins], f32(np.ones((1, 8))))


if __name__ == "__main__":
    published_cases()
    select_cases()
    weigh_cases()
    block_cases()
    sys.exit(main(__doc__))
