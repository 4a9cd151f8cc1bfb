#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the inputs of layer.mlir and what NumPy computes from them."""

import sys

import numpy as np


def main():
    path = sys.argv[1]
    random = np.random.default_rng(7)
    x = random.standard_normal((23, 72)).astype(np.float32)
    router = (random.standard_normal((6, 72)) / 8).astype(np.float32)
    # An expert nobody picks.
    router[4] = 0
    up = (random.standard_normal((6, 80, 72)) / 8).astype(np.float32)
    down = (random.standard_normal((6, 72, 40)) / 6).astype(np.float32)
    logits = x @ router.T
    scores = np.exp(logits - logits.max(axis=1, keepdims=True))
    scores /= scores.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for token, row in enumerate(x):
        experts = np.argsort(-scores[token], kind="stable")[:2]
        weights = scores[token, experts] / scores[token, experts].sum()
        for expert, weight in zip(experts, weights):
            gate, value = np.split(up[expert] @ row, 2)
            y[token] += weight * (down[expert] @ (gate / (1 + np.exp(-gate)) * value))
    for name, array in {"x": x, "router": router, "up": up, "down": down,
                        "y": y}.items():
        np.save(f"{path}-{name}.npy", array)


if __name__ == "__main__":
    main()
