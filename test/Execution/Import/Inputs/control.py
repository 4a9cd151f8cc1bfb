#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""StableHLO control flow, tuples and composites."""

import numpy as np

from hlo import Value, case, main, parametrize

COMPARE = ('"stablehlo.compare"(%i, %n) <{comparison_direction = '
           '#stablehlo<comparison_direction LT>}> : '
           '(tensor<i32>, tensor<i32>) -> tensor<i1>')


@parametrize([0, 1, 5])
def loops(p, count):
    """x doubles `count` times, in a loop that calls a function."""
    x = np.arange(4, dtype=np.float32)
    p.functions.append("""func.func private @twice(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = "stablehlo.add"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}""")
    a = p.arg(x, "f32")
    n = p.arg(np.array(count), "i32")
    i = p.op("stablehlo.constant", [], (), "i32", "value = dense<0> : tensor<i32>")
    one = p.op("stablehlo.constant", [], (), "i32", "value = dense<1> : tensor<i32>")
    types = "%i: tensor<i32>, %n: tensor<i32>, %x: tensor<4xf32>"
    region = f"""{{ ^bb0({types}):
      %go = {COMPARE}
      "stablehlo.return"(%go) : (tensor<i1>) -> () }}, {{ ^bb0({types}):
      %next = "stablehlo.add"(%i, {one.name}) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %y = func.call @twice(%x) : (tensor<4xf32>) -> tensor<4xf32>
      "stablehlo.return"(%next, %n, %y) : (tensor<i32>, tensor<i32>, tensor<4xf32>) -> () }}"""
    results = p.ops("stablehlo.while", [i, n, a],
                    [((), "i32"), ((), "i32"), ((4,), "f32")], "", region)
    p.expect(results[0], np.array(count))
    p.expect(results[2], x * 2**count)


def branch(op, value):
    return (f'{{ %r = "stablehlo.{op}"({value.name}, {value.name}) : '
            f'({value.type}, {value.type}) -> {value.type} '
            f'"stablehlo.return"(%r) : ({value.type}) -> () }}')


@parametrize([False, True])
def ifs(p, which):
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    a = p.arg(x, "f32")
    condition = p.arg(np.array(which), "i1")
    p.expect(p.op("stablehlo.if", [condition], (2, 3), "f32", "",
                  branch("add", a) + ", " + branch("multiply", a)),
             x + x if which else x * x)


@parametrize([-1, 0, 1, 2, 7])
def cases(p, number):
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    a = p.arg(x, "f32")
    index = p.arg(np.array(number), "i32")
    # Any other number takes the last branch.
    expected = {0: x + x, 1: x * x}.get(number, x - x)
    p.expect(p.op("stablehlo.case", [index], (2, 3), "f32", "",
                  ", ".join(branch(op, a) for op in ("add", "multiply", "subtract"))),
             expected)


@case
def nested(p):
    """A branch in a loop, with a reduction in it."""
    x = np.arange(6, dtype=np.float32)
    a = p.arg(x, "f32")
    zero = p.op("stablehlo.constant", [], (), "f32", "value = dense<0.0> : tensor<f32>")
    i = p.op("stablehlo.constant", [], (), "i32", "value = dense<0> : tensor<i32>")
    n = p.op("stablehlo.constant", [], (), "i32", "value = dense<3> : tensor<i32>")
    types = "%i: tensor<i32>, %s: tensor<f32>"
    region = f"""{{ ^bb0({types}):
      %go = {COMPARE.replace("%n", n.name)}
      "stablehlo.return"(%go) : (tensor<i1>) -> () }}, {{ ^bb0({types}):
      %one = "stablehlo.constant"() <{{value = dense<1> : tensor<i32>}}> : () -> tensor<i32>
      %next = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %odd = "stablehlo.compare"(%i, %one) <{{comparison_direction = #stablehlo<comparison_direction EQ>}}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      %t = "stablehlo.if"(%odd) ({{
        "stablehlo.return"(%s) : (tensor<f32>) -> () }}, {{
        %sum = "stablehlo.reduce"({a.name}, {zero.name}) <{{dimensions = array<i64: 0>}}> ({{
        ^bb0(%u: tensor<f32>, %v: tensor<f32>):
          %w = "stablehlo.add"(%u, %v) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%w) : (tensor<f32>) -> () }}) : (tensor<6xf32>, tensor<f32>) -> tensor<f32>
        %more = "stablehlo.add"(%s, %sum) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%more) : (tensor<f32>) -> () }}) : (tensor<i1>) -> tensor<f32>
      "stablehlo.return"(%next, %t) : (tensor<i32>, tensor<f32>) -> () }}"""
    results = p.ops("stablehlo.while", [i, zero], [((), "i32"), ((), "f32")], "", region)
    p.expect(results[1], 2 * x.sum())


@case
def tuples(p):
    x, y = np.array([1, 2], np.float32), np.array(3, np.int32)
    a, b = p.arg(x, "f32"), p.arg(y, "i32")
    pair = "tuple<tensor<2xf32>, tensor<i32>>"
    both = f"tuple<{pair}, tensor<i32>>"
    p.lines += [
        f'%pair = "stablehlo.tuple"({a.name}, {b.name}) : (tensor<2xf32>, tensor<i32>) -> {pair}',
        f'%both = "stablehlo.tuple"(%pair, {b.name}) : ({pair}, tensor<i32>) -> {both}',
        f'%first = "stablehlo.get_tuple_element"(%both) <{{index = 0 : i32}}> : ({both}) -> {pair}',
        f'%x = "stablehlo.get_tuple_element"(%first) <{{index = 0 : i32}}> : ({pair}) -> tensor<2xf32>',
        f'%y = "stablehlo.get_tuple_element"(%both) <{{index = 1 : i32}}> : ({both}) -> tensor<i32>']
    p.expect(Value("%x", (2,), "f32"), x)
    p.expect(Value("%y", (), "i32"), y)


@case
def barriers(p):
    x, y = np.array([1, 2], np.float32), np.array(3, np.int32)
    values = p.ops("stablehlo.optimization_barrier", [p.arg(x, "f32"), p.arg(y, "i32")],
                   [((2,), "f32"), ((), "i32")])
    p.expect(values[0], x)
    p.expect(values[1], y)


@case
def unsigned_signatures(p):
    """Unsigned types of functions go, and what they meant stays."""
    p.functions.append("""func.func private @half(%x: tensor<2xui32>, %y: tensor<ui32>) -> tensor<2xui32> {
  %0 = "stablehlo.broadcast_in_dim"(%y) <{broadcast_dimensions = array<i64>}> : (tensor<ui32>) -> tensor<2xui32>
  %1 = "stablehlo.divide"(%x, %0) : (tensor<2xui32>, tensor<2xui32>) -> tensor<2xui32>
  return %1 : tensor<2xui32>
}""")
    x = np.array([4000000000, 6], np.uint32)
    a, b = p.arg(x, "ui32"), p.arg(np.array(2), "ui32")
    result = p.fresh()
    p.lines.append(f"{result} = func.call @half({a.name}, {b.name}) : "
                   "(tensor<2xui32>, tensor<ui32>) -> tensor<2xui32>")
    p.expect(Value(result, (2,), "ui32"), x // 2)


@case
def composites(p):
    """Those that nothing is known of are what they are made of."""
    p.functions.append("""func.func private @my.impl(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = "stablehlo.multiply"(%x, %x) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}""")
    x = np.array([3, -2], np.float32)
    p.expect(p.op("stablehlo.composite", [p.arg(x, "f32")], (2,), "f32",
                  'name = "my.square", composite_attributes = {some = 1 : i64}, '
                  "decomposition = @my.impl, version = 1 : i32"), x * x)


@case
def tokens(p):
    """create_token and after_all order nothing here, and go."""
    first = p.op("stablehlo.create_token", [], (), "f32")
    second = p.op("stablehlo.create_token", [], (), "f32")
    for value in (first, second):
        value.type = "!stablehlo.token"
    p.lines = [line.replace("tensor<f32>", "!stablehlo.token") for line in p.lines]
    p.lines.append(f'%joined = "stablehlo.after_all"({first.name}, {second.name}) : '
                   '(!stablehlo.token, !stablehlo.token) -> !stablehlo.token')
    x = np.arange(3.0)
    p.expect(p.op("stablehlo.negate", [p.arg(x, "f32")], (3,), "f32"), -x)


if __name__ == "__main__":
    main(__doc__)
