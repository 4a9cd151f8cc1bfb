#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""StableHLO cholesky, triangular_solve, einsum, unary_einsum and
torch_index_select against NumPy."""

import numpy as np

from hlo import NUMBERS, arg_of, as_type, expect_of, main, parametrize

rng = np.random.default_rng(37)


def numbers_of(shape, kind):
    real = rng.normal(size=shape)
    if kind in NUMBERS:
        return real + 1j * rng.normal(size=shape)
    return real


def transposed(x):
    return np.conj(np.swapaxes(x, -1, -2))


@parametrize(["f32", "f64", "bf16", "complex<f32>"], rtol=1e-4, atol=1e-4)
def factors(p, kind):
    for shape in [(3, 3), (2, 5, 5), (1, 1), (0, 0), (2, 0, 3, 3), (2, 2, 4, 4)]:
        a = numbers_of(shape, kind)
        a = a @ transposed(a) + 3 * np.eye(shape[-1])
        for lower in (True, False):
            # The other half is not read.
            half = np.tril(a) if lower else np.triu(a)
            factor = np.linalg.cholesky(a) if a.size else a
            p_arg = arg_of(p, half, kind)
            out = p.op("stablehlo.cholesky", [p_arg], shape, kind,
                       f"lower = {str(lower).lower()}")
            expect_of(p, out, factor if lower else transposed(factor))


@parametrize(["f32", "f64", "bf16", "complex<f32>"], rtol=1e-4, atol=1e-4)
def systems(p, kind):
    for i, (batch, size, columns) in enumerate([((), 3, 2), ((2,), 5, 1), ((), 1, 3),
                                                ((3,), 0, 2), ((), 4, 0), ((2, 2), 2, 3)]):
        for left in (True, False):
            for lower in (True, False):
                mode = ("NO_TRANSPOSE", "TRANSPOSE", "ADJOINT")[(i + lower + 2 * left) % 3]
                unit = (i + left) % 2 == 1
                a = numbers_of((*batch, size, size), kind) * 0.5
                a += 2 * np.eye(size)
                read = np.tril(a) if lower else np.triu(a)
                if unit:
                    read = read * (1 - np.eye(size)) + np.eye(size)
                if mode != "NO_TRANSPOSE":
                    read = transposed(read)
                    read = np.conj(read) if mode == "TRANSPOSE" else read
                b = numbers_of((*batch, size, columns) if left else
                               (*batch, columns, size), kind)
                if b.size == 0:
                    x = b
                elif left:
                    x = np.linalg.solve(read, b)
                else:
                    x = np.swapaxes(np.linalg.solve(np.swapaxes(read, -1, -2),
                                                    np.swapaxes(b, -1, -2)), -1, -2)
                flags = (f"left_side = {str(left).lower()}, lower = {str(lower).lower()}, "
                         f"unit_diagonal = {str(unit).lower()}, "
                         f"transpose_a = #stablehlo<transpose {mode}>")
                out = p.op("stablehlo.triangular_solve",
                           [arg_of(p, a, kind), arg_of(p, b, kind)], b.shape, kind, flags)
                expect_of(p, out, x)


EQUATIONS = [
    ("ij,jk->ik", (3, 5), (5, 2)), ("bij,bjk->bik", (2, 3, 1), (2, 1, 4)),
    ("i,i->", (7,), (7,)), ("i,j->ji", (3,), (2,)), ("ii,i->i", (4, 4), (4,)),
    ("...ij,jk->...ik", (2, 3, 5, 2), (2, 3)), ("i...,...i->...", (3, 2, 5), (2, 5, 3)),
    ("ij,jk->ik", (3, 0), (0, 2)), (",ij->ij", (), (2, 3)), ("ij,k->ik", (2, 3), (4,))]
UNARY = [("ij->ji", (3, 5)), ("ij->i", (3, 5)), ("ii->i", (4, 4)), ("ii->", (3, 3)),
         ("...i->...", (2, 3, 4)), ("i...->...i", (2, 3, 4)), ("->", ()), ("ij->j", (0, 3))]


@parametrize(["f32", "bf16", "i32"])
def equations(p, kind):
    def operand(shape):
        return as_type(rng.integers(-4, 5, shape), kind)
    for equation, left, right in EQUATIONS:
        a, b = operand(left), operand(right)
        expected = np.einsum(equation, a, b)
        p.expect(p.op("stablehlo.einsum", [p.arg(a, kind), p.arg(b, kind)],
                      expected.shape, kind, f'einsum_config = "{equation}"'), expected)
    for equation, shape in UNARY:
        a = operand(shape)
        expected = np.einsum(equation, a)
        p.expect(p.op("stablehlo.unary_einsum", [p.arg(a, kind)], expected.shape, kind,
                      f'einsum_config = "{equation}"'), expected)


SELECTS = [((5, 4), (3,), 0, 0), ((5, 4), (3,), 1, 0), ((5, 4), (2, 3), 1, 0),
           ((5, 4), (), 0, 0), ((3, 5, 2), (3, 4), 1, 1), ((3, 2, 5), (3, 4), 2, 1),
           ((3, 5), (3,), 1, 1), ((0, 4), (0,), 0, 0), ((5, 0), (3,), 0, 0),
           ((2, 3, 4), (2, 3, 2), 2, 2)]


@parametrize(["f32", "i32"])
def selections(p, kind):
    """torch_index_select; indices outside take the nearest."""
    for shape, at, dim, batch in SELECTS:
        x = as_type(rng.integers(0, 99, shape), kind)
        for index_kind in ("i32", "ui32", "i64"):
            indices = rng.integers(0 if index_kind[0] == "u" else -1, 6, at)
            out = [*shape[:dim], *at[batch:], *shape[dim + 1:]]
            expected = np.zeros(out, x.dtype)
            for place in np.ndindex(*out):
                inner = len(at) - batch
                chosen = indices[(*place[:batch], *place[dim:dim + inner])]
                chosen = min(max(int(chosen), 0), shape[dim] - 1)
                expected[place] = x[(*place[:dim], chosen, *place[dim + inner:])]
            p.expect(p.op("stablehlo.torch_index_select",
                          [p.arg(x, kind), p.arg(indices, index_kind)], out, kind,
                          f"dim = {dim} : i64, batch_dims = {batch} : i64"), expected)


if __name__ == "__main__":
    main(__doc__)
