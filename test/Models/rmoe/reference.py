#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the arguments of the model here, and what it computes for them.

    reference.py TOKENS FOLDER

Follows the paper's equations in f64, a token at a time, and shares nothing with
the IR but the shapes.
"""

import pathlib
import sys

import numpy as np

D, P, E, K, F, DENSE = 8, 4, 5, 2, 6, 10


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def norm(x, gain):
    return x / np.sqrt(np.mean(x * x) + 1e-5) * gain


def swiglu(x, gate_up, down):
    gate, up = np.split(gate_up @ x, 2)
    return down @ (gate * sigmoid(gate) * up)


class Gru:
    """One for all layers; the six matrices are stored as two."""

    def __init__(self, w, u, b, c):
        self.w, self.u, self.b, self.c = (np.split(a, 3) for a in (w, u, b, c))

    def __call__(self, x, h):
        def gate(i, reset=1.0):
            return self.w[i] @ x + self.b[i] + reset * (self.u[i] @ h + self.c[i])

        r, z = sigmoid(gate(0)), sigmoid(gate(1))
        n = np.tanh(gate(2, r))
        return (1 - z) * n + z * h


def moe(x, h, embed, gate_up, down):
    logits = embed @ h
    s = np.exp(logits - logits.max())
    s /= s.sum()
    best = np.argsort(-s, kind="stable")[:K]
    # f32 has to pick the same experts.
    assert len(s) == K or s[best[-1]] - np.sort(s)[-K - 1] > 1e-5
    return sum(s[e] / s[best].sum() * swiglu(x, gate_up[e], down[e])
               for e in best)


def model(x, h, w, u, b, c, norm1, project1, embed1, gate_up1, down1,
          norm2, gate_up2, down2, norm3, project3, embed3, gate_up3, down3):
    cell = Gru(w, u, b, c)
    n = norm(x, norm1)
    h = cell(project1 @ n, h)
    x = x + moe(n, h, embed1, gate_up1, down1)
    x = x + swiglu(norm(x, norm2), gate_up2, down2)
    n = norm(x, norm3)
    h = cell(project3 @ n, h)
    x = x + moe(n, h, embed3, gate_up3, down3)
    return x, h


def main(tokens, folder):
    random = np.random.default_rng(5)

    def some(*shape):
        return (random.normal(size=shape) / np.sqrt(shape[-1])).astype(np.float32)

    def gain():
        return (1 + random.normal(size=D) / 8).astype(np.float32)

    def experts():
        return some(P, D), some(E, P) * 4, some(E, 2 * F, D), some(E, D, F)

    weights = [some(3 * P, P), some(3 * P, P), some(3 * P), some(3 * P),
               gain(), *experts(),
               gain(), some(2 * DENSE, D), some(D, DENSE),
               gain(), *experts()]
    x = random.normal(size=(tokens, D)).astype(np.float32)
    h = np.zeros((tokens, P), np.float32)
    wide = [w.astype(float) for w in weights]
    results = [model(x[t].astype(float), h[t].astype(float), *wide)
               for t in range(tokens)]
    outputs = [np.array([r[i] for r in results], np.float32).reshape(tokens, width)
               for i, width in ((0, D), (1, P))]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, arrays in (("in", [x, h, *weights]), ("out", outputs)):
        for i, array in enumerate(arrays):
            np.save(folder / f"{prefix}{i:02}.npy", array)


main(int(sys.argv[1]), sys.argv[2])
