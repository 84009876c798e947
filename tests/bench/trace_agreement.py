#!/usr/bin/env python3
"""How far two thread counts of one numerics agree, sub-step by sub-step (docs/performance.md).

Runs `crossiter attack --trace` on each photo twice, with 1 and with 2 threads, and prints per sub-step the
least share of equal exported pixels over the photos and the number of photos with equal attacked labels.
Needs a Python with Pillow and NumPy; asserts nothing.

  out/peer/bin/python tests/bench/trace_agreement.py --numerics reference --photos .deps/photos --count 10
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy
from PIL import Image


def trace(program, photo, numerics, threads, rounds, folder):
    out = pathlib.Path(folder) / f"{photo.stem}-{threads}"
    subprocess.run([program, "attack", photo, out, "--method", "cross-iterative", "--rounds", str(rounds),
                    "--numerics", numerics, "--threads", str(threads), "--trace", out / "trace", "--quiet"], check=True)
    steps = json.loads((out / "trace" / f"{photo.stem}.trace.json").read_text())["substeps"]
    pictures = [numpy.asarray(Image.open(out / "trace" / step["exported"])) for step in steps]
    return [step["label"] for step in steps], pictures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/bin/crossiter")
    parser.add_argument("--photos", default=".deps/photos", type=pathlib.Path)
    parser.add_argument("--count", default=10, type=int)
    parser.add_argument("--numerics", default="reference")
    parser.add_argument("--rounds", default=3, type=int)
    options = parser.parse_args()

    photos = sorted(options.photos.glob("*.jpg"))[:options.count]
    least, labels = {}, {}
    for photo in photos:
        with tempfile.TemporaryDirectory() as folder:
            (one, first), (two, second) = (
                trace(options.program, photo, options.numerics, threads, options.rounds, folder) for threads in (1, 2))
        for step in range(1, len(one)):
            share = (first[step] == second[step]).all(axis=2).mean()
            least[step] = min(least.get(step, 1.0), share)
            labels[step] = labels.get(step, 0) + (one[step] == two[step])
    print(f"{options.numerics}, 1 thread against 2, {len(photos)} photos")
    for step, share in least.items():
        print(f"sub-step {step}: least share of equal pixels {share:.4f}, "
              f"attacked label equal on {labels[step]} of {len(photos)}")


if __name__ == "__main__":
    main()
