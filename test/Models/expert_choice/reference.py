#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the arguments of the model here, and what it computes for them.

    reference.py FORM TOKENS CAPACITY FOLDER [--narrow=bf16]

FORM is static or dynamic. Follows the published definitions in f64, an expert
at a time, and shares nothing with the IR but the shapes.
"""

import math
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import data

D, E, F, DENSE, GROUP = 8, 4, 12, 16, 8


def norm(x, gain):
    x = x - x.mean(axis=1, keepdims=True)
    return x / np.sqrt(np.mean(x * x, axis=1, keepdims=True) + 1e-5) * gain


def gelu(v):
    return v / 2 * (1 + np.vectorize(math.erf, otypes=[float])(v / math.sqrt(2)))


def softmax(l, axis):
    p = np.exp(l - np.max(l, axis=axis, keepdims=True, initial=-np.inf))
    return p / p.sum(axis=axis, keepdims=True)


def picks(keys, capacity, group, narrow):
    """Per expert the tokens it takes."""
    taken = [[] for _ in range(E)]
    for begin in range(0, len(keys), max(group, 1)):
        own = keys[begin:begin + group]
        for e in range(E):
            data.apart(own[:, e], capacity, narrow, data.MARGIN[narrow] / 3)
            best = np.argsort(-own[:, e], kind="stable")[:capacity]
            taken[e] += [begin + t for t in best]
    return taken


def moe(x, router, up, down, mesh, capacity, group, narrow):
    logits = x @ router.T
    s = softmax(logits, 0 if mesh else 1)
    if mesh:
        capacity = max(len(x) * capacity // group, 1)
        # A softmax over tokens ranks them like their logits.
        taken = picks(logits, capacity, len(x), narrow)
    else:
        taken = picks(s, capacity, group, narrow)
    hits = np.bincount(np.array(sum(taken, []), int), minlength=len(x))
    y = np.zeros_like(x)
    for e in range(E):
        for t in taken[e]:
            weight = s[t, e] / (hits[t] if mesh else 1)
            y[t] += weight * (down[e] @ gelu(up[e] @ x[t]))
    return y, hits


def model(x, layers, capacity, group, narrow):
    hits = []
    for (gain, *parts), kind in zip(layers, ("paper", "dense", "mesh", "paper")):
        n = norm(x, gain)
        if kind == "dense":
            up, down = parts
            x = x + np.maximum(n @ up.T, 0) @ down.T
            continue
        y, counts = moe(n, *parts, kind == "mesh", capacity, group, narrow)
        x = x + y
        hits.append(counts)
    return x, hits


def main(args):
    random = np.random.default_rng(11)
    some = data.weights(random, args.narrow)

    def gain():
        return data.rounded(1 + random.normal(size=D) / 8, args.narrow)

    def experts():
        return [gain(), some(E, D) * 2, some(E, F, D), some(E, D, F)]

    layers = [experts(), [gain(), some(DENSE, D), some(D, DENSE)], experts(),
              experts()]
    wide = [[part.astype(float) for part in parts] for parts in layers]
    tokens, capacity = int(args.tokens), int(args.capacity)
    static = args.form == "static"
    group = tokens if static else GROUP
    while True:
        x = data.rounded(random.normal(size=(tokens, D)), args.narrow)
        try:
            y, hits = model(x.astype(float), wide, capacity, group, args.narrow)
            break
        except data.Unclear:
            continue
    # The ordinary hard cases are there: tokens that no expert takes, or several.
    if tokens >= 10 and 2 * capacity <= group:
        assert min(map(min, hits)) == 0 and max(map(max, hits)) > 1
    inputs = [x, *([] if static else [np.int32(capacity)]),
              *(part for parts in layers for part in parts)]
    data.save(args.folder, inputs, [y.astype(np.float32)], args.narrow)


main(data.arguments(__doc__, "FORM", "TOKENS", "CAPACITY"))
