# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What formulas.py draws its numbers with: numbers that bf16 can hold, of seven
tokens, and none of the decisions closer than MARGIN to another one."""

import functools
import pathlib
import sys

import numpy as np

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "Models"))

from data import Unclear, rounded, tokens  # noqa: E402

TOKENS = 7
MARGIN = .02


def softmax(values, axis=-1):
    e = np.exp(values - values.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def sqrtsoftplus(values):
    return np.sqrt(np.log1p(np.exp(values)))


def far(*distances, margin=MARGIN):
    if np.any(np.abs(distances) < margin):
        raise Unclear


def best(keys, k):
    """The ids of the k largest keys. Zeros of a fill may tie: the lower id is first."""
    order = np.argsort(-keys, kind="stable")
    for a, b in zip(order[:k], order[1:k + 1]):
        if np.isfinite(keys[b]) and not keys[a] == keys[b] == 0:
            far(keys[a] - keys[b])
    return order[:k]


def in_groups(keys, n, keep, top, fill):
    """Keys, but `fill` in all but the best groups."""
    groups = keys.reshape(n, -1)
    kept = best(np.sort(groups, axis=1)[:, -top:].sum(axis=1), keep)
    result = np.full(groups.shape, float(fill))
    result[kept] = groups[kept]
    return result.ravel()


def normalised(values, guard=0.0):
    return values / (values.sum() + guard)


def drawn(random, *shape):
    return rounded(random.normal(size=shape), "bf16")


def ids_of(rows, slots):
    return np.array([list(row) + [-1] * (slots - len(row)) for row in rows], np.int32)


def weights_of(rows, slots):
    return np.array([list(row) + [0] * (slots - len(row)) for row in rows], np.float32)


def routed(random, width, slots, route, *more):
    """Arguments and results of a router that gives a token, by its logits, ids and
    weights, and perhaps more."""
    logits, results = tokens(random, TOKENS, width, "bf16", lambda _, l: route(l))
    ids, weights, *others = zip(*results)
    return ([logits, *more], [ids_of(ids, slots), weights_of(weights, slots),
                              *(np.float32(other) for other in others)])


def until_clear(function):
    """Draws again until no decision is close."""
    @functools.wraps(function)
    def again(random):
        while True:
            try:
                return function(random)
            except Unclear:
                continue
    return again
