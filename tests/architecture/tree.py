"""The project's own files, and what they include. Used by every check of this folder."""
import pathlib
import re
import subprocess

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"\n]+)[>"]', re.M)
CODE = {".h", ".cpp", ".cu", ".cuh"}
TORCH = re.compile(r"^(torch|ATen|c10|cuda)([/_.]|$)")
QT = re.compile(r"^(Q[A-Z]|Qt[A-Z]|qcustomplot)")


def files(root):
    """All files that git knows or would add, relative to root, sorted; all files without git."""
    root = pathlib.Path(root)
    try:
        found = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"], check=True, capture_output=True, text=True).stdout.split("\0")
        paths = [pathlib.Path(p) for p in found if p]
    except (OSError, subprocess.CalledProcessError):
        paths = [p.relative_to(root) for p in root.rglob("*")]
        paths = [p for p in paths if p.parts[0] not in {".git", ".deps", "build", "out"}]
    return sorted(p for p in set(paths) if (root / p).is_file())


def code(root):
    return [p for p in files(root) if p.suffix in CODE]


def includes(path):
    """[(quote or bracket, name)] of one file."""
    return INCLUDE.findall(path.read_text(encoding="utf-8"))


def reach(root, start):
    """Every include reachable from the project's files in `start`: name -> the file that has it first."""
    root = pathlib.Path(root)
    seen, names, waiting = set(), {}, [pathlib.Path(p) for p in start]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for _, name in includes(root / path):
            names.setdefault(name, path)
            if (root / name).is_file():
                waiting.append(pathlib.Path(name))
    return names
