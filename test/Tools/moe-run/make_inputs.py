# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the good and bad .npy files of the tests beside it."""

import numpy as np

x = np.arange(8, dtype=np.float32).reshape(2, 4)
np.save("x.npy", x)
np.save("n.npy", np.int32(3))
np.save("wide.npy", np.zeros((2, 5), np.float32))
np.save("fortran.npy", np.asfortranarray(x))
np.save("complex.npy", x.astype(np.complex64))
np.save("uint16.npy", x.astype(np.uint16))

with open("x.npy", "rb") as file:
    data = file.read()
for name, part in (("short", data[:-3]), ("header", data[:20]),
                   ("long", data + b"more")):
    with open(name + ".npy", "wb") as file:
        file.write(part)

# One array of every type, of each version of the format.
for dtype in ("float16", "float32", "float64", "bool", "int8", "int32", "int64"):
    values = np.array([[1.5, -2, 0], [3, 0.1, -100]]).astype(dtype)
    np.save(dtype + ".npy", values)
    with open(dtype + "-v2.npy", "wb") as file:
        np.lib.format.write_array(file, values, version=(2, 0))
bits = np.array([[0x3FC0, 0xC000, 0], [0x7FC0, 0x7F80, 0x0001]], np.uint16)
np.save("bfloat16.npy", bits)
with open("bfloat16-v2.npy", "wb") as file:
    np.lib.format.write_array(file, bits, version=(2, 0))
np.save("scalar.npy", np.float32(2.5))
np.save("empty.npy", np.zeros((0, 4), np.float32))
