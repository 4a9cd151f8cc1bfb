#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the blocks of virtual-blocks.mlir, inkling-block.mlir and
llama4-block.mlir and compares them with the formulas of their models, in f64
between the roundings that the graph has.

    blocks.py --only PREFIX FOLDER -- moe-run MODULE.MLIR --backend=...
"""

import sys

import numpy as np

from cases import case, f32, main
from reference import rounded, stored

TOLERANCE = {"f32": ("--atol=1e-5",), "bf16": ("--atol=3e-2", "--rtol=2e-2"),
             "f16": ("--atol=4e-3", "--rtol=4e-3")}


def softmax(values):
    e = np.exp(values - values.max(axis=1, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=1, keepdims=True)


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def top(keys, k):
    return np.argsort(-keys, axis=1, kind="stable")[:, :k]


def swiglu(rows, up, down, kind="f32", weights=None):
    """An expert; `weights` of the rows multiply what is between the matmuls."""
    sums = rounded(rows.astype(float) @ up.T.astype(float), kind).astype(float)
    gate, other = sums[:, :6], sums[:, 6:]
    hidden = gate * sigmoid(gate) * other
    if weights is not None:
        hidden = hidden * weights
    return rounded(rounded(hidden, kind).astype(float) @ down.T.astype(float), kind)


class Block:
    """Inputs of a block. The first column of x is 1, so that `favour` can add to
    the logits of some columns of the router for all tokens."""

    def __init__(self, tokens, columns, kind="f32", favour=()):
        self.random = np.random.default_rng(tokens + columns)
        self.kind = kind
        self.x = self.floats(tokens, 8)
        self.x[:, 0] = 1
        self.router = self.floats(columns, 8, kind="f32")
        self.router[list(favour), 0] += 60
        self.up, self.down = self.floats(4, 12, 8), self.floats(4, 8, 6)

    def floats(self, *shape, kind=None):
        values = self.random.standard_normal(shape) * .6
        return rounded(values, kind or self.kind)

    def logits(self):
        return self.x.astype(float) @ self.router.T.astype(float)

    def routed(self, ids, weights, rows=None):
        """The weighted sum over experts that exist; `weights` None adds rows."""
        x = self.x if rows is None else rows
        result = np.zeros((len(x), 8))
        for e in range(4):
            t, s = np.nonzero(ids == e)
            y = swiglu(x[t], self.up[e], self.down[e], self.kind)
            np.add.at(result, t, y * (1 if weights is None else weights[t, s][:, None]))
        return result

    def stored(self, *arrays):
        return [stored(array, self.kind) for array in arrays]


def longcat(name, tokens, kind, favour=()):
    block = Block(tokens, 6, kind, favour)
    bias = f32(np.linspace(-.1, .2, 6))
    scores = softmax(block.logits())
    ids = top(scores + bias, 2)
    weights = 6 * np.take_along_axis(scores, ids, 1)
    y = block.routed(ids, weights)
    # Identity columns: the token itself.
    y += np.where(ids >= 4, weights, 0).sum(axis=1, keepdims=True) * block.x
    x, up, down = block.stored(block.x, block.up, block.down)
    case(f"virtual_longcat_{name}", f"longcat_{kind}",
         [x, block.router, bias, up, down], stored(y, kind), options=TOLERANCE[kind])


def longcat_shared(tokens):
    """With a shared expert, which joins the matmuls of the others."""
    block = Block(tokens, 6)
    shared = [block.floats(1, 12, 8), block.floats(1, 8, 6)]
    bias = f32(np.linspace(-.1, .2, 6))
    scores = softmax(block.logits())
    ids = top(scores + bias, 2)
    weights = 6 * np.take_along_axis(scores, ids, 1)
    y = block.routed(ids, weights) + swiglu(block.x, shared[0][0], shared[1][0])
    y += np.where(ids >= 4, weights, 0).sum(axis=1, keepdims=True) * block.x
    case(f"virtual_longcat_shared_{tokens}", "longcat_shared",
         [block.x, block.router, bias, block.up, block.down, *shared], f32(y),
         options=TOLERANCE["f32"])


def moepp(name, tokens, favour=()):
    """Four experts, two constant columns, a copy and a zero."""
    block = Block(tokens, 8, favour=favour)
    previous, carry = block.floats(tokens, 8), block.floats(8, 8) * .3
    mixing, vectors = block.floats(4, 8), block.floats(2, 8)
    logits = block.logits() + previous @ carry.T.astype(float)
    scores = softmax(logits)
    ids = top(scores, 2)
    weights = np.take_along_axis(scores, ids, 1)
    weights[ids == 7] = 0
    weights /= weights.sum(axis=1, keepdims=True)
    x2 = 2 * block.x
    y = block.routed(ids, weights, x2)
    for j in range(2):
        mix = softmax(x2.astype(float) @ mixing[2 * j:2 * j + 2].T)
        own = np.where(ids == 4 + j, weights, 0).sum(axis=1, keepdims=True)
        y += own * (mix[:, :1] * x2 + mix[:, 1:] * vectors[j])
    y += np.where(ids == 6, weights, 0).sum(axis=1, keepdims=True) * x2
    case(f"virtual_moepp_{name}", "moepp",
         [block.x, block.router, previous, f32(carry), mixing, vectors, block.up, block.down],
         f32(y), f32(logits), options=("--atol=3e-5",))


def adamoe(name, tokens, favour=()):
    """Four experts and three null columns."""
    block = Block(tokens, 7, favour=favour)
    scores = softmax(block.logits())
    ids = top(scores, 3)
    weights = np.where(ids < 4, np.take_along_axis(scores, ids, 1), 0)
    sums = weights.sum(axis=1, keepdims=True)
    weights /= np.where(sums == 0, 1, sums)
    case(f"virtual_adamoe_{name}", "adamoe", [block.x, block.router, block.up, block.down],
         f32(block.routed(ids, weights)), options=TOLERANCE["f32"])


def inkling(name, tokens, kind):
    """Four experts, and two shared ones in the sum of weights."""
    block = Block(tokens, 6, kind)
    bias, learned = f32([.1, -.2, 0, .15]), f32(.8)
    shared = [block.floats(1, 12, 8), block.floats(1, 8, 6),
              block.floats(1, 12, 8), block.floats(1, 8, 6)]
    scores = sigmoid(block.logits())
    ids = top(scores[:, :4] + bias, 2)
    picked, always = np.take_along_axis(scores, ids, 1), scores[:, 4:]
    scale = 2.5 * learned / (picked.sum(axis=1) + always.sum(axis=1))[:, None]
    y = block.routed(ids, picked * scale)
    for i in range(2):
        y += swiglu(block.x, shared[2 * i][0], shared[2 * i + 1][0], kind,
                    f32(always[:, i:i + 1] * scale))
    x, *weights = block.stored(block.x, block.up, block.down, *shared)
    case(f"inkling_{name}", f"inkling_{kind}",
         [x, block.router, bias, learned, *weights], stored(y, kind),
         options=TOLERANCE[kind])


def llama4(name, tokens, kind):
    """The expert reads the token times its score."""
    block = Block(tokens, 4, kind)
    shared = [block.floats(1, 12, 8), block.floats(1, 8, 6)]
    logits = block.logits()
    ids = top(logits, 1)
    scores = f32(sigmoid(np.take_along_axis(logits, ids, 1)))
    rows = rounded(scores * block.x, kind)
    y = block.routed(ids, None, rows) + swiglu(block.x, shared[0][0], shared[1][0], kind)
    x, *weights = block.stored(block.x, block.up, block.down, *shared)
    case(f"llama4_{name}", f"llama4_{kind}", [x, block.router, *weights],
         stored(y, kind), options=TOLERANCE[kind])


for count in (0, 1, 7):
    for element in ("f32", "bf16", "f16"):
        longcat(f"{element}_{count}", count, element)
        llama4(f"{element}_{count}", count, element)
    for element in ("f32", "bf16"):
        inkling(f"{element}_{count}", count, element)
    longcat_shared(count)
    moepp(str(count), count)
    adamoe(str(count), count)
# All tokens on virtual columns: no expert has a row.
longcat("f32_only", 5, "f32", (4, 5))
longcat("bf16_only", 5, "bf16", (4, 5))
moepp("only_constant", 5, (4, 5))
moepp("only_copy_and_zero", 5, (6, 7))
adamoe("only_null", 5, (4, 5, 6))
sys.exit(main(__doc__))
