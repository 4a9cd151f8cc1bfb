#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Derives forms of an exported model that its exporter did not write.

  derive.py IN.mlir -o OUT.mlir [--narrow=bf16|f16] [--narrow-weights]
            [--tokens=N|dynamic]

IN is in generic form. --narrow gives what an export of the model in bf16 or f16
gives: arguments and results of that type, every matmul and every op rounded to
it, scores in f32. Routing weights meet the rows in f32 as in Mixtral, or with
--narrow-weights in the type of the rows as in OLMoE and gpt-oss. --tokens
replaces the length of dimension 1 of the first argument, and what follows from
it, by a number or by `?` (linalg only).
"""

import argparse
import pathlib
import sys

import generic_ir as ir

MOVEMENT = {"tensor.collapse_shape", "tensor.expand_shape", "tensor.concat",
            "tensor.extract_slice", "linalg.transpose", "tosa.reshape",
            "tosa.tile", "tosa.transpose", "tosa.slice", "tosa.gather",
            "tosa.concat"}
# Neither rounds nor computes: what it takes stays in the type it has.
SELECTION = {"tm_tensor.sort", "tosa.select", "tosa.argmax", "tosa.equal",
             "tosa.scatter"}
MATMULS = {"linalg.matmul", "linalg.batch_matmul", "tosa.matmul"}
# What TOSA computes in f32 before it rounds; sums and products it rounds itself.
ROUNDED = {"tosa.sigmoid", "tosa.exp", "tosa.reciprocal", "tosa.reduce_sum",
           "tosa.reduce_max", "tosa.tanh", "tosa.rsqrt"}


def is_bias(op):
    return op.name == "tosa.add" or (
        op.name == "linalg.generic" and len(op.body) == 3 and
        "arith.addf" in op.body[1] and not ir.is_reduction(op))


class Narrow:
    """Rewrites a function op by op; `element` says what each value holds now."""

    def __init__(self, function, narrow, weights):
        self.function = function
        self.narrow = narrow
        self.weights = weights
        self.out = []
        self.element = {}
        self.makers = {}
        self.casts = {}
        self.mixed = set()
        self.deciding = self.find_deciding()
        # What is made of the logits alone: scores and routing weights.
        self.routing = set()

    def find_deciding(self):
        """Values that the choice of the experts depends on."""
        deciding = set()
        for op in reversed(self.function.ops):
            if op.name in ("tm_tensor.sort", "tosa.argmax") or \
                    deciding.intersection(op.results):
                deciding.update(op.operands)
        return deciding

    def emit(self, op):
        self.out.append(op)
        for name, kind in zip(op.results, op.out_types):
            self.element[name] = kind.element

    def fresh(self, name, operands, in_types, out_type, props="", body=()):
        result = f"%narrow_{len(self.out)}"
        self.emit(ir.Op([result], name, list(operands), props, list(body),
                        list(in_types), [out_type]))
        return result

    def get(self, value, kind, wanted):
        """The value with the wanted float as element."""
        if not kind.is_float:
            return value, kind
        target = kind.of(wanted)
        if self.element[value] == wanted:
            return value, target
        if (value, wanted) in self.casts:
            return self.casts[value, wanted], target
        maker = self.makers.get(value)
        source = kind.of(self.element[value])
        if maker and maker.name == "tensor.empty":
            cast = self.fresh("tensor.empty", maker.operands,
                              maker.in_types, target)
        elif maker and maker.name == "tosa.const":
            cast = self.fresh("tosa.const", [], [], target,
                              ir.retype_constant(maker.props, wanted))
        elif self.is_tosa():
            cast = self.fresh("tosa.cast", [value], [source], target)
        else:
            cast = self.cast_linalg(value, source, target)
        self.casts[value, wanted] = cast
        return cast, target

    def is_tosa(self):
        return any(op.name.startswith("tosa.") for op in self.function.ops)

    def cast_linalg(self, value, source, target):
        empty = self.fresh("tensor.empty", [], [], target)
        name = "extf" if target.element == "f32" else "truncf"
        loops = ["#linalg.iterator_type<parallel>"] * target.rank
        dims = ", ".join(f"d{i}" for i in range(target.rank))
        identity = f"affine_map<({dims}) -> ({dims})>"
        props = (f"indexing_maps = [{identity}, {identity}], iterator_types = "
                 f"[{', '.join(loops)}], operandSegmentSizes = array<i32: 1, 1>")
        body = [f"^bb0(%in: {source.element}, %out: {target.element}):",
                f'%c = "arith.{name}"(%in) : ({source.element}) -> {target.element}',
                f'"linalg.yield"(%c) : ({target.element}) -> ()']
        return self.fresh("linalg.generic", [value, empty],
                          [source, target], target, props, body)

    def run(self):
        for name, kind in self.function.arguments:
            self.element[name] = self.narrow if kind.element == "f32" else kind.element
        self.function.arguments = [(name, kind.of(self.narrow))
                                   for name, kind in self.function.arguments]
        for op in self.function.ops:
            for name in op.results:
                self.makers[name] = op
            self.rewrite(op)
        self.function.ops = self.out

    def rewrite(self, op):
        if op.name == "func.return":
            pairs = [self.get(value, kind, self.narrow)
                     for value, kind in zip(op.operands, op.in_types)]
            op.operands = [value for value, _ in pairs]
            op.in_types = [kind for _, kind in pairs]
            self.function.results = list(op.in_types)
            self.emit(op)
            return
        reads = [value for value, kind in zip(op.operands, op.in_types)
                 if kind.is_float and not self.is_fresh(value)]
        reads += ir.extracted(op)
        if not any(kind.is_float for kind in op.in_types + op.out_types) or \
                not reads:
            self.emit(op)
            return
        if all(value in self.routing for value in reads) or \
                (is_bias(op) and self.routing.intersection(reads)):
            self.routing.update(op.results)
        if op.name in MATMULS:
            if self.deciding.intersection(op.results):
                self.routing.update(op.results)
            self.rewrite_matmul(op)
        elif self.is_movement(op):
            source = self.element[reads[0]]
            self.retype(op, source, source)
            if any(value in self.mixed for value in reads):
                self.mixed.update(op.results)
        else:
            self.rewrite_arithmetic(op, reads)

    def is_fresh(self, value):
        maker = self.makers.get(value)
        return maker and maker.name in ("tensor.empty", "tosa.const",
                                        "linalg.fill", "arith.constant")

    def is_movement(self, op):
        if op.name == "linalg.generic":
            return not any("arith." in line and "f" in line.split('"')[1][-1:] or
                           "math." in line for line in op.body)
        return op.name in MOVEMENT or op.name in SELECTION

    def retype(self, op, inputs, result):
        """Reads all floats as `inputs`, and makes floats of type `result`."""
        outs = ir.num_outs(op)
        for number, (value, kind) in enumerate(zip(op.operands, op.in_types)):
            is_out = number >= len(op.operands) - outs
            op.operands[number], op.in_types[number] = self.get(
                value, kind, result if is_out else inputs)
        op.out_types = [kind.of(result) for kind in op.out_types]
        if self.is_movement(op) and op.body:
            op.body = [ir.retype_scalars(line, "f32", result)
                       for line in op.body]
        self.emit(op)

    def rewrite_matmul(self, op):
        outs = ir.num_outs(op)
        last = len(op.operands) - outs
        for number in range(last):
            op.operands[number], op.in_types[number] = self.get(
                op.operands[number], op.in_types[number], self.narrow)
        ir.extend_arguments(op, [self.narrow, self.narrow, "f32"])
        self.emit(op)
        self.round(op)

    def round(self, op):
        """Makes later readers see the result rounded."""
        for name, kind in zip(op.results, op.out_types):
            if kind.is_float:
                rounded, _ = self.get(name, kind, self.narrow)
                self.function.rename(name, rounded, after=op)
                self.makers[rounded] = op
                if name in self.routing:
                    self.routing.add(rounded)

    def rewrite_arithmetic(self, op, reads):
        meets_rows = not all(value in self.routing for value in reads)
        for number, value in enumerate(op.operands):
            if value in self.routing and op.in_types[number].is_float and \
                    not is_bias(op):
                op.operands[number], _ = self.get(
                    value, op.in_types[number],
                    self.weights if meets_rows else "f32")
        reads = [value for value, kind in zip(op.operands, op.in_types)
                 if kind.is_float and not self.is_fresh(value)]
        kinds = {self.element[value] for value in reads}
        wide = "f32" in kinds
        mixed = any(value in self.mixed for value in reads) or \
            kinds == {"f32", self.narrow}
        reduces = ir.is_reduction(op)
        if op.name.startswith("tosa."):
            computed = "f32" if wide or op.name in ROUNDED else self.narrow
            if computed == self.narrow:
                op.props = ir.retype_constant(op.props, self.narrow)
            self.retype(op, computed, computed)
            if computed == "f32" and (not wide or (reduces and mixed)):
                self.round(op)
        else:
            result = "f32" if wide or reduces else self.narrow
            elements = []
            outs = ir.num_outs(op)
            for number, kind in enumerate(op.in_types):
                value = op.operands[number]
                is_out = number >= len(op.operands) - outs
                wanted = result if is_out else \
                    "f32" if self.is_fresh(value) else self.element[value]
                op.operands[number], op.in_types[number] = self.get(
                    value, kind, wanted)
                elements.append(op.in_types[number].element)
            op.out_types = [kind.of(result) for kind in op.out_types]
            if op.body and op.name == "linalg.generic":
                ir.extend_arguments(op, elements)
                if result == self.narrow:
                    ir.round_yield(op, self.narrow)
            self.emit(op)
            if reduces and (not wide or mixed):
                self.round(op)
        if mixed and not reduces:
            self.mixed.update(op.results)


class Resize:
    """Marks the dimensions that grow with the tokens, then renames them."""

    def __init__(self, function, size):
        self.function = function
        self.size = size
        self.kinds = function.kinds()
        first, kind = function.arguments[0]
        self.base = kind.dims[1]
        self.marked = {(first, 1)}

    def link(self, *nodes):
        """Dimensions of one length: all grow, or none does."""
        if self.marked.intersection(nodes):
            self.marked.update(nodes)

    def link_reshape(self, op, wide, narrow):
        """`narrow` holds a dimension per group of dimensions of `wide`."""
        for last, group in enumerate(ir.reassociation(op)):
            if (narrow, last) in self.marked and \
                    not any((wide, i) in self.marked for i in group):
                fitting = [i for i in group
                           if self.kinds[wide].dims[i] % self.base == 0]
                self.marked.add((wide, fitting[0]))
            elif any((wide, i) in self.marked for i in group):
                self.marked.add((narrow, last))

    def visit(self, op):
        outs = ir.num_outs(op)
        for result, out in zip(op.results, op.operands[len(op.operands) - outs:]):
            for i in range(self.kinds[result].rank):
                self.link((result, i), (out, i))
        if op.name == "linalg.transpose":
            for i, j in enumerate(ir.integers(op.props, "permutation")):
                self.link((op.operands[0], j), (op.results[0], i))
        elif ir.has_maps(op):
            loops = {}
            for value, dims in zip(op.operands, self.function.maps(op)):
                for i, loop in enumerate(dims):
                    if loop is not None:
                        loops.setdefault(loop, []).append((value, i))
            for nodes in loops.values():
                self.link(*nodes)
        elif op.name in ("tm_tensor.sort", "tm_tensor.scan"):
            for i in range(self.kinds[op.operands[0]].rank):
                self.link(*((value, i) for value in op.operands + op.results))
        elif op.name == "tensor.extract_slice":
            source, result = op.operands[0], op.results[0]
            for i, dim in enumerate(self.kinds[source].dims):
                if self.kinds[result].dims[i] == dim:
                    self.link((source, i), (result, i))
        elif op.name == "tensor.expand_shape":
            self.link_reshape(op, op.results[0], op.operands[0])
        elif op.name == "tensor.collapse_shape":
            self.link_reshape(op, op.operands[0], op.results[0])

    def run(self):
        count = 0
        while count != len(self.marked):
            count = len(self.marked)
            for op in self.function.ops:
                self.visit(op)
        factors = sorted({self.kinds[v].dims[i] // self.base
                          for v, i in self.marked})
        for op in self.function.ops:
            self.rename(op)
        self.function.arguments = [(name, self.resized(name))
                                   for name, _ in self.function.arguments]
        self.function.results = [
            self.resized(value) for value in self.function.ops[-1].operands]
        if self.size == "dynamic":
            self.function.ops[:0] = self.lengths(factors)

    def resized(self, value):
        kind = self.kinds[value]
        return kind.with_dims([
            dim if (value, i) not in self.marked else
            "?" if self.size == "dynamic" else dim // self.base * int(self.size)
            for i, dim in enumerate(kind.dims)])

    def rename(self, op):
        op.in_types = [self.resized(v) if v in self.kinds else kind
                       for v, kind in zip(op.operands, op.in_types)]
        if not op.results:
            return
        result = op.results[0]
        kind = self.resized(result)
        lengths = [f"%length{self.kinds[result].dims[i] // self.base}"
                   for i, dim in enumerate(kind.dims) if dim == "?"]
        if op.name in ("tensor.empty", "tensor.expand_shape",
                       "tensor.extract_slice"):
            op.operands += lengths
            op.in_types += [ir.Kind("index")] * len(lengths)
            op.props = ir.resize_props(op, kind, len(lengths))
        op.out_types = [self.resized(v) for v in op.results]

    def lengths(self, factors):
        index = ir.Kind("index")
        first, _ = self.function.arguments[0]
        ops = [ir.Op(["%one"], "arith.constant", [], "value = 1 : index", [], [],
                     [index]),
               ir.Op(["%length1"], "tensor.dim", [first, "%one"], "", [],
                     [self.resized(first), index], [index])]
        for factor in factors:
            if factor == 1:
                continue
            ops += [ir.Op([f"%factor{factor}"], "arith.constant", [],
                          f"value = {factor} : index", [], [], [index]),
                    ir.Op([f"%length{factor}"], "arith.muli",
                          ["%length1", f"%factor{factor}"],
                          "overflowFlags = #arith.overflow<none>", [],
                          [index, index], [index])]
        return ops


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input", type=pathlib.Path)
    parser.add_argument("-o", dest="output", type=pathlib.Path, required=True)
    parser.add_argument("--narrow", choices=["bf16", "f16"])
    parser.add_argument("--narrow-weights", action="store_true")
    parser.add_argument("--tokens")
    arguments = parser.parse_args()
    function = ir.Function(arguments.input.read_text())
    if arguments.narrow:
        weights = arguments.narrow if arguments.narrow_weights else "f32"
        Narrow(function, arguments.narrow, weights).run()
    if arguments.tokens:
        if any(op.name.startswith("tosa.") for op in function.ops):
            sys.exit(f"{arguments.input}: --tokens takes linalg forms only")
        Resize(function, arguments.tokens).run()
    arguments.output.write_text(str(function))


if __name__ == "__main__":
    main()
