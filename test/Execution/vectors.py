#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the vectors V18 to V20 of ffn-bodies.mlir, weight-position.mlir and
soft-moe.mlir and compares them with their published numbers.

    vectors.py --only PREFIX FOLDER -- moe-run MODULE.MLIR --backend=...
"""

import sys

import numpy as np

from cases import case, f32, i32, main

# Numbers with six decimals.
PUBLISHED = ("--atol=1e-6", "--rtol=1e-6")


def body_cases():
    gate, up = [-3, .5, 8, 20], [-9, .25, -2, 10]
    vectors = {
        "silu": [1.280499, .077807, -15.994634, 200],
        "gpt_oss": [.108428, .437986, -6.999953, 55.999625],
        "clamp_before": [.995943, .077807, -13.987245, 48.955358],
        "clamp_after": [.995943, .077807, -14, 49],
        "relu2": [0, .25, 64, 400],
    }
    weights = [f32([[[1, 0]]] * 2), f32([[[0, 1]]] * 2), f32([[[1]]] * 2)]
    for name, expected in vectors.items():
        for tokens in (0, 1, 4):
            x = f32(list(zip(gate, up))[:tokens]).reshape(-1, 2)
            offsets = i32([0, min(1, tokens), tokens])
            case(f"v18_{name}_{tokens}", name, [x, offsets, *weights],
                 f32(expected[:tokens], 1), options=PUBLISHED)


def position_cases():
    weights = [f32([[[1]]] * 2), f32([[[2]]] * 2), f32([[[1]]] * 2)]
    for name, expected in (("output", 2.207451), ("hidden", 2.207451),
                           ("input", 1.151738)):
        for tokens in (0, 1, 3):
            ids = i32(([1, 0, -1])[:tokens], 1)
            result = f32(([expected, expected, 0])[:tokens], 1)
            case(f"v19_{name}_{tokens}", name,
                 [f32([1.5] * tokens, 1), ids, f32([.6] * tokens, 1), *weights], result,
                 options=PUBLISHED)


def soft_cases():
    logits = f32([[1, 0], [0, .5], [-1, 2]])
    dispatch = f32([[.665241, .099624], [.244728, .164252], [.090031, .736125]])
    combine = f32([[.731059, .268941], [.377541, .622459], [.047426, .952574]])
    random = np.random.default_rng(20)
    x = f32(random.standard_normal((3, 4)))
    w = f32(random.standard_normal((2, 4, 4)))
    offsets = i32([0, 1, 2])

    def softmax(values, axis):
        e = np.exp(values - values.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    def expected(logits, x):
        to_slots, to_tokens = softmax(logits.astype(float), 0), softmax(logits.astype(float), 1)
        slots = to_slots.T @ x.astype(float)
        rows = [np.maximum(w[p].astype(float) @ slots[p], 0) for p in range(2)]
        return f32(to_slots), f32(to_tokens), f32(to_tokens @ np.asarray(rows))

    case("v20", "soft", [logits, x, offsets, w], dispatch, combine,
         expected(logits, x)[2], options=("--atol=2e-6", "--rtol=1e-6"))
    case("v20_one", "soft", [logits[:1], x[:1], offsets, w], *expected(logits[:1], x[:1]))
    case("v20_none", "soft", [logits[:0], x[:0], offsets, w], logits[:0], logits[:0], x[:0])


body_cases()
position_cases()
soft_cases()
sys.exit(main(__doc__))
