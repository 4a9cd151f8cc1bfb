# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Data for rest.mlir: inputs, and what NumPy makes of them."""

import pathlib
import sys

import numpy as np

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(1)


def normal(*shape):
    return rng.standard_normal(shape).astype("f4")


def save(**arrays):
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)


updates, indices, original = normal(5, 3), np.array([[1], [3], [1], [0], [1]]), normal(4, 3)
scattered = original.copy()
np.add.at(scattered, indices[:, 0], updates)
save(updates=updates, indices=indices, original=original, scattered=scattered)

save(values=np.array([[1, 5, 3, 5, 2, 0], [1, 2, 0, 1, 1, 7]], "f4"),
     top=np.array([[5, 5, 3], [7, 2, 2]], "f4"),
     numbers=np.array([[1, 3, 2], [5, 1, 9]], "i4"))

query, key, value, mask = normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 6), normal(2, 3, 5)
weights = np.exp(query @ key.swapaxes(1, 2) / 2 + mask)
save(query=query, key=key, value=value, mask=mask,
     attended=weights / weights.sum(-1, keepdims=True) @ value)
