#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the graph of a whole model: layers of softmax, top-k and SwiGLU experts.

    whole_model.py --form=unrolled --layers=58 --experts=256 -o model.mlir

  unrolled    linalg; every expert on every token, times its column of a dense
              matrix of weights, added up one by one; each expert's matrices are
              slices of the layer's
  separate    the same with three arguments per expert
  gathered    linalg; the matrices of every token's experts gathered and
              multiplied in a batch
  stablehlo   unrolled in StableHLO, in generic form

Top-k is a sort of tm_tensor, or of StableHLO. Layers are joined by their
residuals, and their arguments are @main's: router, gate, up and down matrices.
"""

import argparse
import sys

LOGISTIC = ["%n = arith.negf %a : f32", "%e = math.exp %n : f32",
            "%one = arith.constant 1.0 : f32", "%d = arith.addf %e, %one : f32",
            "%s = arith.divf %a, %d : f32", "%r = arith.mulf %s, %b : f32"]
IDENTITY = "affine_map<(i, j) -> (i, j)>"
ROW = "affine_map<(i, j) -> (i)>"


def tensor(*sizes, element="f32"):
    return f"tensor<{'x'.join(map(str, sizes))}x{element}>"


class Writer:
    """Numbers values; one line per operation, or several for a region."""

    def __init__(self, out, sizes):
        self.out, self.sizes, self.count = out, sizes, 0
        self.arguments = []

    def argument(self, kind):
        name = f"%w{len(self.arguments)}"
        self.arguments.append((name, kind))
        return name

    def op(self, text):
        name = f"%{self.count}"
        self.count += 1
        self.out.append(f"    {name} = {text}")
        return name

    def multi(self, text, results):
        name = f"%{self.count}"
        self.count += 1
        self.out.append(f"    {name}:{results} = {text}")
        return [f"{name}#{i}" for i in range(results)]


class Linalg(Writer):
    """The spelling of torch-mlir."""

    def filled(self, shape, value="0.0"):
        kind = tensor(*shape)
        constant = self.op(f"arith.constant {value} : f32")
        empty = self.op(f"tensor.empty() : {kind}")
        return self.op(f"linalg.fill ins({constant} : f32) outs({empty} : {kind}) -> {kind}")

    def generic(self, maps, reduce, inputs, init, result, body, names):
        iterators = '"parallel", ' + ('"reduction"' if reduce else '"parallel"')
        ins = ", ".join(value for value, _ in inputs)
        kinds = ", ".join(kind for _, kind in inputs)
        arguments = ", ".join(f"%{name}: {kind}" for name, kind in names)
        text = (f"linalg.generic {{indexing_maps = [{', '.join(maps)}], "
                f"iterator_types = [{iterators}]}} "
                + (f"ins({ins} : {kinds}) " if inputs else "")
                + f"outs({init} : {result}) {{\n    ^bb0({arguments}):\n"
                + "".join(f"      {line}\n" for line in body) + f"    }} -> {result}")
        return self.op(text)

    def elementwise(self, inputs, shape, body, maps=None):
        kind = tensor(*shape)
        init = self.op(f"tensor.empty() : {kind}")
        names = [(name, "f32") for name in "abc"[:len(inputs)]] + [("out", "f32")]
        maps = (maps or [IDENTITY] * len(inputs)) + [IDENTITY]
        return self.generic(maps, False, inputs, init, kind, body, names)

    def reduce(self, value, shape, init, line):
        kind = tensor(shape[0])
        start = self.filled(shape[:1], init)
        return self.generic([IDENTITY, ROW], True, [(value, tensor(*shape))], start, kind,
                            [f"%r = {line}", "linalg.yield %r : f32"],
                            [("a", "f32"), ("out", "f32")])

    def matmul(self, x, weight, m, n, k):
        """x[m,k] times weight[n,k], transposed."""
        flipped = self.op(f"tensor.empty() : {tensor(k, n)}")
        flipped = self.op(f"linalg.transpose ins({weight} : {tensor(n, k)}) "
                          f"outs({flipped} : {tensor(k, n)}) permutation = [1, 0]")
        return self.op(f"linalg.matmul ins({x}, {flipped} : {tensor(m, k)}, {tensor(k, n)}) "
                       f"outs({self.filled((m, n))} : {tensor(m, n)}) -> {tensor(m, n)}")

    def router(self, x, weight):
        """ids[T,k] of i64 and weights[T,k] that sum to one."""
        t, e, k, d = (self.sizes[name] for name in "tekd")
        logits = self.matmul(x, weight, t, e, d)
        full, part = tensor(t, e), tensor(t, k)
        top = self.reduce(logits, (t, e), "0xFF800000", "arith.maximumf %a, %out : f32")
        powers = self.elementwise(
            [(logits, full), (top, tensor(t))], (t, e),
            ["%s = arith.subf %a, %b : f32", "%r = math.exp %s : f32",
             "linalg.yield %r : f32"], [IDENTITY, ROW])
        total = self.reduce(powers, (t, e), "0.0", "arith.addf %a, %out : f32")
        divide = ["%r = arith.divf %a, %b : f32", "linalg.yield %r : f32"]
        scores = self.elementwise([(powers, full), (total, tensor(t))], (t, e), divide,
                                  [IDENTITY, ROW])
        numbers = self.op(f"tensor.empty() : {tensor(t, e, element='i64')}")
        numbers = self.generic([IDENTITY], False, [], numbers, tensor(t, e, element="i64"),
                               ["%i = linalg.index 1 : index",
                                "%r = arith.index_cast %i : index to i64",
                                "linalg.yield %r : i64"], [("out", "i64")])
        ids = tensor(t, e, element="i64")
        values, order = self.multi(
            f'"tm_tensor.sort"({scores}, {numbers}) <{{dimension = 1 : i64, '
            f'operandSegmentSizes = array<i32: 0, 2>}}> ({{\n'
            "    ^bb0(%a: f32, %b: f32, %c: i64, %d: i64):\n"
            "      %r = arith.cmpf oge, %a, %b : f32\n"
            '      "tm_tensor.yield"(%r) : (i1) -> ()\n'
            f"    }}) : ({full}, {ids}) -> ({full}, {ids})", 2)
        chosen = self.op(f"tensor.extract_slice {values}[0, 0] [{t}, {k}] [1, 1] : "
                         f"{full} to {part}")
        picks = tensor(t, k, element="i64")
        order = self.op(f"tensor.extract_slice {order}[0, 0] [{t}, {k}] [1, 1] : "
                        f"{ids} to {picks}")
        total = self.reduce(chosen, (t, k), "0.0", "arith.addf %a, %out : f32")
        weights = self.elementwise([(chosen, part), (total, tensor(t))], (t, k), divide,
                                   [IDENTITY, ROW])
        return order, weights

    def slice(self, whole, rest, expert):
        offsets = ", ".join([str(expert)] + ["0"] * len(rest))
        sizes = ", ".join(["1"] + [str(size) for size in rest])
        ones = ", ".join(["1"] * (len(rest) + 1))
        return self.op(f"tensor.extract_slice {whole}[{offsets}] [{sizes}] [{ones}] : "
                       f"{tensor(self.sizes['e'], *rest)} to {tensor(*rest)}")

    def expert(self, x, matrices):
        t, d, f = self.sizes["t"], self.sizes["d"], self.sizes["f"]
        gate = self.matmul(x, matrices[0], t, f, d)
        up = self.matmul(x, matrices[1], t, f, d)
        hidden = self.elementwise([(gate, tensor(t, f)), (up, tensor(t, f))], (t, f),
                                  LOGISTIC + ["linalg.yield %r : f32"])
        return self.matmul(hidden, matrices[2], t, d, f)

    def dense_weights(self, ids, weights):
        """[T,E]: the weight of each expert, zero where it is not picked."""
        t, e, k = self.sizes["t"], self.sizes["e"], self.sizes["k"]
        kind = tensor(t, e)
        maps = ["affine_map<(i, j, s) -> (i, s)>"] * 2 + ["affine_map<(i, j, s) -> (i, j)>"]
        text = (f"linalg.generic {{indexing_maps = [{', '.join(maps)}], iterator_types = "
                '["parallel", "parallel", "reduction"]} '
                f"ins({ids}, {weights} : {tensor(t, k, element='i64')}, {tensor(t, k)}) "
                f"outs({self.filled((t, e))} : {kind}) {{\n"
                "    ^bb0(%i: i64, %w: f32, %out: f32):\n"
                "      %j = linalg.index 1 : index\n"
                "      %n = arith.index_cast %j : index to i64\n"
                "      %is = arith.cmpi eq, %i, %n : i64\n"
                "      %zero = arith.constant 0.0 : f32\n"
                "      %a = arith.select %is, %w, %zero : f32\n"
                "      %r = arith.addf %a, %out : f32\n"
                f"      linalg.yield %r : f32\n    }} -> {kind}")
        return self.op(text)

    def unrolled(self, x, separate):
        t, d, e, f = (self.sizes[name] for name in "tdef")
        router = self.argument(tensor(e, d))
        shapes = [(f, d), (f, d), (d, f)]
        if separate:
            experts = [[self.argument(tensor(*shape)) for shape in shapes]
                       for _ in range(e)]
        else:
            stacks = [self.argument(tensor(e, *shape)) for shape in shapes]
        dense = self.dense_weights(*self.router(x, router))
        y = self.filled((t, d))
        kind = tensor(t, d)
        for number in range(e):
            matrices = (experts[number] if separate else
                        [self.slice(stack, shape, number)
                         for stack, shape in zip(stacks, shapes)])
            out = self.expert(x, matrices)
            column = self.op(f"tensor.extract_slice {dense}[0, {number}] [{t}, 1] [1, 1] : "
                             f"{tensor(t, e)} to {tensor(t)}")
            scaled = self.elementwise([(out, kind), (column, tensor(t))], (t, d),
                                      ["%r = arith.mulf %a, %b : f32",
                                       "linalg.yield %r : f32"], [IDENTITY, ROW])
            y = self.add(y, scaled)
        return self.add(x, y)

    def add(self, a, b):
        shape = self.sizes["t"], self.sizes["d"]
        return self.elementwise([(a, tensor(*shape)), (b, tensor(*shape))], shape,
                                ["%r = arith.addf %a, %b : f32", "linalg.yield %r : f32"])

    def gather(self, stack, ids, rest):
        """[T k, ...]: the part of each picked expert."""
        t, k, e = self.sizes["t"], self.sizes["k"], self.sizes["e"]
        flat = self.op(f"tensor.collapse_shape {ids} [[0, 1]] : "
                       f"{tensor(t, k, element='i64')} into {tensor(t * k, element='i64')}")
        kind = tensor(t * k, *rest)
        empty = self.op(f"tensor.empty() : {kind}")
        return self.op(
            "linalg.generic {indexing_maps = [affine_map<(p, i, j) -> (p)>, "
            "affine_map<(p, i, j) -> (p, i, j)>], iterator_types = "
            '["parallel", "parallel", "parallel"]} '
            f"ins({flat} : {tensor(t * k, element='i64')}) outs({empty} : {kind}) {{\n"
            "    ^bb0(%n: i64, %out: f32):\n"
            "      %p = arith.index_cast %n : i64 to index\n"
            "      %i = linalg.index 1 : index\n      %j = linalg.index 2 : index\n"
            f"      %r = tensor.extract {stack}[%p, %i, %j] : {tensor(e, *rest)}\n"
            f"      linalg.yield %r : f32\n    }} -> {kind}")

    def batch(self, matrices, rows, n, k):
        """matrices[P,n,k] times rows[P,k]."""
        p = self.sizes["t"] * self.sizes["k"]
        column = self.op(f"tensor.expand_shape {rows} [[0], [1, 2]] output_shape "
                         f"[{p}, {k}, 1] : {tensor(p, k)} into {tensor(p, k, 1)}")
        kind = tensor(p, n, 1)
        product = self.op(
            f"linalg.batch_matmul ins({matrices}, {column} : {tensor(p, n, k)}, "
            f"{tensor(p, k, 1)}) outs({self.filled((p, n, 1))} : {kind}) -> {kind}")
        return self.op(f"tensor.collapse_shape {product} [[0], [1, 2]] : {kind} "
                       f"into {tensor(p, n)}")

    def gathered(self, x):
        t, d, e, f, k = (self.sizes[name] for name in "tdefk")
        router = self.argument(tensor(e, d))
        shapes = [(f, d), (f, d), (d, f)]
        stacks = [self.argument(tensor(e, *shape)) for shape in shapes]
        ids, weights = self.router(x, router)
        rows = self.op(f"tensor.empty() : {tensor(t, k, d)}")
        rows = self.op(
            "linalg.generic {indexing_maps = [affine_map<(i, s, j) -> (i, j)>, "
            "affine_map<(i, s, j) -> (i, s, j)>], iterator_types = "
            '["parallel", "parallel", "parallel"]} '
            f"ins({x} : {tensor(t, d)}) outs({rows} : {tensor(t, k, d)}) {{\n"
            "    ^bb0(%a: f32, %out: f32):\n      linalg.yield %a : f32\n"
            f"    }} -> {tensor(t, k, d)}")
        rows = self.op(f"tensor.collapse_shape {rows} [[0, 1], [2]] : "
                       f"{tensor(t, k, d)} into {tensor(t * k, d)}")
        gate, up, down = (self.gather(stack, ids, shape)
                          for stack, shape in zip(stacks, shapes))
        hidden = self.elementwise(
            [(self.batch(gate, rows, f, d), tensor(t * k, f)),
             (self.batch(up, rows, f, d), tensor(t * k, f))], (t * k, f),
            LOGISTIC + ["linalg.yield %r : f32"])
        out = self.batch(down, hidden, d, f)
        out = self.op(f"tensor.expand_shape {out} [[0, 1], [2]] output_shape "
                      f"[{t}, {k}, {d}] : {tensor(t * k, d)} into {tensor(t, k, d)}")
        maps = ["affine_map<(i, j, s) -> (i, s, j)>", "affine_map<(i, j, s) -> (i, s)>",
                "affine_map<(i, j, s) -> (i, j)>"]
        y = self.op(
            f"linalg.generic {{indexing_maps = [{', '.join(maps)}], iterator_types = "
            '["parallel", "parallel", "reduction"]} '
            f"ins({out}, {weights} : {tensor(t, k, d)}, {tensor(t, k)}) "
            f"outs({self.filled((t, d))} : {tensor(t, d)}) {{\n"
            "    ^bb0(%a: f32, %w: f32, %out: f32):\n"
            "      %m = arith.mulf %a, %w : f32\n      %r = arith.addf %m, %out : f32\n"
            f"      linalg.yield %r : f32\n    }} -> {tensor(t, d)}")
        return self.add(x, y)


class StableHLO(Writer):
    """Unrolled experts in generic form."""

    def hlo(self, name, operands, kinds, result, properties="", region=""):
        return self.op(f'"stablehlo.{name}"({", ".join(operands)})'
                       + (f" <{{{properties}}}>" if properties else "") + region
                       + f" : ({', '.join(kinds)}) -> {result}")

    def constant(self, value, kind="tensor<f32>"):
        return self.hlo("constant", [], [], kind, f"value = dense<{value}> : {kind}")

    def binary(self, name, a, b, kind):
        return self.hlo(name, [a, b], [kind, kind], kind)

    def broadcast(self, value, kind, dims, result):
        dims = f"array<i64: {', '.join(map(str, dims))}>" if dims else "array<i64>"
        return self.hlo("broadcast_in_dim", [value], [kind], result,
                        f"broadcast_dimensions = {dims}")

    def dot(self, x, weight, m, n, k):
        return self.hlo("dot_general", [x, weight], [tensor(m, k), tensor(n, k)],
                        tensor(m, n), "dot_dimension_numbers = #stablehlo.dot<"
                        "lhs_contracting_dimensions = [1], "
                        "rhs_contracting_dimensions = [1]>")

    def reduce(self, value, shape, init, name):
        start = self.constant(init)
        region = (" ({\n    ^bb0(%a: tensor<f32>, %b: tensor<f32>):\n"
                  f'      %r = "stablehlo.{name}"(%a, %b) : (tensor<f32>, tensor<f32>) '
                  "-> tensor<f32>\n"
                  '      "stablehlo.return"(%r) : (tensor<f32>) -> ()\n    })')
        return self.hlo("reduce", [value, start], [tensor(*shape), "tensor<f32>"],
                        tensor(shape[0]), "dimensions = array<i64: 1>", region)

    def along_rows(self, name, a, b, shape):
        kind = tensor(*shape)
        return self.binary(name, a, self.broadcast(b, tensor(shape[0]), [0], kind), kind)

    def slice(self, value, kind, starts, limits, result):
        def array(values):
            return f"array<i64: {', '.join(map(str, values))}>"
        return self.hlo("slice", [value], [kind], result,
                        f"limit_indices = {array(limits)}, "
                        f"start_indices = {array(starts)}, "
                        f"strides = {array([1] * len(starts))}")

    def router(self, x, weight):
        t, e, k, d = (self.sizes[name] for name in ("t", "e", "k", "d"))
        logits = self.dot(x, weight, t, e, d)
        full = tensor(t, e)
        top = self.reduce(logits, (t, e), "0xFF800000", "maximum")
        powers = self.hlo("exponential", [self.along_rows("subtract", logits, top, (t, e))],
                          [full], full)
        total = self.reduce(powers, (t, e), "0.0", "add")
        scores = self.along_rows("divide", powers, total, (t, e))
        ids = tensor(t, e, element="i32")
        numbers = self.hlo("iota", [], [], ids, "iota_dimension = 1 : i64")
        values, order = self.multi(
            f'"stablehlo.sort"({scores}, {numbers}) <{{dimension = 1 : i64, '
            "is_stable = true}> ({\n"
            "    ^bb0(%a: tensor<f32>, %b: tensor<f32>, %c: tensor<i32>, %d: tensor<i32>):\n"
            '      %r = "stablehlo.compare"(%a, %b) <{compare_type = '
            "#stablehlo<comparison_type FLOAT>, comparison_direction = "
            "#stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) "
            '-> tensor<i1>\n      "stablehlo.return"(%r) : (tensor<i1>) -> ()\n'
            f"    }}) : ({full}, {ids}) -> ({full}, {ids})", 2)
        chosen = self.slice(values, full, (0, 0), (t, k), tensor(t, k))
        order = self.slice(order, ids, (0, 0), (t, k), tensor(t, k, element="i32"))
        total = self.reduce(chosen, (t, k), "0.0", "add")
        return order, self.along_rows("divide", chosen, total, (t, k))

    def dense_weights(self, ids, weights):
        t, e, k = self.sizes["t"], self.sizes["e"], self.sizes["k"]
        cube, integers = tensor(t, k, e), tensor(t, k, e, element="i32")
        numbers = self.hlo("iota", [], [], integers, "iota_dimension = 2 : i64")
        wide = self.broadcast(ids, tensor(t, k, element="i32"), [0, 1], integers)
        is_it = self.hlo("compare", [wide, numbers], [integers, integers],
                         tensor(t, k, e, element="i1"),
                         "comparison_direction = #stablehlo<comparison_direction EQ>")
        one_hot = self.hlo("convert", [is_it], [tensor(t, k, e, element="i1")], cube)
        return self.hlo("dot_general", [weights, one_hot], [tensor(t, k), cube],
                        tensor(t, e), "dot_dimension_numbers = #stablehlo.dot<"
                        "lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], "
                        "lhs_contracting_dimensions = [1], "
                        "rhs_contracting_dimensions = [1]>")

    def unrolled(self, x):
        t, d, e, f = (self.sizes[name] for name in "tdef")
        router = self.argument(tensor(e, d))
        shapes = [(f, d), (f, d), (d, f)]
        stacks = [self.argument(tensor(e, *shape)) for shape in shapes]
        dense = self.dense_weights(*self.router(x, router))
        kind, wide = tensor(t, d), tensor(t, f)
        y = self.broadcast(self.constant("0.0"), "tensor<f32>", [], kind)
        for number in range(e):
            matrices = []
            for stack, shape in zip(stacks, shapes):
                part = self.slice(stack, tensor(e, *shape), (number, 0, 0),
                                  (number + 1, *shape), tensor(1, *shape))
                matrices.append(self.hlo("reshape", [part], [tensor(1, *shape)],
                                         tensor(*shape)))
            gate = self.dot(x, matrices[0], t, f, d)
            up = self.dot(x, matrices[1], t, f, d)
            sigmoid = self.hlo("logistic", [gate], [wide], wide)
            hidden = self.binary("multiply", self.binary("multiply", gate, sigmoid, wide),
                                 up, wide)
            out = self.dot(hidden, matrices[2], t, d, f)
            column = self.slice(dense, tensor(t, e), (0, number), (t, number + 1),
                                tensor(t, 1))
            column = self.hlo("reshape", [column], [tensor(t, 1)], tensor(t))
            y = self.binary("add", y, self.along_rows("multiply", out, column, (t, d)), kind)
        return self.binary("add", x, y, kind)


def write(form, layers, sizes):
    out = []
    writer = (StableHLO if form == "stablehlo" else Linalg)(out, sizes)
    x = "%x"
    for _ in range(layers):
        if form == "gathered":
            x = writer.gathered(x)
        elif form == "stablehlo":
            x = writer.unrolled(x)
        else:
            x = writer.unrolled(x, separate=form == "separate")
    kind = tensor(sizes["t"], sizes["d"])
    arguments = ", ".join([f"%x: {kind}"] + [f"{name}: {of}" for name, of in
                                             writer.arguments])
    return (f"func.func @main({arguments}) -> {kind} {{\n" + "\n".join(out)
            + f"\n    return {x} : {kind}\n}}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--form", default="unrolled",
                        choices=["unrolled", "separate", "gathered", "stablehlo"])
    for name, value in [("layers", 4), ("experts", 8), ("tokens", 8), ("slots", 2),
                        ("width", 64), ("hidden", 32)]:
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("-o", "--output", default="-")
    options = parser.parse_args()
    text = write(options.form, options.layers,
                 {"t": options.tokens, "e": options.experts, "k": options.slots,
                  "d": options.width, "f": options.hidden})
    if options.output == "-":
        sys.stdout.write(text)
    else:
        with open(options.output, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
