# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints the PTX of the one gpu.binary in a module."""

import re
import sys

with open(sys.argv[1], encoding="utf-8") as module:
    (text,) = re.findall(r'assembly = "((?:[^"\\]|\\.)*)"', module.read())
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
print(re.sub(r'\\([0-9A-F]{2}|.)',
             lambda m: ESCAPES.get(m[1]) or chr(int(m[1], 16)), text).rstrip("\0"))
