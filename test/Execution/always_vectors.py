#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inputs and result of grouped-matmul-always-vectors.mlir.

Two experts that are always on beside three others, vectors of one row and of
stride 0, a factor per row, and rows of no expert, which become zeros.
"""

import os
import sys

import numpy as np

folder, offsets, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.makedirs(folder, exist_ok=True)
rng = np.random.default_rng(7)


def random(*shape):
    return rng.standard_normal(shape).astype(np.float32)


width = 5
x, r = random(rows, 8), random(rows, 1)
w, v = random(3, width, 8), random(1, width)
a, av = random(2 * width, 8), random(2 * width)
o = np.array([int(end) for end in offsets.split(",")], dtype=np.int32)
y = np.zeros((rows, width), dtype=np.float32)
for e in range(5):
    own = slice(o[e], o[e + 1])
    cut = slice((e - 3) * width, (e - 2) * width)
    matrix, vector, scalar = (
        (w[e], v[0], v[0, 3]) if e < 3 else (a[cut], av[cut], av[2])
    )
    y[own] = x[own] @ matrix.T * vector + scalar * r[own]
for number, array in enumerate((x, w, v, r, a, av, o)):
    np.save(f"{folder}/in{number}.npy", array)
np.save(f"{folder}/out0.npy", y)
