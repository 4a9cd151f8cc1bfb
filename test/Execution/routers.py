#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the routers of routers.mlir and compares them with what follows here.

    routers.py [--only PREFIX] FOLDER -- moe-run ROUTERS.MLIR --backend=...

Every case is a function of that file, its arguments, and the ids and weights it
has to give: published numbers where there are some, else those of the few lines
of numpy below, which compute in f64. FOLDER takes the files of the cases.
"""

import sys

import numpy as np

from cases import case, f32, i32, main
from reference import rounded, to_bf16

nan, inf = np.nan, np.inf
A = [[2, 1, 0, -1], [.45, .2, -.5, .1], [-1, .5, 1.5, .9],
     [1.2, -.4, .6, 1.08], [0, 3, -2, .4], [.7, .58, .8, -.3]]
BIAS = [0, -.3, .25, .05]
A8 = [[.9, -.4, .2, .6, -1, 1.4, .5, .3], [-.2, .1, 2, -1.5, .8, .7, -.6, .4]]
BIAS8 = [.1, 0, -.2, .05, 0, -.1, .2, 0]


def softmax(values):
    with np.errstate(all="ignore"):
        e = np.exp(values - np.max(values, axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


def sigmoid(values):
    with np.errstate(all="ignore"):
        return 1 / (1 + np.exp(-np.asarray(values, float)))


def ranked(keys, count=None):
    """Ids by falling key, NaN first, the lower id among equals."""
    return sorted(range(len(keys)),
                  key=lambda e: (not np.isnan(keys[e]),
                                 0 if np.isnan(keys[e]) else -keys[e], e))[:count]


def padded(rows, slots, fill):
    return [list(row) + [fill] * (slots - len(row)) for row in rows]


def table(text, slots):
    """Rows such as '0:.73 1:.27', as ids and weights."""
    rows = [[pair.split(":") for pair in row.split()] for row in text.split(",")]
    return (padded([[int(e) for e, _ in row] for row in rows], slots, -1),
            padded([[float(w) for _, w in row] for row in rows], slots, 0))


def published(name, text, slots, *more, logits=None, entry=None, keys=None):
    """Published numbers have the larger weight first; slots the larger key."""
    ids, weights = table(text, slots)
    if keys is not None:
        order = [sorted(range(slots), key=lambda s, t=t: -keys[t][ids[t][s]])
                 for t in range(len(ids))]
        ids, weights = ([[row[s] for s in slots] for row, slots in zip(rows, order)]
                        for rows in (ids, weights))
    case(name, entry or name, [f32(A if logits is None else logits), *more],
         i32(ids), f32(weights))


V2 = ("0:.643914 1:.236883, 0:.348404 1:.271337, 2:.500306 3:.274574,"
      "0:.379128 3:.336257, 1:.884331 3:.065682, 2:.328923 0:.297622")
V6 = ("0:.643914, 0:.348404 1:.271337, 2:.500306,"
      "0:.379128 3:.336257, 1:.884331, 2:.328923 0:.297622")
TOP1 = "0:.643914, 0:.348404, 2:.500306, 0:.379128, 1:.884331, 2:.328923"


def published_cases():
    published("v1", "0:.731059 1:.268941, 0:.562177 1:.437823,"
              "2:.645656 3:.354344, 0:.529964 3:.470036,"
              "1:.930862 3:.069138, 2:.524979 0:.475021", 2)
    published("v2", V2, 2)
    published("v4", "0:1.594726 2:.905274, 0:1.544858 2:.955142,"
              "2:1.337196 3:1.162804, 3:1.340541 2:1.159459,"
              "1:1.535160 3:.964840, 2:1.270052 0:1.229948", 2, f32(BIAS),
              keys=sigmoid(A) + BIAS)
    published("v4b", "0:.546449 1:.453551, 0:.537715 3:.462285,"
              "2:.534878 3:.465122, 0:.507271 3:.492729,"
              "1:.614064 3:.385936, 2:.508021 0:.491979", 2, f32(BIAS),
              keys=np.asarray(A) + BIAS)
    published("v5", "0:.880797 2:.119203, 0:.721115 2:.278885,"
              "2:.645656 3:.354344, 3:.617748 2:.382252,"
              "1:.993307 2:.006693, 2:.524979 0:.475021", 2, f32(BIAS),
              keys=softmax(np.asarray(A)) + BIAS)
    published("v5b", "0:3.863486 2:.522866, 0:2.090425 2:.808453,"
              "2:3.001837 3:1.647443, 3:2.017541 2:1.248421,"
              "1:5.305985 2:.035751, 2:1.973537 0:1.785730", 2, f32(BIAS),
              keys=softmax(np.asarray(A)) + BIAS)
    # The threshold is an argument: one program for all of them.
    published("v6", V6, 2, f32(.1))
    published("v6-below", TOP1, 2, f32(-1), entry="v6")
    published("v6-zero", TOP1, 2, f32(0), entry="v6")
    published("v6-one", V2, 2, f32(1), entry="v6")
    published("v6b", V6.replace("0:.348404 1:.271337", "0:.348404"), 2, f32(.1))
    published("v7", "0:.643914 1:.236883, 0:.348404 1:.271337 3:.245516,"
              "2:.500306 3:.274574, 0:.379128 3:.336257,"
              "1:.884331, 2:.328923 0:.297622 1:.263967", 4, f32(.7))
    published("v8", "0:2 1:1, 0:.45 1:.2 3:.1, 2:1.5 3:.9 1:.5,"
              "0:1.2 3:1.08 2:.6, 1:3 3:.4, 2:.8 0:.7 1:.58", 4)
    published("v14", "0:.931610 6:.815655 7:.752735,"
              "4:.881486 7:.764861 5:.853652", 3, f32(BIAS8), logits=A8,
              keys=sigmoid(A8) + BIAS8)
    published("v14b_infinity", "0:.5 1:-.2", 2, logits=[[.5, -.2, .1, .05]])
    published("v14b_zero", "0:.5 2:.1", 2, logits=[[.5, -.2, .1, .05]])
    published("v15", "0:1 1:1, 0:1 1:1, 2:1 3:1, 0:.529964 3:1, 1:1 3:1,"
              "2:.524979 0:.529964", 2)
    published("v15_narrow", "0:1 1:1, 0:1 1:1, 2:1 3:1, 0:1 3:1, 1:1 3:1,"
              "2:1 0:1", 2)
    published("v16", "0:.954886 2:.545114, 0:.877736 2:.622264,"
              "2:.809019 3:.690981, 3:.802365 2:.697635,"
              "1:.969459 3:.530541, 2:.761201 0:.738799", 2, f32(BIAS),
              keys=np.sqrt(np.log1p(np.exp(A))) + BIAS)
    # The tokens are ids into a table of experts.
    rows = i32([[0, 1], [0, 3], [1, 2], [2, 0], [1, 3], [2, 3]])
    published("v16b", "0:1.083991 3:.416009, 1:.847123 2:.652877,"
              "2:.809019 3:.690981, 0:.942147 1:.557853,"
              "1:.969459 3:.530541, 2:.761201 0:.738799", 2, rows,
              np.asarray([1, 2, 5, 0, 4, 3], np.int64))
    published("v17", "0:.880797, 0:.610639, 2:.817574, 0:.768525, 1:.952574,"
              "2:.689974", 1)
    sums = [[.5, .25, .125, .125]]
    published("v21", "0:.5 1:.25 2:.125", 4, f32(.75), logits=sums)
    published("v21_strict", "0:.5 1:.25", 4, f32(.75), logits=sums)


def weighed_cases():
    p = softmax(np.asarray(A))
    ids = [ranked(row, 2) for row in p]
    w = np.take_along_axis(p, np.asarray(ids), axis=1)
    gains = np.asarray([.5, 2, -1, 3])
    case("gemma", "gemma", [f32(A), f32(gains)], i32(ids),
         f32(w / w.sum(1, keepdims=True) * gains[np.asarray(ids)]))
    for factor in (0, -1.5):
        case(f"inkling{factor}", "inkling", [f32(A), f32(factor)], i32(ids),
             f32(w / w.sum(1, keepdims=True) * factor * 2))
    case("clamped", "clamped", [f32(A)], i32(ids),
         f32(w / np.maximum(w.sum(1, keepdims=True), .7)))
    for power in (1, 2, 3):
        norm = (w ** power).sum(1, keepdims=True) ** (1 / power)
        case(f"lp{power}", f"lp{power}", [f32(A)], i32(ids), f32(w / norm))
    # All above their own threshold share the weight; the best if there is none.
    t = np.asarray([.6, .5, .75, .55])
    s = sigmoid(A)
    picked = [[e for e in ranked(row) if row[e] > t[e]] or ranked(row, 1)
              for row in s]
    case("dynmoe", "dynmoe", [f32(A), f32(t)], i32(padded(picked, 4, -1)),
         f32(padded([[1 / len(row)] * len(row) for row in picked], 4, 0)))
    case("dynmoe-none", "dynmoe", [f32(A), f32([2] * 4)],
         i32(padded([ranked(row, 1) for row in s], 4, -1)),
         f32([[1, 0, 0, 0]] * 6))
    case("dynmoe-two", "dynmoe_two", [f32(A), f32([2, 0, 0, 2])],
         i32([[1, 2], [1, 2], [2, 1], [2, 1], [1, 2], [2, 1]]),
         f32([[.5, .5]] * 6))
    # Seldom-used operands of a rule: a count of slots, and order by id.
    for count in (-1, 0, 1, 2, 7):
        kept = [row[:max(count, 0)] for row in ids]
        case(f"counted{count}", "counted", [f32(A), i32(count)],
             i32(padded(kept, 2, -1)),
             f32(padded([[1 / max(1, len(row))] * len(row) for row in kept],
                        2, 0)))
    sorted_ids = [sorted(e for e in row if e >= 0)
                  for row in table(V6, 2)[0]]
    case("by-index", "by_index", [f32(A), f32(.1)],
         i32(padded(sorted_ids, 2, -1)),
         f32(padded([[p[t][e] for e in row] for t, row in enumerate(sorted_ids)],
                    2, 0)))


SPECIAL = [[1, 1, 1, 1], [0, nan, 5, nan], [-inf, -inf, -1, -inf], [-inf] * 4,
           [1, 2, inf, 2], [0, -0., 0, -1], [nan] * 4, [3, 3, inf, inf]]


def special_cases():
    """Ties, NaN and infinities in every rule that looks at numbers."""
    def empty(width):
        return np.zeros((0, width), np.float32)

    keys = np.asarray(SPECIAL)
    ids = [ranked(row, 2) for row in keys]
    ones = f32(np.ones((len(ids), 2)))
    case("special-first", "plain", [f32(keys)], i32(ids), ones)
    last = np.where(np.isnan(keys), -inf, keys)
    case("special-last", "nan_last", [f32(keys)],
         i32([ranked(row, 2) for row in last]), ones)
    with np.errstate(all="ignore"):
        kept = [[e for s, e in enumerate(ranked(row, 2))
                 if s == 0 or row[ranked(row)[0]] - row[e] <= 0] for row in keys]
    case("special-gap", "gap_ones", [f32(keys), f32(0)], i32(padded(kept, 2, -1)),
         f32(padded([[1] * len(row) for row in kept], 2, 0)))
    kept = [[e for e in ranked(row) if not row[e] <= 0] for row in keys]
    case("special-positive", "positive_ones", [f32(keys)],
         i32(padded(kept, 4, -1)),
         f32(padded([[1] * len(row) for row in kept], 4, 0)))
    # A NaN makes its own group the best, ties go to the lower group, and among
    # keys of -infinity nobody knows who was filled.
    case("special-groups", "v14b_ones", [f32(keys)],
         i32([[0, 1], [1, 0], [2, 0], [0, 1], [2, 3], [0, 1], [0, 1], [2, 3]]),
         ones)
    # Nothing, and one token.
    for entry, slots in (("v2", 2), ("v8", 4), ("v15", 2), ("v17", 1)):
        case(f"none-{entry}", entry, [empty(4)], i32([], slots), empty(slots))
    case("none-v6", "v6", [empty(4), f32(.1)], i32([], 2), empty(2))
    published("one-v6", "1:.884331", 2, f32(.1), logits=[A[4]], entry="v6")
    published("one-v4", "0:1.594726 2:.905274", 2, f32(BIAS), logits=[A[0]],
              entry="v4")
    # k = E, and ids that no table has.
    case("all", "all", [f32(A)], i32([ranked(row) for row in A]),
         f32([sorted(row, reverse=True) for row in softmax(np.asarray(A))]))
    case("table-outside", "v16b",
         [f32(A[:4]), i32([[0, -1], [4, 1]]), np.asarray([-1, 2, 0, 1], np.int64)],
         i32([[-1, -1], [-1, -1], [0, -1], [-1, 1]]),
         f32([[0, 0], [0, 0], [1.5, 0], [0, 1.5]]))


def matmul_cases():
    """Routers with a bias of their own; multiples of 1/8 add up exactly."""
    rng = np.random.default_rng(0)
    x = rng.integers(-8, 9, (13, 24)) / 8
    router = rng.integers(-8, 9, (12, 24)) / 8
    bias = rng.integers(-8, 9, 12) / 8
    logits = x @ router.T + bias
    ids = [ranked(row, 3) for row in logits]
    picked = np.take_along_axis(logits, np.asarray(ids), axis=1)
    for entry in ("gpt_oss", "gpt_oss_init"):
        case(entry, entry, [f32(x), f32(router), f32(bias)], i32(ids),
             f32(softmax(picked)))
    s = sigmoid(x @ router.T)
    ids = in_groups(s + bias, 2)
    w = np.take_along_axis(s, np.asarray(ids), axis=1)
    case("deepseek", "deepseek", [f32(x), f32(router), f32(bias)], i32(ids),
         f32(w / w.sum(1, keepdims=True) * 2.5))


def in_groups(keys, top):
    """The three best of the best two groups of three."""
    groups = np.sort(keys.reshape(len(keys), 4, 3), axis=2)
    kept = [ranked(row, 2) for row in groups[:, :, -top:].sum(axis=2)]
    keys = np.where([[e // 3 in row for e in range(12)] for row in kept], keys, -inf)
    return [ranked(row, 3) for row in keys]


def narrow_cases():
    """Keys that are rounded, and tie, where those in f32 would not."""
    rng = np.random.default_rng(2)
    logits = rounded(rng.standard_normal((21, 12)), "bf16")
    bias = rounded(rng.standard_normal(12), "bf16")
    ids = in_groups(rounded(logits + bias, "bf16"), 3)
    w = sigmoid(np.take_along_axis(logits, np.asarray(ids), axis=1))
    case("kolibri_bf16", "kolibri_bf16", [to_bf16(logits), to_bf16(bias)],
         i32(ids), f32(w / w.sum(1, keepdims=True)))


def many_cases():
    """More slots than are picked one after the other, with ties."""
    rng = np.random.default_rng(1)
    keys = rng.integers(-40, 40, (5, 300)).astype(float)
    keys[1, 7] = keys[1, 200] = nan
    keys[2] = 4
    keys[3, ::2] = inf
    keys[4, :150] = -inf
    for entry, count in (("many", 100), ("many_all", 300)):
        ids = [ranked(row, count) for row in keys]
        case(entry, entry, [f32(keys)], i32(ids), f32(np.ones((5, count))))
    p = softmax(rng.standard_normal((3, 300)))
    kept = []
    for row in p:
        order = ranked(row)
        sums = np.cumsum(row[order]) - row[order]
        kept.append([e for e, before in zip(order, sums) if before <= .5][:100])
    case("many_cumulative", "many_cumulative", [f32(p), f32(.5)],
         i32(padded(kept, 100, -1)),
         f32(padded([[1] * len(row) for row in kept], 100, 0)))


published_cases()
weighed_cases()
special_cases()
matmul_cases()
narrow_cases()
many_cases()
sys.exit(main(__doc__))
