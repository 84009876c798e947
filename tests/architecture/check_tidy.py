#!/usr/bin/env python3
"""clang-tidy on the files that see no torch (those that do: preset `tidy`); a finding is an error.

usage: check_tidy.py SOURCE_DIR BUILD_DIR [FILE...]
What was clean is remembered in BUILD_DIR/tidy by the hash of all that it was checked with.
Exit code 77: no clang-tidy.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

import tree

# Flags of gcc's that clang knows nothing about are no finding.
EXTRA = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-ignored-optimization-argument"]


def without_torch(root, source):
    return not any(tree.TORCH.match(name) for name in tree.reach(root, [source]))


def key(root, source, command, version):
    """Hash of the file, every file of ours that it includes, the settings and the tools."""
    root = pathlib.Path(root)
    own = {source} | {pathlib.Path(n) for n in tree.reach(root, [source]) if (root / n).is_file()}
    own |= {p / ".clang-tidy" for p in [source, *source.parents] if (root / p / ".clang-tidy").is_file()}
    digest = hashlib.sha256(f"{command}\n{version}\n{EXTRA}\n".encode())
    for path in sorted(own):
        digest.update(f"{path}\n".encode())
        digest.update((root / path).read_bytes())
    return digest.hexdigest()


def jobs(root, build):
    """[(source, command)] of compile_commands.json: ours, free of torch, each once."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        path = pathlib.Path(os.path.normpath(os.path.join(entry["directory"], entry["file"])))
        if not path.is_relative_to(root):
            continue
        source = path.relative_to(root)
        if source.parts[0] in {"app", "core", "ui"} and without_torch(root, source):
            found.setdefault(source, entry.get("command") or shlex.join(entry["arguments"]))
    return sorted(found.items())


def main():
    root, build = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
    chosen = {pathlib.Path(os.path.abspath(a)).relative_to(root) for a in sys.argv[3:]}
    program = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    if not program:
        print("SKIPPED: clang-tidy is not installed (scripts/setup installs it)")
        return 77
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    todo = [(s, c) for s, c in jobs(root, build) if not chosen or s in chosen]
    if not todo:
        print(f"no file without torch in {build}/compile_commands.json")
        return 1
    memory = build / "tidy"
    memory.mkdir(exist_ok=True)

    def check(job):
        source, command = job
        mark = memory / key(root, source, command, version)
        if mark.exists():
            return source, True, ""
        run = subprocess.run([program, "--quiet", "-p", str(build), "--warnings-as-errors=*", *EXTRA, str(root / source)],
                             capture_output=True, text=True, check=False)
        if run.returncode == 0:
            mark.touch()
            return source, False, ""
        return source, False, run.stdout or run.stderr

    bad = remembered = 0
    with concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for source, known, text in pool.map(check, todo):
            remembered += known
            if text:
                bad += 1
                print(f"{source}:\n{text}", flush=True)
    print(f"{len(todo)} files, {remembered} known to be clean, {bad} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
