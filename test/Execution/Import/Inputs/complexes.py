#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""StableHLO on complex elements, and fft, against NumPy. Arguments and results
are real: complex, real and imag put them together and take them apart."""

import numpy as np

from hlo import (NUMBERS, arg_of, as_type, binary_body, case, dims, expect_of, main,
                 parametrize, tensor)

rng = np.random.default_rng(41)


def numbers(shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def sign(z):
    return np.where(z == 0, z, z / np.where(z == 0, 1, np.abs(z)))


UNARY = {"abs": np.abs, "exponential": np.exp, "exponential_minus_one": np.expm1,
         "log": np.log, "log_plus_one": np.log1p, "negate": np.negative,
         "sqrt": np.sqrt, "rsqrt": lambda z: 1 / np.sqrt(z), "cosine": np.cos,
         "sine": np.sin, "tan": np.tan, "tanh": np.tanh, "sign": sign,
         "logistic": lambda z: 1 / (1 + np.exp(-z)),
         "cbrt": lambda z: np.exp(np.log(z) / 3), "real": np.real, "imag": np.imag}
BINARY = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply,
          "divide": np.divide, "power": lambda a, b: np.exp(b * np.log(a)),
          "atan2": lambda a, b: -1j * np.log((b + 1j * a) / np.sqrt(a * a + b * b))}


@parametrize(list(UNARY), rtol=1e-4)
def unary(p, name):
    for shape in [(7,), (2, 0), (), (3, 5)]:
        for kind in NUMBERS:
            z = numbers(shape)
            out = NUMBERS[kind] if name in ("abs", "real", "imag") else kind
            expect_of(p, p.op(f"stablehlo.{name}", [arg_of(p, z, kind)], shape, out),
                      UNARY[name](z))


@parametrize(list(BINARY), rtol=1e-4)
def binary(p, name):
    for shape in [(7,), (0,), (3, 5)]:
        for kind in NUMBERS:
            a, b = numbers(shape), numbers(shape)
            args = [arg_of(p, a, kind), arg_of(p, b, kind)]
            expect_of(p, p.op(f"stablehlo.{name}", args, shape, kind), BINARY[name](a, b))


@case
def comparisons(p):
    a, b = numbers((9,)), numbers((9,))
    b[::3] = a[::3]
    b[1] = a[1].real
    for direction, function in (("EQ", np.equal), ("NE", np.not_equal)):
        a32, b32 = a.astype(np.complex64), b.astype(np.complex64)
        out = p.op("stablehlo.compare",
                   [arg_of(p, a, "complex<f32>"), arg_of(p, b, "complex<f32>")], (9,), "i1",
                   f"comparison_direction = #stablehlo<comparison_direction {direction}>")
        p.expect(out, function(a32, b32))


@case
def conversions(p):
    """From and to numbers that are not complex."""
    for kind in ("f32", "i32", "bf16", "i1"):
        x = as_type(rng.integers(0, 5, (3, 2)), kind)
        z = p.op("stablehlo.convert", [p.arg(x, kind)], (3, 2), "complex<f32>")
        expect_of(p, z, x.astype(np.complex64))
    z = numbers((5,)) * 9
    value = arg_of(p, z, "complex<f64>")
    narrow = p.op("stablehlo.convert", [value], (5,), "complex<f32>")
    expect_of(p, narrow, z)
    p.expect(p.op("stablehlo.convert", [value], (5,), "f32"), z.real)
    p.expect(p.op("stablehlo.convert", [value], (5,), "i32"), np.trunc(z.real))
    # What is real has an imaginary part as well.
    x = as_type(rng.normal(size=4), "f32")
    p.expect(p.op("stablehlo.real", [p.arg(x, "f32")], (4,), "f32"), x)
    p.expect(p.op("stablehlo.imag", [p.arg(x, "f32")], (4,), "f32"), 0 * x)


@parametrize(["maximum", "minimum", "clamp"])
def orders(p, name):
    """By the real part, then by the imaginary one, as NumPy does."""
    a, b, c = (rng.integers(-1, 2, (29,)) + 1j * rng.integers(-1, 2, (29,))
               for _ in range(3))
    args = [a, b, c] if name == "clamp" else [a, b]
    expected = {"maximum": lambda: np.maximum(a, b), "minimum": lambda: np.minimum(a, b),
                "clamp": lambda: np.minimum(np.maximum(a, b), c)}[name]()
    expect_of(p, p.op(f"stablehlo.{name}", [arg_of(p, v, "complex<f32>") for v in args],
                      (29,), "complex<f32>"), expected)


# On the axes and branch cuts, near zero, and where squares overflow.
POINTS = np.array([0, 1, -1, 1j, -1j, -2.5, 3j, 1e-4, 1e-4j, 1e-20 + 1e-20j,
                   3e25 + 4e25j, -3e25 + 4e25j])
REGULAR = {"abs": slice(None), "sqrt": slice(None), "sign": slice(None),
           "log": slice(1, None), "log_plus_one": slice(0, 2),
           "exponential": slice(0, 10), "exponential_minus_one": slice(0, 10),
           "rsqrt": slice(1, 9), "tanh": slice(0, 10), "negate": slice(None)}


@parametrize(list(REGULAR), rtol=1e-4, atol=1e-6)
def points(p, name):
    z = POINTS[REGULAR[name]]
    for kind in NUMBERS:
        out = NUMBERS[kind] if name == "abs" else kind
        expect_of(p, p.op(f"stablehlo.{name}", [arg_of(p, z, kind)], z.shape, out),
                  UNARY[name](z))


@case
def moves(p):
    """What only moves elements: padded, joined, turned, gathered and scattered."""
    kind, z = "complex<f32>", numbers((3, 4))
    value = arg_of(p, z, kind)
    fill = p.op("stablehlo.constant", [], (), kind,
                f"value = dense<(2.0, -1.0)> : {tensor((), kind)}")
    padded = p.op("stablehlo.pad", [value, fill], (4, 5), kind,
                  f"edge_padding_low = {dims((1, 0))}, edge_padding_high = {dims((0, 1))}, "
                  f"interior_padding = {dims((0, 0))}")
    expect_of(p, padded, np.pad(z, ((1, 0), (0, 1)), constant_values=2 - 1j))
    expect_of(p, p.op("stablehlo.concatenate", [value, value], (6, 4), kind,
                      "dimension = 0 : i64"), np.concatenate([z, z]))
    expect_of(p, p.op("stablehlo.reverse", [value], (3, 4), kind,
                      f"dimensions = {dims((1,))}"), z[:, ::-1])
    expect_of(p, p.op("stablehlo.broadcast", [value], (2, 3, 4), kind,
                      f"broadcast_sizes = {dims((2,))}"), np.stack([z, z]))
    expect_of(p, p.op("stablehlo.bitcast_convert", [value], (3, 4), kind), z)
    expect_of(p, p.op("stablehlo.iota", [], (3, 4), kind, "iota_dimension = 1 : i64"),
              np.broadcast_to(np.arange(4), (3, 4)))
    rows = p.arg(np.array([[2], [0]]), "i32")
    numbers_of = ("offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], "
                  "index_vector_dim = 1")
    expect_of(p, p.op("stablehlo.gather", [value, rows], (2, 4), kind,
                      f"dimension_numbers = #stablehlo.gather<{numbers_of}>, "
                      f"slice_sizes = {dims((1, 4))}"), z[[2, 0]])
    numbers_of = ("update_window_dims = [1], inserted_window_dims = [0], "
                  "scatter_dims_to_operand_dims = [0], index_vector_dim = 1")
    update = numbers((2, 4))
    expected = z.copy()
    expected[[2, 0]] += update
    expect_of(p, p.op("stablehlo.scatter", [value, rows, arg_of(p, update, kind)], (3, 4),
                      kind, f"scatter_dimension_numbers = #stablehlo.scatter<{numbers_of}>",
                      binary_body("stablehlo.add", kind)), expected)
    for name, function in (("conj", np.conj), ("square", np.square)):
        expect_of(p, p.op(f"chlo.{name}", [value], (3, 4), kind), function(z))


@case
def choices(p):
    a, b = numbers((2, 3)), numbers((2, 3))
    which = rng.integers(0, 2, (2, 3)).astype(bool)
    args = [p.arg(which, "i1"), arg_of(p, a, "complex<f32>"), arg_of(p, b, "complex<f32>")]
    expect_of(p, p.op("stablehlo.select", args, (2, 3), "complex<f32>"),
              np.where(which, a, b))


@parametrize(list(NUMBERS))
def constants(p, kind):
    for shape in [(), (3,), (0, 2)]:
        one = p.op("stablehlo.constant", [], shape, kind,
                   f"value = dense<(1.5, -2.0)> : {tensor(shape, kind)}")
        expect_of(p, one, np.full(shape, 1.5 - 2j))
    several = p.op("stablehlo.constant", [], (2,), kind,
                   f"value = dense<[(1.0, 2.0), (3.0, -4.0)]> : {tensor((2,), kind)}")
    expect_of(p, several, np.array([1 + 2j, 3 - 4j]))


@parametrize(list(NUMBERS))
def sums(p, kind):
    """Moved, reduced with a constant in the body, and multiplied."""
    one = tensor((), kind)
    for shape in [(3, 5), (0, 2), (1, 1)]:
        z = numbers(shape)
        value = arg_of(p, z, kind)
        turned = p.op("stablehlo.transpose", [value], shape[::-1], kind,
                      "permutation = array<i64: 1, 0>")
        expect_of(p, turned, z.T)
        zero = p.op("stablehlo.constant", [], (), kind, f"value = dense<(0.0, 0.0)> : {one}")
        body = (f'{{ ^bb0(%a: {one}, %b: {one}): %c = "stablehlo.constant"() '
                f'<{{value = dense<(0.0, 1.0)> : {one}}}> : () -> {one} '
                f'%m = "stablehlo.multiply"(%b, %c) : ({one}, {one}) -> {one} '
                f'%r = "stablehlo.add"(%a, %m) : ({one}, {one}) -> {one} '
                f'"stablehlo.return"(%r) : ({one}) -> () }}')
        expect_of(p, p.op("stablehlo.reduce", [value, zero], shape[:1], kind,
                          "dimensions = array<i64: 1>", body), (1j * z).sum(1))
        numbered = ("dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = "
                    "[1], rhs_contracting_dimensions = [0]>")
        expect_of(p, p.op("stablehlo.dot_general", [value, turned],
                          (shape[0], shape[0]), kind, numbered), z @ z.T)
        expect_of(p, p.op("stablehlo.einsum", [value, value], (shape[0],), kind,
                          'einsum_config = "ij,ij->i"'), (z * z).sum(1))


@case
def convolution(p):
    x, k = numbers((1, 2, 5)), numbers((3, 2, 2))
    expected = sum(np.einsum("bfx,of->box", x[:, :, i:i + 4], k[:, :, i]) for i in range(2))
    out = p.op("stablehlo.convolution",
               [arg_of(p, x, "complex<f32>"), arg_of(p, k, "complex<f32>")], (1, 3, 4),
               "complex<f32>",
               "dimension_numbers = #stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 0]>, "
               "feature_group_count = 1 : i64, batch_group_count = 1 : i64")
    expect_of(p, out, expected)


# shape, lengths
TRANSFORMS = [((8,), 1), ((7,), 1), ((1,), 1), ((3, 5), 1), ((4, 6), 2), ((2, 3, 5), 2),
              ((2, 3, 4), 3), ((0, 4), 1), ((3, 0), 1), ((2, 1, 3, 2), 3)]


@parametrize(["FFT", "IFFT", "RFFT", "IRFFT"], rtol=1e-4, atol=1e-4)
def fft(p, name):
    for shape, count in TRANSFORMS:
        axes = tuple(range(len(shape) - count, len(shape)))
        half = shape[:-1] + (shape[-1] // 2 + 1 if shape[-1] else 0,)
        function = {"FFT": np.fft.fftn, "IFFT": np.fft.ifftn, "RFFT": np.fft.rfftn,
                    "IRFFT": np.fft.irfftn}[name]
        for kind, part in NUMBERS.items():
            x = rng.normal(size=shape) if name == "RFFT" else \
                numbers(half if name == "IRFFT" else shape)
            out = half if name == "RFFT" else shape
            if not x.size or not np.prod(out):
                expected = np.zeros(out)
            elif name == "IRFFT":
                expected = function(x, shape[-count:], axes)
            else:
                expected = function(x, axes=axes)
            value = p.op("stablehlo.fft", [arg_of(p, x, part if name == "RFFT" else kind)],
                         out, part if name == "IRFFT" else kind,
                         f"fft_type = #stablehlo<fft_type {name}>, "
                         f"fft_length = {dims(shape[-count:])}")
            expect_of(p, value, expected)


if __name__ == "__main__":
    main(__doc__)
