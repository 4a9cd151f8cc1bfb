#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs moe-opt on mutants of the suite's IR; whatever the text, it may refuse
with an error but not crash, hang, or fail without a word.

A mutant depends on --seed and its number alone: `--first=N --count=1` repeats one.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import time

import moe_repo

NUMBERS = "0 1 2 3 4 5 8 17 64 100 128 1000 65537 2147483648 " \
    "9223372036854775807 18446744073709551616 -1 ?".split()
TYPES = "f16 bf16 f32 f64 f8E4M3FN i1 i7 i8 i32 i64 index none".split()
KINDS = ["tensor<", "memref<", "vector<", "tensor<*x", "!moe.odd<"]
NUMBER = r"(?<![\w%#@^.])\d+|(?<=[\d?]x)\d+(?=x)|\?"
TYPE = r"(?<![A-Za-z.])(?:b?f\d+|i\d+|index)\b"
TOKEN = r'[%#@^!]?[A-Za-z_][\w.$]*|%\w+|"[^"\n]*"|\d+|->|[^\s\w]'
# The function of a frame of a stack trace, without its arguments.
FRAME = r"(?m)^ *#\d+ 0x[0-9a-f]+ (?:in )?([^\s(/][^(/\n]*[^\s(/])[(]"
# What a crash says; a signal and an empty message are found without it.
SYMPTOMS = re.compile(r"Assertion `.*|LLVM ERROR.*|UNREACHABLE.*"
                      r"|runtime error:.*|ERROR: AddressSanitizer: \S+")

# Upstream's own, which no input of ours can keep away.
KNOWN = re.compile(r"Parser::parseDenseArrayAttr")


def seeds():
    """(pipeline of its RUN line, text) of every part of every test."""
    for path in moe_repo.files():
        if not path.startswith("test/") or not path.endswith(".mlir"):
            continue
        text = moe_repo.read(path)
        flags = re.findall(r"(--moe-[a-z0-9-]+)(?:=\S+)?",
                           "\n".join(re.findall("RUN:.*", text)))
        for part in text.split("// -----"):
            part = re.sub(r"(?m)^\s*//.*\n", "", part)
            if part.strip():
                yield list(dict.fromkeys(flags)), part


def substitute(rng, text, pattern, choices):
    """Replaces one thing that matches, or all that are spelled the same."""
    found = list(re.finditer(pattern, text))
    if not found:
        return text
    match, new = rng.choice(found), rng.choice(choices)
    if rng.random() < 0.5:
        return text[:match.start()] + new + text[match.end():]
    old = match.group()
    return re.sub(pattern, lambda m: new if m.group() == old else m.group(), text)


def mutate_lines(rng, text, donor):
    lines = text.splitlines()
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(4):
        case 0: del lines[i]
        case 1: lines.insert(i, lines[j])
        case 2: lines[i], lines[j] = lines[j], lines[i]
        case 3: lines.insert(i, rng.choice(donor.splitlines()))
    return "\n".join(lines) + "\n"


def mutate(rng, text, donor):
    match rng.choice("nnnntttkovvdlgc"):
        case "n": return substitute(rng, text, NUMBER, NUMBERS)
        case "t": return substitute(rng, text, TYPE, TYPES)
        case "k": return substitute(rng, text, r"tensor<|memref<|vector<", KINDS)
        case "o": return substitute(rng, text, TOKEN, re.findall(TOKEN, donor) or [""])
        case "v": return substitute(rng, text, r"%\w+", re.findall(r"%\w+", text) or [""])
        case "d": return substitute(rng, text, TOKEN, [""])
        case "c": return substitute(rng, text, r"\{[^{}]*\}|<[^<>]*>|\[[^]]*\]", ["", "{}", "[]", "<>"])
        case "g": return substitute(rng, text, r".", list("\0\xff\"{<%(\n,:"))
        case _: return mutate_lines(rng, text, donor) if text.strip() else text


class Fuzzer:
    def __init__(self, options):
        self.options = options
        self.deadline = time.monotonic() + options.seconds
        self.seeds = list(seeds())
        listing = subprocess.run([options.tool, "--help"], capture_output=True,
                                 text=True, check=True).stdout
        self.pipelines = [[flag] for flag in re.findall(r"^ +(--moe-[a-z0-9-]+)",
                                                        listing, re.MULTILINE)]
        self.pipelines += [["--moe-optimize=target=nvptx"], ["--moe-to-cpu"],
                           ["--moe-to-nvptx"], ["--verify-roundtrip"],
                           ["--canonicalize", "--cse"]]

    def run(self, text, flags):
        """What went wrong with `text`, as a short name; None if nothing."""
        def limit():
            if self.options.memory:
                resource.setrlimit(resource.RLIMIT_AS, [self.options.memory << 20] * 2)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            done = subprocess.run(
                [self.options.tool, "-", "-o", "-", *flags], input=text.encode("latin-1", "replace"),
                capture_output=True, timeout=self.options.timeout, preexec_fn=limit,
                env={**os.environ, "LLVM_SYMBOLIZER_PATH": f"{moe_repo.LLVM}/bin/llvm-symbolizer"})
        except subprocess.TimeoutExpired:
            return "hang"
        stderr = done.stderr.decode(errors="replace")
        symptom = SYMPTOMS.search(stderr)
        if done.returncode < 0 or done.returncode > 1 or symptom:
            frames = [name for name in re.findall(FRAME, stderr)
                      if not name.startswith(("llvm::sys::", "0x"))]
            where = " < ".join(frames[:4])
            return f"{symptom.group() if symptom else done.returncode} in {where}"
        return None if done.returncode == 0 or "error:" in stderr else "no message"

    def minimise(self, text, flags, problem):
        lines, size = text.splitlines(), max(1, text.count("\n") // 2)
        end = time.monotonic() + 60
        while size and time.monotonic() < end:
            i = 0
            while i < len(lines) and time.monotonic() < end:
                fewer = lines[:i] + lines[i + size:]
                if self.run("\n".join(fewer) + "\n", flags) == problem:
                    lines = fewer
                else:
                    i += size
            size //= 2
        return "\n".join(lines) + "\n"

    def mutant(self, number):
        rng = random.Random(f"{self.options.seed}:{number}")
        flags, text = rng.choice(self.seeds)
        if not flags or rng.random() < 0.5:
            flags = rng.choice(self.pipelines)
        if rng.random() < 0.3:
            generic = subprocess.run(
                [self.options.tool, "-", "--mlir-print-op-generic"], input=text,
                capture_output=True, text=True, check=False).stdout
            text = generic or text
        for _ in range(rng.choice([1, 1, 2, 3, 6])):
            text = mutate(rng, text, rng.choice(self.seeds)[1])
        return text, flags

    def check(self, number):
        if time.monotonic() > self.deadline:
            return None
        text, flags = self.mutant(number)
        return number, self.run(text, flags), text, flags

    def report(self):
        """Runs all mutants; the number of different problems."""
        known, ran = set(), 0
        numbers = range(self.options.first, self.options.first + self.options.count)
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            checks = [pool.submit(self.check, number) for number in numbers]
            for done in concurrent.futures.as_completed(checks):
                if not done.result():
                    continue
                ran += 1
                number, problem, text, flags = done.result()
                if not problem or problem in known or KNOWN.search(problem):
                    continue
                known.add(problem)
                print(f"== mutant {number}: moe-opt {' '.join(flags)}: {problem}")
                print(self.minimise(text, flags, problem), flush=True)
        print(f"{ran} mutants, {len(known)} problems")
        return len(known)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("tool", help="moe-opt")
    for name, default in (("seed", 0), ("first", 0), ("count", 1000), ("jobs", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--seconds", type=float, default=3600, help="of all mutants")
    parser.add_argument("--timeout", type=float, default=60, help="of one, in seconds")
    parser.add_argument("--memory", type=int, default=4096,
                        help="of one, in MiB; 0 for a build with sanitizers")
    os.nice(10)
    sys.exit(bool(Fuzzer(parser.parse_args()).report()))


if __name__ == "__main__":
    main()
