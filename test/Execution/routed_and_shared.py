#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A block of routed experts and, beside it as exporters write it, a shared one.

    routed_and_shared.py --type bf16 --times 2 --gate > block.mlir

has 4 routed experts, of which a token picks 2, and a shared one
`--times` as wide. The routed part is in stage ops, the shared one in linalg.
"""

import argparse
import re

parser = argparse.ArgumentParser()
parser.add_argument("--type", default="f32", choices=["f32", "f16", "bf16"])
parser.add_argument("--tokens", default="?", help="a number, or ? for any")
parser.add_argument("--batch", type=int, help="tokens are batch x tokens")
parser.add_argument("--times", type=int, default=1)
parser.add_argument("--width", type=int, help="instead of --times")
parser.add_argument("--depth", type=int, default=16)
parser.add_argument("--hidden", type=int, default=12)
parser.add_argument("--wide-rows", action="store_true", help="combine reads f32")
parser.add_argument("--act", default="silu", choices=["silu", "tanh"])
parser.add_argument("--bias", action="store_true", help="up projections have one")
parser.add_argument("--down-bias", action="store_true")
parser.add_argument("--gate", action="store_true", help="as Qwen2-MoE has one")
parser.add_argument("--init", action="store_true", help="the combine starts from it")
parser.add_argument("--other-tokens", action="store_true")
parser.add_argument("--both", action="store_true", help="return the shared part, too")
args = parser.parse_args()

E, K, D, F, type_ = 4, 2, args.depth, args.hidden, args.type
W = args.width or args.times * F
tokens = args.tokens
if args.batch and tokens != "?":
    tokens = str(args.batch * int(tokens))
lead = f"{args.batch}x{args.tokens}" if args.batch else tokens
rank = 3 if args.batch else 2
count = 0
lines = []


def emit(text):
    global count
    count += 1
    lines.append(f"  %{count} = {text}")
    return f"%{count}"


def tensor(*shape, element=type_):
    return "tensor<" + "x".join(str(size) for size in shape) + f"x{element}>"


def empty(rows, width, element, like):
    """`rows` is a number or text such as 2x?; `like` has them."""
    sizes = []
    for dim, size in enumerate(str(rows).split("x")):
        if size == "?":
            sizes.append(emit(f"tensor.dim {like[0]}, %c{dim} : {like[1]}"))
    return emit(f"tensor.empty({', '.join(sizes)}) : {tensor(rows, width, element=element)}")


def filled(rows, width, element, like):
    result = tensor(rows, width, element=element)
    return emit(f"linalg.fill ins(%zero_{element} : {element}) "
                f"outs({empty(rows, width, element, like)} : {result}) -> {result}")


def matmul(lhs, lhs_type, rhs, out, depth, rows, wide_result=False):
    """lhs * rhs^T, accumulated in f32 and rounded."""
    wide = tensor(rows, out, element="f32")
    value = emit(
        "linalg.matmul indexing_maps = [#a, #b, #c] "
        f"ins({lhs}, {rhs} : {lhs_type}, {tensor(out, depth)}) "
        f"outs({filled(rows, out, 'f32', (lhs, lhs_type))} : {wide}) -> {wide}")
    if type_ != "f32" and not wide_result:
        value = emit(f"arith.truncf {value} : {wide} to {tensor(rows, out)}")
    return value


def generic(inputs, rows, width, body, ins):
    """Elementwise; `ins` has the map and the type of every input."""
    result = tensor(rows, width)
    rank = len(str(rows).split("x")) + 1
    maps = [m for m, _ in ins] + [f"#id{rank}"]
    arguments = ", ".join(f"%i{i}: {type_}" for i in range(len(inputs)))
    types = ", ".join(t for _, t in ins)
    kinds = ", ".join(['"parallel"'] * rank)
    return emit(
        f"linalg.generic {{indexing_maps = [{', '.join(maps)}], iterator_types = [{kinds}]}} "
        f"ins({', '.join(inputs)} : {types}) "
        f"outs({empty(rows, width, type_, (inputs[0], ins[0][1]))} : {result}) {{\n"
        f"  ^bb0({arguments}, %o: {type_}):\n{body}  }} -> {result}")


def op(name, result, operands):
    return f"    %{result} = {name} {operands} : {type_}\n"


SIGMOID = (op("arith.negf", "n", "%i0") + op("math.exp", "e", "%n") +
           op("arith.addf", "s", f"%one_{type_}, %e") +
           op("arith.divf", "q", f"%one_{type_}, %s"))


def activation(act):
    if act == "tanh":
        return op("math.tanh", "q", "%i0") + f"    linalg.yield %q : {type_}\n"
    return SIGMOID + op("arith.mulf", "r", "%i0, %q") + f"    linalg.yield %r : {type_}\n"


def times_or_plus(name):
    return op(name, "r", "%i0, %i1") + f"    linalg.yield %r : {type_}\n"


def ffn(x, x_type, gate, up, down, width, rows, shape, act, bias=None, down_bias=None,
        wide_result=False):
    """`shape` is what the elementwise part works in."""
    rank = len(str(shape).split("x")) + 1
    same = (f"#id{rank}", tensor(shape, width))

    def project(weights, which):
        value = matmul(x, x_type, weights, width, D, rows)
        if bias:
            value = generic([value, bias[which]], rows, width, times_or_plus("arith.addf"),
                            [("#id2", tensor(rows, width)), ("#column", tensor(width))])
        return expand(value, rows, shape, width)

    g = generic([project(gate, 0)], shape, width, activation(act), [same])
    h = generic([g, project(up, 1)], shape, width, times_or_plus("arith.mulf"), [same, same])
    h = collapse(h, rows, shape, width)
    y = matmul(h, tensor(rows, width), down, D, width, rows, wide_result)
    if down_bias:
        y = generic([y, down_bias], rows, D, times_or_plus("arith.addf"),
                    [("#id2", tensor(rows, D)), ("#column", tensor(D))])
    return y


def constants():
    result = [f"  %c{i} = arith.constant {i} : index" for i in (0, 1)]
    for element in sorted({"f32", type_}):
        result += [f"  %zero_{element} = arith.constant 0.0 : {element}",
                   f"  %one_{element} = arith.constant 1.0 : {element}"]
    return result


def expand(value, rows, shape, width):
    if rows == shape:
        return value
    sizes = []
    for size in shape.split("x"):
        sizes.append("%inner" if size == "?" else size)
    return emit(f"tensor.expand_shape {value} [[0, 1], [2]] output_shape "
                f"[{', '.join(sizes)}, {width}] : {tensor(rows, width)} into {tensor(shape, width)}")


def collapse(value, rows, shape, width):
    if rows == shape:
        return value
    return emit(f"tensor.collapse_shape {value} [[0, 1], [2]] : "
                f"{tensor(shape, width)} into {tensor(rows, width)}")


x_type = tensor(tokens, D)
if args.batch and "?" in lead:
    lines.append(f"  %inner = tensor.dim %x, %c1 : {tensor(lead, D)}")
x = collapse("%x", tokens, lead, D)
other = collapse("%z", tokens, lead, D) if args.other_tokens else x

shared = ffn(other, x_type, "%g", "%u", "%d", W, tokens, lead, args.act,
             ["%gb", "%ub"] if args.bias else None, "%db" if args.down_bias else None)
shared_only = shared
shape = tokens if args.init else lead
rank = len(str(shape).split("x")) + 1
if not args.init:
    shared = expand(shared, tokens, lead, D)
if args.gate:
    gate = expand(matmul(x, x_type, "%gw", 1, D, tokens), tokens, shape, 1)
    gate = generic([gate], shape, 1, SIGMOID + f"    linalg.yield %q : {type_}\n",
                   [(f"#id{rank}", tensor(shape, 1))])
    shared = generic([shared, gate], shape, D, times_or_plus("arith.mulf"),
                     [(f"#id{rank}", tensor(shape, D)), (f"#first{rank}", tensor(shape, 1))])

key, ids = tensor(tokens, E, element="f32"), tensor(tokens, K, element="i32")
pairs = "?" if tokens == "?" else int(tokens) * K
rows_type = tensor(pairs, D)
lines.append(f"""  %scores = moe.score sigmoid %key : {key} -> {key}
  %ids = moe.select #moe.top_k<{K}> %scores : {key} -> {ids}
  %weights = moe.weigh value %scores, %ids norm sum : {key}, {ids} -> {tensor(tokens, K, element='f32')}
  %offsets, %pairs = moe.plan %ids : {ids} -> tensor<{E + 1}xi32>, tensor<{pairs}xi32>
  %rows = moe.dispatch {x}, %pairs slots {K} : {x_type}, tensor<{pairs}xi32> -> {rows_type}""")
row_element = "f32" if args.wide_rows else type_
ys_type = tensor(pairs, D, element=row_element)
operands = [("%w1", tensor(E, 2 * F, D)), ("%w2", tensor(E, D, F))]
if args.bias:
    operands.append(("%b1", tensor(E, 2 * F)))
if args.down_bias:
    operands.append(("%b2", tensor(E, D)))
lines.append(f"""  %ys = moe.experts rows(%rows : {rows_type})
      weights({', '.join(n for n, _ in operands)} : {', '.join(t for _, t in operands)})
      offsets(%offsets : tensor<{E + 1}xi32>) -> {ys_type} {{
  ^expert(%row: {tensor('?', D)}, %a: {tensor(2 * F, D)}, %b: {tensor(D, F)}{
      f', %ab: {tensor(2 * F)}' if args.bias else ''}{
      f', %bb: {tensor(D)}' if args.down_bias else ''}):""")
body = len(lines)
for which, name in enumerate(["gate", "up"]):
    lines.append(f"  %{name}_w = tensor.extract_slice %a[{which * F}, 0] [{F}, {D}] [1, 1] "
                 f": {tensor(2 * F, D)} to {tensor(F, D)}")
    if args.bias:
        lines.append(f"  %{name}_b = tensor.extract_slice %ab[{which * F}] [{F}] [1] "
                     f": {tensor(2 * F)} to {tensor(F)}")
lines += constants()
row = ffn("%row", tensor("?", D), "%gate_w", "%up_w", "%b", F, "?", "?", "silu",
          ["%gate_b", "%up_b"] if args.bias else None, "%bb" if args.down_bias else None,
          args.wide_rows)
lines.append(f"  moe.yield {row} : {tensor('?', D, element=row_element)}\n  }}")
# The body sees nothing from outside, but shares its names.
lines[body:] = [re.sub("%(c|zero_|one_)", r"%in_\1", line) for line in lines[body:]]
init = shared if args.init else filled(tokens, D, type_, (x, x_type))
y = emit(f"moe.combine %ys, %pairs, %weights into {init} : {ys_type}, tensor<{pairs}xi32>, "
         f"{tensor(tokens, K, element='f32')} into {x_type}")
y = expand(y, tokens, lead, D)
if not args.init:
    rank = len(str(lead).split("x")) + 1
    same = (f"#id{rank}", tensor(lead, D))
    y = generic([y, shared], lead, D, times_or_plus("arith.addf"), [same, same])

inputs = [("%x", tensor(lead, D)), ("%key", key)] + operands + [
    ("%g", tensor(W, D)), ("%u", tensor(W, D)), ("%d", tensor(D, W))]
if args.bias:
    inputs += [("%gb", tensor(W)), ("%ub", tensor(W))]
if args.down_bias:
    inputs.append(("%db", tensor(D)))
if args.gate:
    inputs.append(("%gw", tensor(1, D)))
if args.other_tokens:
    inputs.append(("%z", tensor(lead, D)))
results = [(y, tensor(lead, D))] + ([(shared_only, x_type)] if args.both else [])
print("""#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
#id2 = affine_map<(i, j) -> (i, j)>
#id3 = affine_map<(h, i, j) -> (h, i, j)>
#column = affine_map<(i, j) -> (j)>
#first2 = affine_map<(i, j) -> (i, 0)>
#first3 = affine_map<(h, i, j) -> (h, i, 0)>""")
print(f"func.func @main({', '.join(f'{n}: {t}' for n, t in inputs)}) "
      f"-> ({', '.join(t for _, t in results)}) {{")
print("\n".join(constants() + lines))
print(f"  return {', '.join(n for n, _ in results)} : {', '.join(t for _, t in results)}\n}}")
