#!/usr/bin/env python3
"""Fails on unfinished work, paths of one machine, hosts of registries, globs and dead links."""
import os
import pathlib
import re
import sys

import tree

# Put together from halves, so that this file does not find itself.
WORDS = [
    (re.compile(r"\b(" + "TO" "DO|" "FIX" "ME|" "XX" r"X)\b"), "unfinished work: do it or file an issue"),
    (re.compile("/" r"work/\w|/" r"tmp/(team|pv|w)\b"), "a path of one machine"),
    (re.compile("|".join(re.escape(a + b) for a, b in (
        ("py", "pi.org"), ("files.python", "hosted.org"), ("deb.", "debian.org"), ("security.", "debian.org"),
        ("download.", "pytorch.org"), ("conda.", "anaconda.org"), ("registry.", "npmjs.org"),
        ("snapshot.", "debian.org"), ("index.", "crates.io"), ("proxy.", "golang.org")))),
     "the host of a package registry: name the package instead"),
]
HOME = re.compile("/" r"home/\w|/" r"Users/\w")  # tests may make one up
GLOB = re.compile(r"file\s*\(\s*GLOB")
LINK = re.compile(r"\]\(([^)\s]+)\)|<img[^>]+src=\"([^\"]+)\"")
COMMANDS = ("scripts/explore", "scripts/test")


def problems(root):
    """Yields (file, why)."""
    root = pathlib.Path(root)
    for rel in tree.files(root):
        try:
            text = (root / rel).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # pictures, weights, damaged input of tests
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, why in WORDS:
                if match := pattern.search(line):
                    yield rel, f"line {number}: {match.group(0)}: {why}"
            if rel.parts[0] != "tests" and (match := HOME.search(line)):
                yield rel, f"line {number}: {match.group(0)}: a path of one machine"
        if rel.name == "CMakeLists.txt" or rel.suffix == ".cmake":
            if GLOB.search(text):
                yield rel, "sources are listed by name, not by pattern"
        if rel.suffix == ".md":
            for groups in LINK.findall(text):
                link = (groups[0] or groups[1]).split("#")[0]
                if link and "://" not in link and not link.startswith("mailto:") \
                        and not (root / rel.parent / link).exists():
                    yield rel, f"{link}: no such file"
    readme = root / "README.md"
    lines = [line.strip() for line in readme.read_text(encoding="utf-8").splitlines()] if readme.exists() else []
    for command in COMMANDS:
        if command not in lines:
            yield pathlib.Path("README.md"), f"expected a line with the command {command}"
        if not os.access(root / command, os.X_OK):
            yield pathlib.Path("README.md"), f"{command}: expected an executable file"


def main():
    bad = list(problems(sys.argv[1]))
    for rel, why in bad:
        print(f"{rel}: {why}")
    print(f"{len(bad)} problems")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
