#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Adds up what tools/check ran and prints its last two lines.

Reads from the results folder: `*.xml` (lit), `*.gtest.json` (unit tests),
`style.json` (style rules), and `broken`, one line per part that gave no result.
"""

import argparse
import collections
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

# What a missing lit feature means to somebody who wants the test to run.
REASONS = {
    "cuda-driver": "no CUDA driver (MOE_CUDA_DRIVER)",
    "ptxas": "no ptxas (MOE_PTXAS, CUDA_HOME or PATH)",
}


def reason(message):
    """The words for lit's `Missing required feature(s): a, b`."""
    match = re.search(r"feature\(s\): (.*)", message or "")
    if not match:
        return "switched off here (UNSUPPORTED)"
    words = []
    for feature in match.group(1).split(", "):
        if feature.startswith("cpu-"):
            words.append(f"CPU without {feature[len('cpu-'):]}")
        else:
            words.append(REASONS.get(feature, f"no {feature}"))
    return " and ".join(words)


class Count:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.unsupported = collections.Counter()

    def add_lit(self, path):
        for case in ElementTree.parse(path).iter("testcase"):
            skipped = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                folder = case.get("classname", "").split(".", 1)[-1]
                self.failed.append(f"{path.stem}: {folder}/{case.get('name')}")
            elif skipped is None:
                self.passed += 1
            elif "not selected" not in skipped.get("message", ""):
                self.unsupported[reason(skipped.get("message"))] += 1

    def add_gtest(self, path):
        for suite in json.loads(path.read_text())["testsuites"]:
            for case in suite["testsuite"]:
                name = f"{suite['name']}.{case['name']}"
                if case.get("failures"):
                    self.failed.append(f"unit: {name}")
                elif case.get("result") == "SKIPPED":
                    self.unsupported["unit test skipped itself"] += 1
                elif case.get("status") == "RUN":
                    self.passed += 1

    def add_style(self, path):
        for rule, good in json.loads(path.read_text()).items():
            if good:
                self.passed += 1
            else:
                self.failed.append(f"style: {rule}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--failed", action="append", default=[],
                        help="a step that failed as a whole")
    args = parser.parse_args()

    count = Count()
    count.failed += args.failed
    for path in sorted(args.results.glob("*.xml")):
        count.add_lit(path)
    for path in sorted(args.results.glob("*.gtest.json")):
        count.add_gtest(path)
    for path in args.results.glob("style.json"):
        count.add_style(path)
    for path in args.results.glob("broken"):
        count.failed += path.read_text().splitlines()
    for name in count.failed:
        print(f"FAILED {name}")
    reasons = ", ".join(f"{number} {why}" for why, number
                        in count.unsupported.most_common())
    print(f"{sum(count.unsupported.values())} unsupported"
          + (f": {reasons}" if reasons else ""))
    print(f"{count.passed} passed, {len(count.failed)} failed")
    return 1 if count.failed or not count.passed else 0


if __name__ == "__main__":
    sys.exit(main())
