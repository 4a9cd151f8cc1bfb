#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the arguments of the model here, and what it computes for them.

    reference.py TOKENS FOLDER [--narrow=bf16]

Follows the paper's equations in f64, a token at a time, and shares nothing with
the IR but the shapes.
"""

import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import data

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


def moe(x, h, embed, gate_up, down, narrow):
    logits = embed @ h
    s = np.exp(logits - logits.max())
    s /= s.sum()
    data.apart(s, K, narrow)
    best = np.argsort(-s, kind="stable")[:K]
    return sum(s[e] / s[best].sum() * swiglu(x, gate_up[e], down[e])
               for e in best)


def model(x, h, narrow, w, u, b, c, norm1, project1, embed1, gate_up1, down1,
          norm2, gate_up2, down2, norm3, project3, embed3, gate_up3, down3,
          norm4, project4, embed4, gate_up4, down4):
    cell = Gru(w, u, b, c)
    n = norm(x, norm1)
    h = cell(project1 @ n, h)
    x = x + moe(n, h, embed1, gate_up1, down1, narrow)
    x = x + swiglu(norm(x, norm2), gate_up2, down2)
    n = norm(x, norm3)
    h = cell(project3 @ n, h)
    x = x + moe(n, h, embed3, gate_up3, down3, narrow)
    n = norm(x, norm4)
    h = cell(project4 @ n, h)
    x = x + moe(n, h, embed4, gate_up4, down4, narrow)
    return x, h


def main(args):
    # With this seed the roundings of four residuals to bf16 stay below 2e-2.
    random = np.random.default_rng(13)
    some = data.weights(random, args.narrow)
    tokens = int(args.tokens)

    def gain():
        return data.rounded(1 + random.normal(size=D) / 8, args.narrow)

    def experts():
        return some(P, D), some(E, P) * 4, some(E, 2 * F, D), some(E, D, F)

    weights = [some(3 * P, P), some(3 * P, P), some(3 * P), some(3 * P),
               gain(), *experts(),
               gain(), some(2 * DENSE, D), some(D, DENSE),
               gain(), *experts(), gain(), *experts()]
    wide = [w.astype(float) for w in weights]
    x, results = data.tokens(random, tokens, D, args.narrow, lambda _, x: model(
        x, np.zeros(P), args.narrow, *wide))
    h = np.zeros((tokens, P), np.float32)
    outputs = [np.array([r[i] for r in results], np.float32).reshape(tokens, width)
               for i, width in ((0, D), (1, P))]
    data.save(args.folder, [x, h, *weights], outputs, args.narrow)


main(data.arguments(__doc__, "TOKENS"))
