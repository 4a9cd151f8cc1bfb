#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs moe-opt on mutants of the suite's IR; whatever the text, it may refuse
with an error but not crash, hang, or fail without a word.

A mutant depends on --seed and its number alone: `--first=N --count=1` repeats one.
"""
import argparse
import concurrent.futures
import os
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
BRACKETS = r"\{[^{}]*\}|<[^<>]*>|\[[^]]*\]"
# The function of a frame of a stack trace, without its arguments.
FRAME = r"(?m)^ *#\d+ 0x[0-9a-f]+ (?:in )?([^\s(/][^(/\n]*[^\s(/])[(]"
# What a crash says; a signal and an empty message are found without it.
SYMPTOMS = re.compile(r"Assertion `.*|LLVM ERROR.*|UNREACHABLE.*"
                      r"|runtime error:.*|ERROR: AddressSanitizer: \S+")
# Upstream's own, which no care of ours can keep away.
KNOWN = re.compile("Parser::parseDenseArrayAttr|getSymbolLessAffineMaps")


def seeds(tests):
    """(flags of its RUN lines, text) of every part of every test."""
    for path in moe_repo.files():
        if path.startswith(tests) and path.endswith(".mlir"):
            text = moe_repo.read(path)
            flags = re.findall(r"(--moe-[a-z0-9-]+)", "\n".join(re.findall("RUN:.*", text)))
            for part in text.split("// -----"):
                part = re.sub(r"(?m)^\s*//.*\n", "", part)
                if part.strip():
                    yield list(dict.fromkeys(flags)), part


def substitute(rng, text, pattern, choices):
    """Replaces one thing that matches, or all that are spelled the same."""
    found = list(re.finditer(pattern, text))
    if not found or not choices:
        return text
    match, new = rng.choice(found), rng.choice(choices)
    if rng.random() < 0.5:
        return text[:match.start()] + new + text[match.end():]
    old = match.group()
    return re.sub(pattern, lambda m: new if m.group() == old else m.group(), text)


def mutate(rng, text, donor):
    lines, more = text.splitlines() or [""], donor.splitlines()
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.choice("nnnnnnttttttkkvvvvbbbeeaodgc"):
        case "n": return substitute(rng, text, NUMBER, NUMBERS)
        case "t": return substitute(rng, text, TYPE, TYPES)
        case "k": return substitute(rng, text, "tensor<|memref<|vector<", KINDS)
        case "o": return substitute(rng, text, TOKEN, re.findall(TOKEN, donor))
        case "v": return substitute(rng, text, r"%\w+", re.findall(r"%\w+", text))
        case "d": return substitute(rng, text, TOKEN, [""])
        case "c": return substitute(rng, text, BRACKETS, ["", "{}", "[]", "<>"])
        case "g": return substitute(rng, text, ".", list("\0\xff\"{<%(\n,:"))
        case "a": lines.insert(i, rng.choice(lines + more))
        case "b": lines[i], lines[j] = lines[j], lines[i]
        case "e": del lines[i]
    return "\n".join(lines) + "\n"


class Fuzzer:
    def __init__(self, options):
        self.options = options
        self.deadline = time.monotonic() + options.seconds
        self.seeds = list(seeds(options.tests))
        usage = subprocess.run([options.tool, "--help"], capture_output=True, text=True, check=True)
        flags = re.findall(r"(?m)^ +(--moe-[a-z0-9-]+)", usage.stdout)
        # The longest ways get twice their share.
        flags += ["--moe-optimize=target=nvptx", "--moe-to-cpu", "--moe-to-nvptx"]
        self.pipelines = [[flag] for flag in flags + ["--verify-roundtrip", "--canonicalize"]]

    def call(self, text, flags):
        def limit():
            if self.options.memory:
                resource.setrlimit(resource.RLIMIT_AS, [self.options.memory << 20] * 2)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        return subprocess.run(
            [self.options.tool, "-", "-o", "-", *flags], input=text.encode("latin-1", "replace"),
            capture_output=True, timeout=self.options.timeout, preexec_fn=limit, check=False,
            env={**os.environ, "LLVM_SYMBOLIZER_PATH": f"{moe_repo.LLVM}/bin/llvm-symbolizer"})

    def run(self, text, flags):
        """What went wrong, as a short name or None, and whether `text` is accepted."""
        try:
            done = self.call(text, flags)
        except subprocess.TimeoutExpired:
            return "hang", False
        said = done.stderr.decode(errors="replace")
        symptom = SYMPTOMS.search(said)
        if done.returncode < 0 or done.returncode > 1 or symptom:
            where = [name for name in re.findall(FRAME, said) if not name.startswith("llvm::sys::")]
            return f"{symptom.group() if symptom else done.returncode} in {' < '.join(where[:4])}", False
        silent = done.returncode != 0 and "error:" not in said
        return "no message" if silent else None, done.returncode == 0

    def minimise(self, text, flags, problem):
        """Deletes lines, many at a time first, for a minute."""
        lines, end = text.splitlines(), time.monotonic() + 60
        size = max(1, len(lines) // 2)
        while size:
            i = 0
            while i < len(lines) and time.monotonic() < end:
                fewer = lines[:i] + lines[i + size:]
                if self.run("\n".join(fewer) + "\n", flags)[0] == problem:
                    lines = fewer
                else:
                    i += size
            size //= 2
        return "\n".join(lines)

    def check(self, number):
        """(number, problem, text, flags) of a mutant, or None if out of time."""
        if time.monotonic() > self.deadline:
            return None
        rng = random.Random(f"{self.options.seed}:{number}")
        accepted = False
        while not accepted:
            flags, text = rng.choice(self.seeds)
            problem, accepted = self.run(text, [])
            if problem:
                return number, problem, text, []
        if not flags or rng.random() < 0.5:
            flags = rng.choice(self.pipelines)
        if rng.random() < 0.3:
            text = self.call(text, ["--mlir-print-op-generic"]).stdout.decode()
        # Passes see only what parses: go from one text that does to another.
        for _ in range(rng.choice([2, 4, 8])):
            mutant = mutate(rng, text, rng.choice(self.seeds)[1])
            problem, accepted = self.run(mutant, [])
            if problem:
                return number, problem, mutant, []
            text = mutant if accepted else text
        return number, self.run(text, flags)[0], text, flags

    def report(self):
        """Runs all mutants; the number of different problems."""
        known, ran = set(), 0
        numbers = range(self.options.first, self.options.first + self.options.count)
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            for done in concurrent.futures.as_completed([pool.submit(self.check, n) for n in numbers]):
                if not done.result():
                    continue
                number, problem, text, flags = done.result()
                ran += 1
                if problem and problem not in known and not KNOWN.search(problem):
                    known.add(problem)
                    print(f"== mutant {number}: moe-opt {' '.join(flags)}: {problem}")
                    print(self.minimise(text, flags, problem), flush=True)
        print(f"{ran} mutants, {len(known)} problems")
        return len(known)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("tool", help="moe-opt")
    for name, default, meaning in (
            ("seed", 0, None), ("first", 0, "number of the first mutant"), ("count", 1000, None),
            ("jobs", 1, None), ("seconds", 3600., "of all mutants"), ("timeout", 60., "of one, in seconds"),
            ("memory", 4096, "of one, in MiB; 0 for a build with sanitizers"),
            ("tests", "test/", "take the IR of files whose path starts like this")):
        parser.add_argument(f"--{name}", type=type(default), default=default, help=meaning)
    os.nice(10)
    sys.exit(bool(Fuzzer(parser.parse_args()).report()))
