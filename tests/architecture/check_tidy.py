#!/usr/bin/env python3
"""clang-tidy on the files that see no torch, with --all (preset `tidy`) on every file and with the
analyzer; a finding is an error.

usage: check_tidy.py [--all] SOURCE_DIR BUILD_DIR [FILE...]
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
# analyzer looks only into a main file, so with --all it runs by itself, file by file; it takes what
# Qt's parents delete for leaks, hence no leak check in ui and the tests.
CHECKS = "--checks=-clang-analyzer-*,-bugprone-suspicious-include"
ANALYZER = "--checks=-*,clang-analyzer-*"
ANALYZER_QT = ANALYZER + ",-clang-analyzer-cplusplus.NewDeleteLeaks"
TOGETHER = 10


def without_torch(root, source):
    return not any(tree.TORCH.match(name) for name in tree.reach(root, [source]))


def analyzer_checks(source):
    return ANALYZER_QT if source.parts[0] in {"ui", "tests"} else ANALYZER


def key(root, source, command, version, checks=CHECKS):
    """Hash of the file, every file of ours that it includes, the settings and the tools."""
    root = pathlib.Path(root)
    own = {source} | {pathlib.Path(n) for n in tree.reach(root, [source]) if (root / n).is_file()}
    own |= {p / ".clang-tidy" for p in [source, *source.parents] if (root / p / ".clang-tidy").is_file()}
    digest = hashlib.sha256(f"{command}\n{version}\n{EXTRA}\n{checks}\n".encode())
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


def without_pch(flags):
    """gcc's precompiled headers are nothing that clang can read."""
    kept, skip = [], False
    for flag in flags:
        if skip or flag == "-Winvalid-pch" or flag == "-fpch-preprocess":
            skip = False
        elif flag == "-include":
            skip = True
        else:
            kept.append(flag)
    return kept


def jobs(root, build, everything=False):
    """[(source, folder, flags)] of compile_commands.json: ours, each once; else only those free of torch."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        path = pathlib.Path(os.path.normpath(os.path.join(entry["directory"], entry["file"])))
        if not path.is_relative_to(root):
            continue
        source = path.relative_to(root)
        folders = {"app", "core", "ui", "tests"} if everything else {"app", "core", "ui"}
        if source.parts[0] in folders and (everything or without_torch(root, source)):
            command = entry.get("command") or shlex.join(entry["arguments"])
            found.setdefault(source, (entry["directory"], tuple(without_pch(flags_of(command)))))
    return [(source, *rest) for source, rest in sorted(found.items())]


def groups(todo):
    """Files of one folder of the house with the same flags, at most TOGETHER of them."""
    alike = {}
    for job in todo:
        # A test has its own main; core/nets has its own settings.
        alone = job[0] if job[0].parts[0] == "tests" or job[0].parts[:2] == ("core", "nets") else None
        alike.setdefault((job[0].parts[0], job[1], job[2], alone), []).append(job)
    return [same[i:i + TOGETHER] for same in alike.values() for i in range(0, len(same), TOGETHER)]


class Tidy:
    def __init__(self, program, root, build):
        self.program, self.root, self.memory = program, root, build / "tidy"
        self.memory.mkdir(exist_ok=True)

    def run(self, path, folder, flags, checks=CHECKS):
        """What clang-tidy finds in one file; empty: nothing."""
        own = (path.parent / ".clang-tidy").is_file() and path.parent != self.root
        config = [] if own else [f"--config-file={self.root / '.clang-tidy'}"]
        run = subprocess.run([self.program, "--quiet", "--warnings-as-errors=*", checks, *config,
                              str(path), "--", *flags, *EXTRA],
                             capture_output=True, text=True, check=False, cwd=folder)
        return "" if run.returncode == 0 else run.stdout + run.stderr

    def analyze(self, job):
        """[(source, findings)] of the analyzer in one file."""
        source, folder, flags = job
        return [(source, self.run(self.root / source, folder, flags, analyzer_checks(source)))]

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


def run_all(work, todo, marks, pool):
    """Runs `work` over groups of jobs; how many files have findings."""
    bad = 0
    for results in pool.map(work, todo):
        for source, text in results:
            if not text:
                marks[source].touch()
            elif text != "-":  # "-": told with another file of its group
                bad += 1
                print(f"{source}:\n{text}", flush=True)
    return bad


def main():
    words = sys.argv[1:]
    everything = "--all" in words
    words = [w for w in words if w != "--all"]
    root, build = (pathlib.Path(a).resolve() for a in words[:2])
    chosen = {pathlib.Path(os.path.abspath(a)).relative_to(root) for a in words[2:]}
    program = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    if not program:
        print("SKIPPED: clang-tidy is not installed (scripts/setup installs it)")
        return 77
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = [job for job in jobs(root, build, everything) if not chosen or job[0] in chosen]
    if not found:
        print(f"no file to check in {build}/compile_commands.json")
        return 1
    tidy = Tidy(program, root, build)
    marks = {job[0]: tidy.memory / key(root, job[0], " ".join(job[2]), version) for job in found}
    todo = [job for job in found if not marks[job[0]].exists()]
    known = len(found) - len(todo)
    with concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        bad = run_all(tidy.check, groups(todo), marks, pool)
        if everything:
            marks = {job[0]: tidy.memory / key(root, job[0], " ".join(job[2]), version, analyzer_checks(job[0]))
                     for job in found}
            bad += run_all(tidy.analyze, [job for job in found if not marks[job[0]].exists()], marks, pool)
    print(f"{len(found)} files, {known} known to be clean, {bad} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
