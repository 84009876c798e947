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
EXTRA = ["-Wno-unknown-warning-option", "-Wno-ignored-optimization-argument"]
# Headers cost more than our files, so several files are checked as one, which includes them. The
# analyzer looks only into a main file, and takes Qt's children for leaks: preset `tidy` runs it.
CHECKS = "--checks=-clang-analyzer-*,-bugprone-suspicious-include"
TOGETHER = 10


def without_torch(root, source):
    return not any(tree.TORCH.match(name) for name in tree.reach(root, [source]))


def key(root, source, command, version):
    """Hash of the file, every file of ours that it includes, the settings and the tools."""
    root = pathlib.Path(root)
    own = {source} | {pathlib.Path(n) for n in tree.reach(root, [source]) if (root / n).is_file()}
    own |= {p / ".clang-tidy" for p in [source, *source.parents] if (root / p / ".clang-tidy").is_file()}
    digest = hashlib.sha256(f"{command}\n{version}\n{EXTRA}\n{CHECKS}\n".encode())
    for path in sorted(own):
        digest.update(f"{path}\n".encode())
        digest.update((root / path).read_bytes())
    return digest.hexdigest()


def flags_of(command):
    """What the compiler was told, without itself, the source and the object."""
    words, kept, skip = shlex.split(command)[1:], [], False
    for word in words:
        if skip or word == "-c" or word.endswith(".cpp"):
            skip = False
        elif word == "-o":
            skip = True
        else:
            kept.append(word)
    return kept


def jobs(root, build):
    """[(source, folder, flags)] of compile_commands.json: ours, free of torch, each once."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        path = pathlib.Path(os.path.normpath(os.path.join(entry["directory"], entry["file"])))
        if not path.is_relative_to(root):
            continue
        source = path.relative_to(root)
        if source.parts[0] in {"app", "core", "ui"} and without_torch(root, source):
            command = entry.get("command") or shlex.join(entry["arguments"])
            found.setdefault(source, (entry["directory"], tuple(flags_of(command))))
    return [(source, *rest) for source, rest in sorted(found.items())]


def groups(todo):
    """Files of one folder of the house with the same flags, at most TOGETHER of them."""
    alike = {}
    for job in todo:
        alike.setdefault((job[0].parts[0], job[1], job[2]), []).append(job)
    return [same[i:i + TOGETHER] for same in alike.values() for i in range(0, len(same), TOGETHER)]


class Tidy:
    def __init__(self, program, root, build):
        self.program, self.root, self.memory = program, root, build / "tidy"
        self.memory.mkdir(exist_ok=True)

    def run(self, path, folder, flags):
        """What clang-tidy finds in one file; empty: nothing."""
        run = subprocess.run([self.program, "--quiet", "--warnings-as-errors=*", CHECKS,
                              f"--config-file={self.root / '.clang-tidy'}", str(path), "--", *flags, *EXTRA],
                             capture_output=True, text=True, check=False, cwd=folder)
        return "" if run.returncode == 0 else run.stdout + run.stderr

    def check(self, group):
        """[(source, findings)] of a group; in halves when it cannot be compiled together."""
        if len(group) > 1:
            name = hashlib.sha256("\n".join(str(job[0]) for job in group).encode()).hexdigest()[:16]
            together = self.memory / f"{name}.cpp"
            together.write_text("".join(f'#include "{self.root / job[0]}"\n' for job in group), encoding="utf-8")
            text = self.run(together, group[0][1], group[0][2])
            if not text:
                return [(job[0], "") for job in group]
            if "[clang-diagnostic-" not in text:
                hit = [job for job in group if str(self.root / job[0]) in text]
                if hit:
                    return [(job[0], text if job is hit[0] else "-") for job in group]
            half = len(group) // 2
            return self.check(group[:half]) + self.check(group[half:])
        return [(source, self.run(self.root / source, folder, flags)) for source, folder, flags in group]


def main():
    root, build = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
    chosen = {pathlib.Path(os.path.abspath(a)).relative_to(root) for a in sys.argv[3:]}
    program = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    if not program:
        print("SKIPPED: clang-tidy is not installed (scripts/setup installs it)")
        return 77
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = [job for job in jobs(root, build) if not chosen or job[0] in chosen]
    if not found:
        print(f"no file without torch in {build}/compile_commands.json")
        return 1
    tidy = Tidy(program, root, build)
    marks = {job[0]: tidy.memory / key(root, job[0], " ".join(job[2]), version) for job in found}
    todo = [job for job in found if not marks[job[0]].exists()]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for results in pool.map(tidy.check, groups(todo)):
            for source, text in results:
                if not text:
                    marks[source].touch()
                elif text != "-":  # "-": told with another file of its group
                    bad += 1
                    print(f"{source}:\n{text}", flush=True)
    print(f"{len(found)} files, {len(found) - len(todo)} known to be clean, {bad} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
