# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the graphs of the folder above from the functions below, with JAX
(0.10 was used). For people: the suite holds what it wrote.

  export.py FOLDER [NAME ...]
"""

import inspect
import pathlib
import re
import shlex
import sys

import jax
import jax.export
import jax.numpy as jnp
from jax import lax, nn
from jax._src.interpreters import mlir as jax_mlir
from jaxlib.mlir import ir, passmanager
from jaxlib.mlir._mlir_libs import _stablehlo

GRAPHS = {}


def graph(*shapes, **options):
    """A graph with arguments of these shapes; ("i", ...) is one of integers.
    `options` are those of check.py; form="linalg" lowers the graph further."""
    def register(function):
        GRAPHS[function.__name__.replace("_", "-")] = function, shapes, options
        return function
    return register


def attend(q, k, v, mask=None):
    scores = jnp.einsum("bhqd,bhkd->bhqk", q, k) / q.shape[-1] ** .5
    if mask is not None:
        scores = jnp.where(mask, scores, -jnp.inf)
    return jnp.einsum("bhqk,bhkd->bhqd", nn.softmax(scores, -1), v)


def heads(x, w, count):
    return (x @ w).reshape(*x.shape[:2], count, -1).transpose(0, 2, 1, 3)


def normed(x):
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(var + 1e-5)


# Attention.

@graph((2, 5, 8), (8, 8), (8, 8), (8, 8), (8, 8))
def multi_head_attention(x, wq, wk, wv, wo):
    y = attend(heads(x, wq, 2), heads(x, wk, 2), heads(x, wv, 2))
    return y.transpose(0, 2, 1, 3).reshape(x.shape) @ wo


@graph((2, 5, 8), (8, 8), (8, 4), (8, 4))
def grouped_query_attention(x, wq, wk, wv):
    k, v = (jnp.repeat(heads(x, w, 1), 2, 1) for w in (wk, wv))
    return attend(heads(x, wq, 2), k, v, jnp.tril(jnp.ones((5, 5), bool)))


@graph((2, 5, 8), (2, 7, 8), (8, 8), (8, 8), form="linalg")
def cross_attention(x, memory, wk, wv):
    return attend(x[:, None], (memory @ wk)[:, None], (memory @ wv)[:, None])


@graph((6, 8), (9, 8), (9, 8), selects=1,
       missed="the rows read no token")
def sparse_attention(q, k, v):
    """Every query reads the values of its three best keys."""
    scores, ids = lax.top_k(q @ k.T, 3)
    return jnp.einsum("tk,tkd->td", nn.softmax(scores, -1), v[ids])


@graph((2, 3, 5, 8), form="linalg")
def rotary_embedding(x):
    angle = jnp.arange(5.)[:, None] / 10 ** (jnp.arange(4.) / 4)
    a, b = jnp.split(x, 2, -1)
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    return jnp.concatenate([a * cos - b * sin, b * cos + a * sin], -1)


# Decoding.

@graph((4, 11), (4, 3), selects=1)
def top_k_sampling(logits, noise):
    best, ids = lax.top_k(logits, 3)
    place = jnp.argmax(nn.log_softmax(best, -1) + noise, -1)
    return jnp.take_along_axis(ids, place[:, None], -1)


@graph((4, 11), (4, 11),
       missed="the comparator")
def nucleus_sampling(logits, noise):
    """The fewest tokens that hold 0.9 of the probability."""
    p = nn.softmax(logits, -1)
    order = jnp.argsort(-p, -1)
    ranked = jnp.take_along_axis(p, order, -1)
    kept = jnp.where(jnp.cumsum(ranked, -1) - ranked < .9, jnp.log(ranked), -jnp.inf)
    place = jnp.argmax(kept + noise, -1)
    return jnp.take_along_axis(order, place[:, None], -1)


@graph((3, 4), (3, 4, 11), (3, 4, 8), selects=1)
def beam_search_step(scores, logits, states):
    total = (scores[..., None] + nn.log_softmax(logits, -1)).reshape(3, -1)
    best, ids = lax.top_k(total, 4)
    return best, ids % 11, jnp.take_along_axis(states, ids[..., None] // 11, 1)


@graph((5, 8), (8, 11), form="linalg")
def greedy_decoding(x, w):
    return jnp.argmax(x @ w, -1)


@graph(("i", 4, 6), (4, 6, 11))
def speculative_accept(draft, logits):
    """How many drafted tokens the large model would have chosen too."""
    return jnp.cumprod(draft == jnp.argmax(logits, -1), -1).sum(-1)


@graph((6, 9), ("i", 6), selects=1)
def top_5_accuracy(logits, labels):
    return (lax.top_k(logits, 5)[1] == labels[:, None]).any(-1).mean()


# Lookups.

@graph(("i", 2, 5), (9, 8))
def embedding_gather(ids, table):
    return table[ids]


@graph(("i", 4, 3), (9, 8), (4, 3))
def embedding_bag(ids, table, weights):
    return jnp.einsum("bkd,bk->bd", table[ids], weights)


@graph(("i", 5), (9, 8), form="linalg")
def one_hot_embedding(ids, table):
    return nn.one_hot(ids, 9) @ table


@graph(("i", 6), (4, 8), (4, 8))
def hash_embedding(ids, first, second):
    return first[ids * 31 % 4] + second[ids * 17 % 4]


@graph((5, 8), (9, 8), (9, 8), selects=1,
       missed="the rows read no token")
def nearest_neighbours(x, keys, values):
    away = ((x[:, None] - keys) ** 2).sum(-1)
    return values[lax.top_k(-away, 3)[1]].mean(1)


@graph((5, 8), (4, 4), (4, 4), (16, 8), selects=3,
       missed="reads more than its token and its expert")
def product_key_memory(x, left, right, values):
    """Two top-2 of halves of the key, and the two best of their four sums."""
    a, i = lax.top_k(x[:, :4] @ left.T, 2)
    b, j = lax.top_k(x[:, 4:] @ right.T, 2)
    best, place = lax.top_k((a[:, :, None] + b[:, None]).reshape(5, 4), 2)
    ids = (i[:, :, None] * 4 + j[:, None]).reshape(5, 4)
    rows = values[jnp.take_along_axis(ids, place, -1)]
    return jnp.einsum("tk,tkd->td", nn.softmax(best, -1), rows)


@graph((5, 8), (9, 8), (9, 4, 8), selects=1)
def retrieval(x, keys, documents):
    """Scores, and the tokens of the two best documents of every query."""
    best, ids = lax.top_k(x @ keys.T, 2)
    return best, documents[ids]


@graph((6, 8), (4, 8))
def vector_quantisation(x, codes):
    nearest = jnp.argmin(((x[:, None] - codes) ** 2).sum(-1), -1)
    return nearest, codes[nearest]


@graph((6, 8), ("i", 7), ("i", 7), ("i", 7))
def decision_tree(x, feature, left, right):
    node = jnp.zeros(6, jnp.int32)
    for _ in range(3):
        value = jnp.take_along_axis(x, feature[node][:, None], 1)[:, 0]
        node = jnp.where(value < 0, left[node], right[node])
    return node


@graph((2, 6, 6), (2, 5, 2))
def spatial_transformer(image, at):
    """Bilinear reads of an image at points."""
    at = jnp.clip(at, 0, 4)
    low = at.astype(jnp.int32)
    part = at - low
    n = jnp.arange(2)[:, None]
    result = 0
    for dy in (0, 1):
        for dx in (0, 1):
            wy = part[..., 0] if dy else 1 - part[..., 0]
            wx = part[..., 1] if dx else 1 - part[..., 1]
            result += wy * wx * image[n, low[..., 0] + dy, low[..., 1] + dx]
    return result


# Sorts, counts and sums by index.

@graph((7, 4), (7,))
def sort_and_gather_back(x, key):
    order = jnp.argsort(key)
    back = jnp.argsort(order)
    return jnp.tanh(x[order])[back]


@graph(("i", 12))
def histogram(ids):
    return jnp.bincount(ids, length=5)


@graph((6, 8), ("i", 10), ("i", 10), (8, 8))
def graph_network(x, source, target, w):
    """Every node sums the messages along its edges."""
    return jnp.zeros((6, 8)).at[target].add((x @ w)[source])


@graph((9, 4), ("i", 9))
def segment_mean(x, segment):
    total = jax.ops.segment_sum(x, segment, 4)
    count = jax.ops.segment_sum(jnp.ones(9), segment, 4)
    return total / jnp.maximum(count, 1)[:, None]


@graph((2, 6, 4), ("i", 2))
def ragged_batch(x, length):
    kept = jnp.arange(6)[None] < length[:, None]
    return jnp.where(kept[..., None], x, 0).sum(1) / jnp.maximum(length, 1)[:, None]


@graph((3, 8), selects=1)
def max_pool_unpool(x):
    """The largest of every pair goes back to where it was."""
    pairs = x.reshape(3, 4, 2)
    at = jnp.argmax(pairs, -1)
    top = jnp.take_along_axis(pairs, at[..., None], -1)
    return (nn.one_hot(at, 2) * top).reshape(3, 8)


# Networks.

@graph((6, 8), (8, 16), (16,), (16, 8), form="linalg")
def mlp(x, up, bias, down):
    return nn.gelu(x @ up + bias) @ down


@graph((2, 5, 8), (5, 10), (10, 5), (8, 16), (16, 8), form="linalg")
def mlp_mixer(x, token_up, token_down, up, down):
    y = normed(x).transpose(0, 2, 1)
    x = x + (nn.gelu(y @ token_up) @ token_down).transpose(0, 2, 1)
    return x + nn.gelu(normed(x) @ up) @ down


@graph((6, 8), (3, 8, 12), (3, 8, 12), (3, 12, 8), form="linalg")
def glu_stack(x, gate, up, down):
    for g, u, d in zip(gate, up, down):
        x = x + (nn.silu(x @ g) * (x @ u)) @ d
    return x


@graph((6, 8), (8,), (8,), form="linalg")
def layer_norm(x, scale, bias):
    return normed(x) * scale + bias


@graph((1, 6, 6, 3), (3, 3, 3, 4))
def convolution(x, w):
    y = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return sum(jnp.einsum("bhwc,cd->bhwd", y[:, i:i + 6, j:j + 6], w[i, j])
               for i in range(3) for j in range(3))


# Near misses: parts of a mixture of experts.

@graph((6, 8), (8, 12), (4, 8, 16), (4, 16, 8),
       missed="no expert is selected")
def soft_moe(x, phi, up, down):
    """Every slot is a mean of all tokens, every token one of all slots."""
    logits = x @ phi
    slots = (nn.softmax(logits, 0).T @ x).reshape(4, 3, 8)
    y = jnp.einsum("ecf,efd->ecd", nn.relu(jnp.einsum("ecd,edf->ecf", slots, up)), down)
    return nn.softmax(logits, 1) @ y.reshape(12, 8)


@graph((6, 8), (8, 4), (4, 8, 16), (4, 16, 8),
       missed="no expert is selected")
def dense_ensemble(x, router, up, down):
    """All experts of all tokens, by softmax weights: none is chosen."""
    y = jnp.einsum("tef,efd->ted", nn.relu(jnp.einsum("td,edf->tef", x, up)), down)
    return jnp.einsum("te,ted->td", nn.softmax(x @ router, -1), y)


@graph((6, 8), (8,), (8, 16), (16, 8), form="linalg")
def conditional_network(x, w, up, down):
    return jnp.where((x @ w > 0)[:, None], nn.relu(x @ up) @ down, x)


@graph((7, 8), (8,), (8, 16), (16, 8),
       missed="sort the columns of a matrix")
def mixture_of_depths(x, w, up, down):
    """One network, for the three tokens that score best."""
    score, ids = lax.top_k(x @ w, 3)
    y = nn.relu(x[ids] @ up) @ down
    return x.at[ids].add(y * nn.sigmoid(score)[:, None])


@graph((6, 8), ("i", 6), (4, 8, 2), (4, 2, 8), (8, 8),
       missed="matrices are gathered")
def adapters_by_id(x, ids, down, up, w):
    """Low-rank adapters that an argument chooses, not a router."""
    return x @ w + jnp.einsum("tr,trd->td", jnp.einsum("td,tdr->tr", x, down[ids]),
                              up[ids])


@graph((6, 4, 8), (6, 4), selects=1,
       missed="reads more than its token and its expert")
def best_features(x, scores):
    """The two best rows a token has of its own: nothing is shared."""
    best, ids = lax.top_k(scores, 2)
    rows = jnp.take_along_axis(x, ids[..., None], 1)
    return jnp.einsum("tk,tkd->td", nn.softmax(best, -1), rows)


LINALG = ("builtin.module(func.func(stablehlo-legalize-composite-to-call),"
          "func.func(chlo-legalize-to-stablehlo),inline,symbol-dce,"
          "stablehlo-legalize-to-linalg,canonicalize,cse)")


def export(function, shapes, options):
    arguments = [jax.ShapeDtypeStruct(s[1:], jnp.int32) if s[:1] == ("i",) else
                 jax.ShapeDtypeStruct(s, jnp.float32) for s in shapes]
    text = jax.export.export(jax.jit(function))(*arguments).mlir_module()
    context = jax_mlir.make_ir_context()
    with context:
        module = ir.Module.parse(text)
        linalg = options.get("form") == "linalg"
        if linalg:
            passmanager.PassManager.parse(LINALG).run(module.operation)
        for name in list(module.operation.attributes):
            del module.operation.attributes[name]
        return module.operation.get_asm(print_generic_op_form=not linalg)


def main():
    _stablehlo.register_stablehlo_passes()
    folder, *only = sys.argv[1:]
    for name, (function, shapes, options) in GRAPHS.items():
        if only and name not in only:
            continue
        source = re.sub(r"(?s)^@.*?\n(?=def )", "", inspect.getsource(function)).rstrip()
        checks = "".join(f" --{key}={shlex.quote(str(value))}" for key, value in options.items()
                         if key != "form")
        comment = re.sub(r"^", "// ", source, flags=re.M)
        path = pathlib.Path(folder, f"{name}.mlir")
        path.write_text(f"// RUN: %python %S/Inputs/check.py %s{checks}\n\n{comment}\n\n"
                        + export(function, shapes, options))


if __name__ == "__main__":
    main()
