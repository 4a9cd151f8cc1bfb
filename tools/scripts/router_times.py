#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times routers, with no experts behind them, on the CPU.

  router_times.py [--shrink=N] [--repeat=N] [--run=moe-run]

Expert choice (T 4096, E 64, capacity factor 2: softmax, select, weigh and plan),
a capacity (T 4096, E 64, k 2, 1.25 T k / E slots an expert) behind its gate, and
the gate of DeepSeek-V3 (T 512, E 256, 8 groups of which 4 stay, k 8). Prints the
median time of each after comparing it with the reference. --shrink divides the
tokens; --run names the moe-run of another build.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

CHOICE = """
func.func @main(%l: tensor<{T}x64xf32>) -> (tensor<64x{C}xi32>, tensor<64x{C}xf32>, tensor<65xi32>, tensor<{N}xi32>) {{
  %s = moe.score softmax %l : tensor<{T}x64xf32> -> tensor<{T}x64xf32>
  %t = moe.select #moe.top_k<{C}> %s by expert : tensor<{T}x64xf32> -> tensor<64x{C}xi32>
  %w = moe.weigh value %s, %t by expert : tensor<{T}x64xf32>, tensor<64x{C}xi32> -> tensor<64x{C}xf32>
  %o, %p = moe.plan %t by expert : tensor<64x{C}xi32> -> tensor<65xi32>, tensor<{N}xi32>
  return %t, %w, %o, %p : tensor<64x{C}xi32>, tensor<64x{C}xf32>, tensor<65xi32>, tensor<{N}xi32>
}}
"""

CAPACITY = """
func.func @main(%l: tensor<{T}x64xf32>) -> (tensor<{T}x2xi32>, tensor<{T}x2xf32>) {{
  %s = moe.score softmax %l : tensor<{T}x64xf32> -> tensor<{T}x64xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<{T}x64xf32> -> tensor<{T}x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<{T}x64xf32>, tensor<{T}x2xi32> -> tensor<{T}x2xf32>
  %f, %v = moe.limit %e, %w of 64 factor 1.25 {{times_k}} : tensor<{T}x2xi32>, tensor<{T}x2xf32>
  return %f, %v : tensor<{T}x2xi32>, tensor<{T}x2xf32>
}}
"""

DEEPSEEK = """
#row = affine_map<(t, e) -> (t, e)>
#bias = affine_map<(t, e) -> (e)>
func.func @main(%l: tensor<{T}x256xf32>, %b: tensor<256xf32>) -> (tensor<{T}x8xi32>, tensor<{T}x8xf32>) {{
  %s = moe.score sigmoid %l : tensor<{T}x256xf32> -> tensor<{T}x256xf32>
  %k0 = tensor.empty() : tensor<{T}x256xf32>
  %k = linalg.generic {{indexing_maps = [#row, #bias, #row],
                       iterator_types = ["parallel", "parallel"]}}
      ins(%s, %b : tensor<{T}x256xf32>, tensor<256xf32>) outs(%k0 : tensor<{T}x256xf32>) {{
  ^bb0(%score: f32, %bias: f32, %out: f32):
    %sum = arith.addf %score, %bias : f32
    linalg.yield %sum : f32
  }} -> tensor<{T}x256xf32>
  %e = moe.select #moe.top_k<8> %k groups <n = 8, keep = 4, top = 2> : tensor<{T}x256xf32> -> tensor<{T}x8xi32>
  %w = moe.weigh value %s, %e norm sum {{eps = 1.0e-20, scale = 2.5}} : tensor<{T}x256xf32>, tensor<{T}x8xi32> -> tensor<{T}x8xf32>
  return %e, %w : tensor<{T}x8xi32>, tensor<{T}x8xf32>
}}
"""


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shrink", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--run", default="moe-run")
    arguments = parser.parse_args()
    print("| router | median ms | best ms |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for name, text, tokens in (("expert choice", CHOICE, 4096),
                                   ("capacity", CAPACITY, 4096),
                                   ("DeepSeek-V3", DEEPSEEK, 512)):
            tokens //= arguments.shrink
            size = tokens * 2 // 64
            module = pathlib.Path(folder) / "router.mlir"
            module.write_text(text.format(T=tokens, C=size, N=64 * size))
            run = [arguments.run, module, "--seed=1", "--backend=cpu",
                   "--remarks-filter-missed=none"]
            subprocess.run([*run, "--compare=reference"], check=True,
                           stdout=subprocess.DEVNULL)
            timed = subprocess.run([*run, "--time", f"--repeat={arguments.repeat}"],
                                   check=True, text=True, stdout=subprocess.PIPE)
            times = json.loads(timed.stdout.splitlines()[-1])
            print(f"| {name} | {times['median_ms']:.2f} | {times['min_ms']:.2f} |",
                  flush=True)


if __name__ == "__main__":
    sys.exit(main())
