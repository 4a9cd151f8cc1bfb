#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arguments and results of the routers of this folder, from their formulas in f64.

    formulas.py --write     writes Values/<router>/in<i>.npy and out<i>.npy
    formulas.py --check     exits 1 unless these are what the formulas give

drawing.py keeps what a router decides apart: f32 and bf16 have to choose the same
experts in the same order.
"""

import argparse
import math
import pathlib
import shutil
import sys
import zlib

import numpy as np

from drawing import (TOKENS, Unclear, best, drawn, far, ids_of, in_groups, normalised, rounded,
                     routed, sigmoid, softmax, sqrtsoftplus, tokens, until_clear,
                     weights_of)

VALUES = pathlib.Path(__file__).resolve().parent / "Values"
ROUTERS = {}


def router(function):
    ROUTERS[function.__name__] = function
    return function


# Softmax.


@router
def mixtral(random):
    def route(l):
        s = softmax(l)
        ids = best(s, 2)
        return ids, normalised(s[ids])
    return routed(random, 8, 2, route)


@router
def olmoe(random, scale=1):
    def route(l):
        s = softmax(l)
        ids = best(s, 3)
        return ids, s[ids] * scale
    return routed(random, 8, 3, route)


@router
def dbrx(random):
    def route(l):
        s = softmax(l)
        ids = best(s, 3)
        return ids, s[ids] / np.linalg.norm(s[ids], ord=1)
    return routed(random, 8, 3, route)


@router
def deepseek_v2(random):
    return olmoe(random, 16)


@router
def deepseek_v2_group(random):
    def route(l):
        s = softmax(l)
        ids = best(in_groups(s, 4, 2, 1, 0), 3)
        return ids, s[ids] * 16
    return routed(random, 12, 3, route)


@router
def mistral_large4(random):
    def route(l):
        s = softmax(l)
        ids = best(in_groups(s, 4, 2, 2, 0), 3)
        return ids, normalised(s[ids]) * 2.5
    return routed(random, 12, 3, route)


@router
def ernie4_5_moe(random):
    bias = drawn(random, 8) / 4

    def route(l):
        s = softmax(l)
        ids = best(s + bias, 3)
        return ids, s[ids] / max(s[ids].sum(), 1e-12)
    return routed(random, 8, 3, route, bias)


@router
def gemma4(random):
    scales = drawn(random, 8)

    def route(l):
        s = softmax(l)
        ids = best(s, 2)
        return ids, normalised(s[ids]) * scales[ids]
    return routed(random, 8, 2, route, scales)


@router
def soft_moe(random):
    logits = drawn(random, TOKENS, 8)
    wide = logits.astype(float)
    return [logits], [np.float32(softmax(wide, 0)), np.float32(softmax(wide, 1))]


# Sigmoid and the root of a softplus.


def biased(random, width, slots, weigh, score=sigmoid, key=lambda s, l: s,
           bias=None, group=lambda keys: keys):
    bias = drawn(random, width) / 4 if bias is None else bias

    def route(l):
        s = score(l)
        ids = best(group(key(s, l) + bias), slots)
        return ids, weigh(s[ids])
    return routed(random, width, slots, route, bias)


@router
def deepseek_v3(random):
    return biased(random, 16, 5, lambda s: normalised(s, 1e-20) * 2.5,
                  group=lambda keys: in_groups(keys, 4, 2, 2, -math.inf))


@router
def axk2(random):
    # Half of every group has keys below 0, and loses to the zeros of the others.
    bias = rounded(np.abs(drawn(random, 16)) / 8 - np.tile([0, 0, 1.25, 1.25], 4), "bf16")
    return biased(random, 16, 5, lambda s: normalised(s, 1e-20) * 2.5, bias=bias,
                  group=lambda keys: in_groups(keys, 4, 2, 2, 0))


@router
def deepseek_inference(random):
    return biased(random, 16, 5, lambda s: normalised(s) * 2.5,
                  group=lambda keys: in_groups(keys, 4, 2, 2, -math.inf))


@router
def minimax_m2(random):
    return biased(random, 8, 3, normalised)


@router
def hy_v3(random):
    return biased(random, 8, 3, lambda s: normalised(s, 1e-20) * 2.826)


@router
def lfm2_moe(random):
    return biased(random, 8, 3, lambda s: normalised(s, 1e-6))


@router
def muse_spark(random):
    return biased(random, 8, 3, lambda s: normalised(s, 1e-15),
                  score=lambda l: sigmoid(l * .1768))


@router
def kolibri1(random):
    return biased(random, 8, 3, normalised, key=lambda s, l: l)


@router
def inkling(random):
    bias, factor = drawn(random, 8) / 4, np.float32(.75)

    def route(l):
        s = sigmoid(l)
        ids = best(s[:8] + bias, 3)
        w = normalised(np.concatenate([s[ids], s[8:]])) * 2.5 * factor
        return ids, w[:3], w[3:]
    return routed(random, 10, 3, route, bias, factor)


@router
def deepseek_v4(random):
    return biased(random, 8, 3, lambda s: normalised(s, 1e-20) * 1.5,
                  score=sqrtsoftplus)


# Logits and tables.


@router
def granitemoe(random):
    def route(l):
        ids = best(l, 3)
        return ids, softmax(l[ids])
    return routed(random, 8, 3, route)


@router
def gpt_oss(random):
    bias = drawn(random, 8) / 2

    def route(l):
        l = l + bias
        ids = best(l, 3)
        return ids, softmax(l[ids])
    return routed(random, 8, 3, route, bias)


@router
def cohere2_sigmoid(random):
    def route(l):
        ids = best(l, 3)
        return ids, normalised(sigmoid(l[ids]))
    return routed(random, 8, 3, route)


@router
def llama4(random):
    x = drawn(random, TOKENS, 4)
    arguments, (ids, weights) = routed(
        random, 8, 1, lambda l: (best(l, 1), sigmoid(l[best(l, 1)])), x)
    # Rows come expert by expert.
    order = np.argsort(ids[:, 0], kind="stable")
    exact = sigmoid(arguments[0].max(axis=1).astype(float))[:, None] * x
    return arguments, [ids, weights, np.float32(exact[order])]


@router
def phimoe(random):
    logits, results = [], []
    while len(logits) < TOKENS:
        l = drawn(random, 8)
        # Every other token has its two best within the band.
        first, second = np.argsort(-l)[:2]
        if len(logits) % 2:
            l[second] = rounded(l[[first]] * (1 - 3 / 256), "bf16")[0]
        left, weights = l.astype(float), []
        for e in (first, second):
            largest = left[e]
            distance = (largest - l) / np.maximum(np.abs(l), largest)
            weights.append(1 / np.exp(left[distance <= .02] - largest).sum())
            left[e] = -math.inf
        if l[second] > 0 and (np.abs(distance - .02) > .005).all():
            logits.append(l)
            results.append(((first, second), weights))
    ids, weights = zip(*results)
    return [np.float32(logits)], [ids_of(ids, 2), weights_of(weights, 2)]


def table_of(random, rows, slots):
    table = np.array([random.choice(8, slots, replace=False) for _ in range(rows)], np.int32)
    return table, random.integers(0, rows, TOKENS)


@router
def deepseek_v4_hash(random):
    logits, (table, words) = drawn(random, TOKENS, 8), table_of(random, 11, 3)
    ids = table[words]
    s = np.take_along_axis(sqrtsoftplus(logits.astype(float)), ids, axis=1)
    w = s / (s.sum(axis=1, keepdims=True) + 1e-20) * 1.5
    return [logits, table, words], [ids, np.float32(w)]


@router
def hash_layers(random):
    logits, (table, words) = drawn(random, TOKENS, 8), table_of(random, 11, 1)
    return [logits, table, words], [table[words], np.ones((TOKENS, 1), np.float32)]


# As many experts as a rule says.


def leading(s, p, strict):
    """The experts before which less than p is summed, or at most p."""
    order = np.argsort(-s)
    before = np.concatenate([[0], np.cumsum(s[order])[:-1]])
    kept = order[(before < p) if strict else (before <= p)]
    far(*(before - p))
    best(s, len(kept))
    return kept


@router
def top_p(random):
    def route(l):
        s = softmax(l)
        ids = leading(s, .40625, strict=False)
        return ids, s[ids]
    return routed(random, 8, 8, route, np.float32(.40625))


@router
@until_clear
def xmoe(random):
    p = np.float32(.625)

    def route(l):
        s = softmax(l)
        ids = leading(s, p, strict=True)
        return ids, s[ids]
    (logits, _), (ids, weights) = routed(random, 8, 8, route, p)
    room, dropped = max(math.ceil(1.25 * TOKENS / 8), 1), []
    for e in range(8):
        named = sorted((s, -weights[t, s], t) for t, s in zip(*np.nonzero(ids == e)))
        for a, b in zip(named, named[1:]):
            if a[0] == b[0]:
                far(a[1] - b[1], margin=.04)
        dropped += named[room:]
    for s, _, t in dropped:
        ids[t, s], weights[t, s] = -1, 0
    # Of first slots, and of later ones.
    if len({s for s, _, _ in dropped}) < 3:
        raise Unclear
    return [logits, p], [ids, weights]


@router
def remoe(random):
    def route(l):
        far(*l, margin=.004)
        ids = best(l, (l > 0).sum())
        return ids, l[ids]
    return routed(random, 8, 8, route)


@router
def dynmoe(random):
    thresholds = rounded(sigmoid(drawn(random, 8) + 1), "bf16")

    def route(l):
        s = sigmoid(l)
        far(*(s - thresholds))
        ids = best(s, max((s > thresholds).sum(), 1))
        above = [e for e in best(s, 8) if s[e] > thresholds[e]] or ids[:1]
        return above, np.full(len(above), 1 / len(above))
    return routed(random, 8, 8, route, thresholds)


# Capacity.


def limit(ids, weights, capacity, scope=TOKENS, after=False, guard=1.1920929e-07):
    """First slots before second ones, earlier tokens before later ones. Numbers that
    show nothing of it are not taken."""
    given, ids, weights = ids, ids.copy(), weights.astype(float)
    for begin in range(0, TOKENS, scope):
        room = {}
        for s in range(ids.shape[1]):
            for t in range(begin, min(begin + scope, TOKENS)):
                e = ids[t, s]
                if e < 0:
                    continue
                room[e] = room.get(e, capacity) - 1
                if room[e] < 0:
                    ids[t, s], weights[t, s] = -1, 0
    if (ids == given).all() or after and not ((ids >= 0).sum(axis=1) == 1).any():
        raise Unclear
    if after:
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), guard)
    return [ids, np.float32(weights)]


def two_best(random, norm=lambda values: values, second=lambda s: True):
    def route(l):
        s = softmax(l)
        ids = best(s, 2)
        count = 2 if second(s[ids]) else 1
        return ids[:count], norm(s[ids])[:count]
    return routed(random, 8, 2, route)


@router
@until_clear
def switch_transformers(random):
    def route(l):
        s = softmax(l)
        ids = best(s, 1)
        return ids, s[ids]
    arguments, results = routed(random, 8, 1, route)
    return arguments, limit(*results, 1, scope=4)


@router
@until_clear
def nllb_moe(random):
    arguments, results = two_best(random)
    return arguments, limit(*results, 2, after=True)


@router
@until_clear
def nllb_moe_before(random):
    arguments, results = two_best(random, normalised)
    return arguments, limit(*results, 2)


@router
@until_clear
def gshard(random):
    arguments, results = two_best(random, lambda s: normalised(s, 1e-9))
    return arguments, limit(*results, math.floor(2 * TOKENS / 8))


@router
@until_clear
def gshard_threshold(random):
    def second(s):
        share = s[1] / (s.sum() + 1e-9)
        far(share - .203125)
        return share > .203125
    arguments, results = two_best(random, lambda s: normalised(s, 1e-9), second)
    return ([*arguments, np.float32(1 - 2 * .203125)],
            limit(*results, math.floor(2 * TOKENS / 8)))


@router
@until_clear
def deepspeed(random):
    arguments, results = two_best(random)
    return arguments, limit(*results, math.ceil(2 * TOKENS / 8), after=True)


# States, and columns that are no experts.


@router
def longcat_flash(random):
    x, init = drawn(random, TOKENS, 4), drawn(random, TOKENS, 4)
    bias = drawn(random, 12) / 8

    def route(l):
        s = softmax(l)
        ids = best(s + bias, 5)
        return ids, s[ids] * 6
    arguments, (ids, weights) = routed(random, 12, 5, route, bias, x, init)
    kept = np.where(ids >= 8, weights, 0).astype(float).sum(axis=1, keepdims=True)
    return arguments, [ids, weights, np.float32(init + kept * x)]


@router
def adamoe(random):
    def route(l):
        s = softmax(l)
        ids = best(s, 3)
        real = np.where(ids < 6, s[ids], 0)
        return ids, real / (real.sum() or 1)
    return routed(random, 8, 3, route)


@router
@until_clear
def moepp(random):
    x, init, mix = drawn(random, TOKENS, 4), drawn(random, TOKENS, 4), drawn(random, TOKENS, 4)
    before, vectors = drawn(random, TOKENS, 8), drawn(random, 2, 4)
    matrix = drawn(random, 8, 8) / 4

    def route(t, l):
        h = l + matrix.astype(float) @ before[t]
        s = softmax(h)
        ids = best(s, 2)
        real = np.where(ids < 7, s[ids], 0)
        weights = real / real.sum()
        twice, y = 2 * x[t].astype(float), init[t].astype(float)
        for e, w in zip(ids, weights):
            if e in (4, 5):
                a, b = mix[t, 2 * (e - 4):2 * (e - 4) + 2]
                y = y + w * (a * twice + b * vectors[e - 4].astype(float))
            elif e == 6:
                y = y + w * twice
        return ids, weights, h, y
    logits, results = tokens(random, TOKENS, 8, "bf16", route)
    ids, weights, h, y = zip(*results)
    # Every kind of column is picked.
    if not {4, 5, 6, 7} <= {e for row in ids for e in row}:
        raise Unclear
    return ([logits, before, matrix, x, mix, vectors, init],
            [np.float32(h), ids_of(ids, 2), weights_of(weights, 2), np.float32(y)])


@router
def zaya(random):
    before, a = drawn(random, TOKENS, 4), drawn(random, 4)
    layers, bias = drawn(random, 9, 4), np.float32([0] * 8 + [-.125])

    def route(t, x):
        state = x + a * before[t].astype(float)
        s = softmax(layers.astype(float) @ state)
        ids = best(s + bias, 1)
        return state, ids, np.where(ids < 8, s[ids], 0)
    x, results = tokens(random, TOKENS, 4, "bf16", route)
    state, ids, weights = zip(*results)
    return ([x, before, a, layers, bias],
            [np.float32(state), ids_of(ids, 1), weights_of(weights, 1)])


@router
def rmoe_router(random):
    before, embed = drawn(random, TOKENS, 3), drawn(random, 8, 3) * 2
    wx, wh, bx, bh = (drawn(random, *shape) for shape in ((9, 4), (9, 3), (9,), (9,)))

    def route(t, x):
        r, z, n = np.split(wx.astype(float) @ x + bx, 3)
        hr, hz, hn = np.split(wh.astype(float) @ before[t] + bh, 3)
        z = sigmoid(z + hz)
        h = (1 - z) * np.tanh(n + sigmoid(r + hr) * hn) + z * before[t]
        s = softmax(embed.astype(float) @ h)
        ids = best(s, 2)
        return h, ids, normalised(s[ids])
    x, results = tokens(random, TOKENS, 4, "bf16", route)
    h, ids, weights = zip(*results)
    return ([x, before, wx, wh, bx, bh, embed],
            [np.float32(h), ids_of(ids, 2), weights_of(weights, 2)])


def values(name):
    """Every router has numbers of its own, the same ones every time."""
    arguments, results = ROUTERS[name](np.random.default_rng(zlib.crc32(name.encode())))
    return {f"{prefix}{i}.npy": array for prefix, arrays in (("in", arguments), ("out", results))
            for i, array in enumerate(arrays)}


def write():
    shutil.rmtree(VALUES, ignore_errors=True)
    for name in ROUTERS:
        (VALUES / name).mkdir(parents=True)
        for file, array in values(name).items():
            np.save(VALUES / name / file, array)


def check():
    stored = {f"{path.parent.name}/{path.name}" for path in VALUES.glob("*/*.npy")}
    wrong = []
    for name in ROUTERS:
        for file, array in values(name).items():
            file = f"{name}/{file}"
            if file not in stored:
                wrong.append(f"{file} is not there")
            elif not np.allclose(np.load(VALUES / file), array, rtol=1e-6, atol=1e-7):
                wrong.append(f"{file} is something else")
            stored.discard(file)
    wrong += [f"{file}: no formula gives it" for file in sorted(stored)]
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true")
    action.add_argument("--check", action="store_true")
    if parser.parse_args().write:
        write()
    else:
        sys.exit("\n".join(check()) or 0)
