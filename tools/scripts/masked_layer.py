#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times a feed-forward layer on kept units against the whole layer with a mask.

  masked_layer.py [--tokens=1,4,64] [--units=6144] [--width=768] [--kept=0.25]
                  [--samples=2] [--repeat=N] [--shared]

Both run on the CPU with the same mask, GELU and f32 weights. The whole layer is two
grouped matmuls of one expert, the fastest dense form there is here, and gets its
mask for free. Units are drawn for every token and sample, or with --shared once for
all tokens, as where neighbours are alike. The results are compared.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

from real_size import cpu_name, measure

GELU = """\
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %root = arith.constant 0.70710678 : f32
    %q = arith.mulf %p, %root : f32
    %erf = math.erf %q : f32
    %sum = arith.addf %one, %erf : f32
    %cdf = arith.mulf %half, %sum : f32
    %a = arith.mulf %p, %cdf : f32
"""

KEPT = """\
func.func @main(%x: tensor<{T}x{D}xf32>, %u: tensor<{R}x{n}xi32>, %c: tensor<{R}x{n}xf32>,
                %up: tensor<{F}x{D}xf32>, %down: tensor<{F}x{D}xf32>) -> tensor<{T}x{D}xf32> {{
  %y = moe.neurons post %x, %u, %c samples {S}
      up(%up : tensor<{F}x{D}xf32>) down(%down : tensor<{F}x{D}xf32>)
      : tensor<{T}x{D}xf32>, tensor<{R}x{n}xi32>, tensor<{R}x{n}xf32> -> tensor<{T}x{D}xf32> {{
  ^unit(%p: f32):
{GELU}    moe.yield %a : f32
  }}
  return %y : tensor<{T}x{D}xf32>
}}
"""

WHOLE = """\
#x = affine_map<(t, j, d) -> (t, d)>
#up = affine_map<(t, j, d) -> (j, d)>
#down = affine_map<(t, j, d) -> (d, j)>
#y = affine_map<(t, j, d) -> (t, j)>
#all = affine_map<(t, j) -> (t, j)>
func.func @main(%x: tensor<{T}x{D}xf32>, %m: tensor<{T}x{F}xf32>,
                %up: tensor<1x{F}x{D}xf32>, %down: tensor<1x{F}x{D}xf32>) -> tensor<{T}x{D}xf32> {{
  %offsets = arith.constant dense<[0, {T}]> : tensor<2xi32>
  %y = moe.experts rows(%x, %m : tensor<{T}x{D}xf32>, tensor<{T}x{F}xf32>)
      weights(%up, %down : tensor<1x{F}x{D}xf32>, tensor<1x{F}x{D}xf32>)
      offsets(%offsets : tensor<2xi32>) -> tensor<{T}x{D}xf32> {{
  ^expert(%r: tensor<?x{D}xf32>, %k: tensor<?x{F}xf32>, %w1: tensor<{F}x{D}xf32>, %w2: tensor<{F}x{D}xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %t = tensor.dim %r, %c0 : tensor<?x{D}xf32>
    %h0 = tensor.empty(%t) : tensor<?x{F}xf32>
    %h1 = linalg.fill ins(%zero : f32) outs(%h0 : tensor<?x{F}xf32>) -> tensor<?x{F}xf32>
    %h2 = linalg.matmul indexing_maps = [#x, #up, #y]
        ins(%r, %w1 : tensor<?x{D}xf32>, tensor<{F}x{D}xf32>)
        outs(%h1 : tensor<?x{F}xf32>) -> tensor<?x{F}xf32>
    %h = linalg.generic {{indexing_maps = [#all, #all, #all],
                         iterator_types = ["parallel", "parallel"]}}
        ins(%h2, %k : tensor<?x{F}xf32>, tensor<?x{F}xf32>) outs(%h0 : tensor<?x{F}xf32>) {{
    ^bb0(%p: f32, %f: f32, %o: f32):
{GELU}    %b = arith.mulf %a, %f : f32
      linalg.yield %b : f32
    }} -> tensor<?x{F}xf32>
    %y0 = tensor.empty(%t) : tensor<?x{D}xf32>
    %y1 = linalg.fill ins(%zero : f32) outs(%y0 : tensor<?x{D}xf32>) -> tensor<?x{D}xf32>
    %y2 = linalg.matmul indexing_maps = [#x, #down, #y]
        ins(%h, %w2 : tensor<?x{F}xf32>, tensor<{F}x{D}xf32>)
        outs(%y1 : tensor<?x{D}xf32>) -> tensor<?x{D}xf32>
    moe.yield %y2 : tensor<?x{D}xf32>
  }}
  return %y : tensor<{T}x{D}xf32>
}}
"""


def time_one(arguments, tokens, folder):
    """The least milliseconds of either form, which other load disturbs least, and
    how many units a token keeps."""
    random = np.random.default_rng(tokens)
    units, width, samples = arguments.units, arguments.width, arguments.samples
    kept = max(1, round(arguments.kept * units))
    ids = np.array([random.permutation(units)[:kept]
                    for _ in range((1 if arguments.shared else tokens) * samples)])
    if arguments.shared:
        ids = np.tile(ids, (tokens, 1))
    mask = np.zeros((tokens, units), np.float32)
    for row, listed in enumerate(ids):
        mask[row // samples, listed] += 1 / samples
    x, up, down = (random.normal(size=shape).astype(np.float32) / shape[-1] ** .5
                   for shape in ((tokens, width), (units, width), (units, width)))
    weights = np.full(ids.shape, 1 / samples, np.float32)
    forms = {"kept": (KEPT, [x, ids.astype(np.int32), weights, up, down]),
             "whole": (WHOLE, [x, mask, up[None], down[None]])}
    times = []
    for name, (graph, inputs) in forms.items():
        path = folder / f"{name}.mlir"
        path.write_text(graph.format(T=tokens, R=tokens * samples, n=kept, F=units,
                                     D=width, S=samples, GELU=GELU))
        command = ["moe-run", path, "--backend=cpu", "--remarks-filter-missed=none"]
        for i, array in enumerate(inputs):
            np.save(folder / f"{name}{i}.npy", array)
            command.append(f"--input={folder}/{name}{i}.npy")
        out = f"{folder}/out.npy"
        check = f"--expect={out}" if times else f"--output={out}"
        subprocess.run([*command, check], check=True, stdout=subprocess.DEVNULL)
        result, _ = measure([*command, f"--repeat={arguments.repeat}", "--time"])
        times.append(result["min_ms"])
    return *times, np.count_nonzero(mask, axis=1).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", default="1,4,64")
    parser.add_argument("--units", type=int, default=6144)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--kept", type=float, default=.25)
    parser.add_argument("--samples", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--shared", action="store_true")
    arguments = parser.parse_args()
    print(f"{cpu_name()}, {os.cpu_count()} CPUs")
    print("| tokens | units of a token | kept, ms | whole, ms |\n"
          "| ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for tokens in map(int, arguments.tokens.split(",")):
            kept, whole, mean = time_one(arguments, tokens, pathlib.Path(folder))
            print(f"| {tokens} | {mean:.0f} of {arguments.units} | {kept:.2f} "
                  f"| {whole:.2f} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
