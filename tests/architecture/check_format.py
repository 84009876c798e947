#!/usr/bin/env python3
"""Fails when a source file is not as clang-format 14 writes it. Exit code 77: no clang-format."""
import pathlib
import shutil
import subprocess
import sys

import tree


def main():
    root = pathlib.Path(sys.argv[1])
    program = shutil.which("clang-format-14") or shutil.which("clang-format")
    if not program:
        print("SKIPPED: clang-format is not installed (scripts/setup installs it)")
        return 77
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if "version 14." not in version:
        print(f"SKIPPED: versions of clang-format differ; expected 14, found {version.strip()}")
        return 77
    sources = [str(p) for p in tree.code(root)]
    if not sources:
        print("no sources found: wrong root?")
        return 1
    result = subprocess.run([program, "--dry-run", "-Werror", "--style=file", *sources], cwd=root, check=False)
    if result.returncode:
        print("to repair: clang-format -i FILE")
    print(f"{len(sources)} files")
    return 1 if result.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
