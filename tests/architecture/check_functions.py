#!/usr/bin/env python3
"""Fails on a function that is longer or more branched than a reader can hold (measured by lizard).

usage: check_functions.py SOURCE_DIR
Exit code 77: no lizard in .deps.
"""
import pathlib
import re
import sys

import tree

MOST_LINES = 120
MOST_COMPLEXITY = 20  # cyclomatic: branches, loops, cases, && and ||, one for the function itself
DEPS = pathlib.Path(__file__).resolve().parents[2] / ".deps/lizard"
RAW = re.compile(r'R"([^\s()\\]{0,16})\(.*?\)\1"', re.S)  # lizard takes a quote or brace in one for code
READ = {".h", ".cpp"}  # nothing in a kernel's file branches enough to matter


def load():
    """The module, or None where setup did not bring it."""
    sys.dont_write_bytecode = True  # .deps stays what setup compared with its digest
    if str(DEPS) not in sys.path:
        sys.path.insert(0, str(DEPS))
    try:
        import lizard
    except ImportError:
        return None
    return lizard


def problems(root, lizard):
    """Yields (file, line, why); an empty tree is a problem too."""
    root, functions = pathlib.Path(root), 0
    for rel in [p for p in tree.code(root) if p.suffix in READ]:
        text = RAW.sub(lambda raw: '""' + "\n" * raw[0].count("\n"), (root / rel).read_text(encoding="utf-8"))
        for found in lizard.analyze_file.analyze_source_code(str(rel), text).function_list:
            functions += 1
            if found.length > MOST_LINES:
                yield rel, found.start_line, f"{found.name} has {found.length} lines: at most {MOST_LINES}"
            if found.cyclomatic_complexity > MOST_COMPLEXITY:
                yield rel, found.start_line, (f"{found.name} has complexity {found.cyclomatic_complexity}: "
                                              f"at most {MOST_COMPLEXITY}")
    if not functions:
        yield root, 0, "no functions found: wrong root?"


def main():
    lizard = load()
    if not lizard:
        print("SKIPPED: lizard is not in .deps (scripts/setup brings it)")
        return 77
    bad = list(problems(sys.argv[1], lizard))
    for rel, line, why in bad:
        print(f"{rel}:{line}: {why}")
    print(f"{len(bad)} functions too large")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
