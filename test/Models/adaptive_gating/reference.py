#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the arguments of the model here, and what it computes for them.

    reference.py TOKENS THRESHOLD FOLDER [--narrow=bf16]

THRESHOLD is a number, or `sweep` for the arguments and results of @sweep. Follows
the paper's equations in f64, a token at a time, and shares nothing with the IR
but the shapes. The last of several tokens is zero, so that its experts tie.
"""

import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import data

D, E, F, DENSE = 8, 6, 12, 16
THRESHOLDS = [-1, 0, .1, .3, 1]


def norm(x, gain):
    x = x - x.mean()
    return x / np.sqrt(np.mean(x * x) + 1e-5) * gain


def mlp(x, up, down):
    return down @ np.maximum(up @ x, 0)


def choose(p, threshold, reading, narrow):
    """The one or two experts of a token."""
    first, second = np.argsort(-p, kind="stable")[:2]
    gap = p[first] - p[second]
    if reading == "top2":
        gap /= p[first] + p[second]
    # A tie of all is exact in every type; anything else has to be clear.
    if np.ptp(p) > 0:
        data.apart(p, 1, narrow)
        data.apart(p, 2, narrow)
        for t in THRESHOLDS:
            data.apart([gap, t], 1, narrow)
    return [first, second] if gap <= threshold else [first]


def moe(x, router, up, down, threshold, reading, narrow):
    logits = router @ x
    p = np.exp(logits - logits.max())
    p /= p.sum()
    chosen = choose(p, threshold, reading, narrow)
    return sum(p[e] * mlp(x, up[e], down[e]) for e in chosen), chosen


def model(x, threshold, layers, narrow):
    chosen = []
    for (gain, *parts), reading in zip(layers, ("full", None, "top2", "full")):
        n = norm(x, gain)
        if reading is None:
            x = x + mlp(n, *parts)
            continue
        y, experts = moe(n, *parts, threshold, reading, narrow)
        x = x + y
        chosen.append(experts)
    return x, chosen


def slots(chosen, layer):
    ids = np.full((len(chosen), 2), -1, np.int32)
    for t, experts in enumerate(chosen):
        ids[t, :len(experts[layer])] = experts[layer]
    return ids


def main(args):
    random = np.random.default_rng(7)
    some = data.weights(random, args.narrow)

    def gain():
        return data.rounded(1 + random.normal(size=D) / 8, args.narrow)

    def experts():
        return [gain(), some(E, D) * 2, some(E, F, D), some(E, D, F)]

    layers = [experts(), [gain(), some(DENSE, D), some(D, DENSE)], experts(),
              experts()]
    wide = [[part.astype(float) for part in parts] for parts in layers]
    sweep = args.threshold == "sweep"
    thresholds = THRESHOLDS if sweep else [float(args.threshold)]

    def run(t, x):
        # Clear at every threshold, so that all are given the same tokens.
        results = {at: model(x, at, wide, args.narrow)
                   for at in [*THRESHOLDS, *thresholds]}
        return [results[at] for at in thresholds]

    count = int(args.tokens)
    ties = 1 if count > 1 else 0
    x, results = data.tokens(random, count - ties, D, args.narrow, run)
    x = np.concatenate([x, np.zeros((ties, D), np.float32)])
    results += [run(t, np.zeros(D)) for t in range(count - ties, count)]
    y, rows, ids = [], [], []
    for i in range(len(thresholds)):
        chosen = [result[i][1] for result in results]
        y.append(np.array([result[i][0] for result in results],
                          np.float32).reshape(count, D))
        ids.append([slots(chosen, layer) for layer in range(3)])
        rows.append(np.array([(a >= 0).sum() for a in ids[-1]], np.int32))
    outputs = [np.array(y), np.array(rows)] if sweep else [y[0], rows[0], *ids[0]]
    inputs = [x, *(np.float32(t) for t in thresholds),
              *(part for parts in layers for part in parts)]
    data.save(args.folder, inputs, outputs, args.narrow)


main(data.arguments(__doc__, "TOKENS", "THRESHOLD"))
