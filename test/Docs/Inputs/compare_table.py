#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""compare_table.py PAGE NAMES: every name in the third column of PAGE's tables
begins one of NAMES, and every one of these is begun by such a name."""

import pathlib
import re
import sys

page, names = (pathlib.Path(path).read_text().splitlines() for path in sys.argv[1:])
rows = [line.split("|") for line in page if line.startswith("| ")]
told = {name for row in rows for name in re.findall(r"`([^`]+)`", row[3])}
wrong = [f"no case begins with {name}" for name in sorted(told)
         if not any(case.startswith(name) for case in names)]
wrong += [f"case {case} is in no row" for case in sorted(set(names))
          if not any(case.startswith(name) for name in told)]
if not told or not names:
    wrong.append("nothing to compare")
sys.exit("\n".join(wrong) or 0)
