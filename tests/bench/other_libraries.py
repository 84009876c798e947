#!/usr/bin/env python3
"""Runs the examples of docs/other-libraries.md, and shows what they wrote to `crossiter trace`.

  python3 tests/bench/other_libraries.py [--program build/release/bin/crossiter] [NAME...]

Run it with a Python that has torch and the libraries (torchvision for torchattacks; TransferAttack's folder
on PYTHONPATH); the project itself needs none of them. A library that is not there is skipped, and said to be.
The network is a small one with random weights: what is checked is that each example runs as it stands,
writes ten steps that differ, and that the program makes a trace of them. Exit code: 0 when at least one
example ran and none failed, 1 when one failed, 77 when all were skipped.
"""
import argparse
import importlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "other-libraries.md"
SKIPPED = 77
STEPS = 10
SIDE = 64
# Heading of the page -> what must be importable.
NEEDS = {
    "torchattacks": ("torch", "torchvision", "torchattacks"),
    "Foolbox": ("torch", "numpy", "foolbox"),
    "ART": ("torch", "numpy", "art.estimators.classification"),
    "TransferAttack": ("torch", "numpy", "transferattack.gradient.mifgsm"),
}


def examples():
    """Heading -> the code below it, for every heading of NEEDS."""
    found = dict(re.findall(r"^## (\S+)\n\n```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S))
    if set(found) != set(NEEDS):
        sys.exit(f"{PAGE.name}: expected an example each of {', '.join(NEEDS)}, found {', '.join(found)}")
    return found


def missing(modules):
    """The first module that cannot be imported, with why; empty when all are there."""
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError as error:
            return f"{module.split('.')[0]} ({error})"
    return ""


def surroundings():
    """What the page says is given: a network, a photo and its class."""
    import torch

    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 5, 4), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.LazyLinear(1000))
    x = torch.rand(1, 3, SIDE, SIDE).mul(255).round().div(255)
    model(x)  # the last layer's size
    return {"__name__": "example", "model": model.eval(), "x": x, "y": torch.tensor([251])}


def write_clean(x, path):
    """The photo as a PNG, without a library's help."""
    import struct
    import zlib

    rows = (x[0].permute(1, 2, 0) * 255).round().byte().numpy()
    raw = b"".join(b"\0" + row.tobytes() for row in rows)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def traced(program, clean):
    """What the program says of the steps in the current folder; empty when that is what it should."""
    command = [str(program), "trace", "steps", "--clean", str(clean), "--size", f"{SIDE}x{SIDE}", "--range", "0..1", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        return result.stderr.strip()
    steps = json.loads(result.stdout)["substeps"]
    distances = [step["linf_exported"] for step in steps]
    if len(steps) != STEPS + 1 or distances[0] != 0 or not 0 < max(distances) <= 17:
        return f"expected {STEPS} steps within 16 grey levels, found distances {distances}"
    return ""


def run(name, code, program):
    """Why the example fails; empty: it runs."""
    given = surroundings()
    with tempfile.TemporaryDirectory() as folder:
        before = os.getcwd()
        os.chdir(folder)
        try:
            exec(compile(code, f"{PAGE.name}, {name}", "exec"), given)  # pylint: disable=exec-used
            written = sorted(path.read_bytes() for path in pathlib.Path("steps").iterdir())
            if len(written) != STEPS or len(set(written)) < 2:
                return f"expected {STEPS} files that differ, found {len(written)}, {len(set(written))} of them different"
            if program is None:
                return ""
            clean = pathlib.Path(folder) / "photo.png"
            write_clean(given["x"], clean)
            return traced(program, clean)
        except Exception:  # pylint: disable=broad-except
            return traceback.format_exc(limit=3)
        finally:
            os.chdir(before)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "release" / "bin" / "crossiter")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NEEDS)}; none: all")
    options = parser.parse_args()
    program = options.program.resolve() if options.program.exists() else None
    if program is None:
        print(f"{options.program}: not built, so no trace is made of what the examples write")
    codes = examples()
    ran = failed = 0
    for name in options.names or NEEDS:
        if name not in codes:
            parser.error(f"unknown example {name}: expected one of {', '.join(NEEDS)}")
        if why := missing(NEEDS[name]):
            print(f"{name}: SKIPPED, not installed: {why}")
            continue
        ran += 1
        why = run(name, codes[name], program)
        failed += bool(why)
        print(f"{name}: {'FAILED: ' + why if why else 'ok'}")
    return 1 if failed else 0 if ran else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
