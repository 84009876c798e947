#!/usr/bin/env python3
"""Times a sweep over sizes against the same forward passes through eager PyTorch at batch 1.

Run it with a Python that has torch, NumPy and Pillow; the project itself needs none of them
(docs/performance.md shows how):

  python3 tests/bench/peer_sweep.py [--program build/release/bin/crossiter] [--sizes 32:299:1] [--turns 3]

Both take one photo, every size, two models (efficientnet-lite1 and -lite0), one round: TensorFlow 1's
bilinear resize there and back, preprocessing, forward pass, softmax. Ours: `seconds` of
`crossiter sweep --json`, which leaves out loading. The peer: torch, eager, batch 1, weights frozen,
inference mode, the resize as two matrix products whose tables are made beforehand. Both use the same
number of threads: ours computes that many cells side by side with one thread each, the peer one
forward pass with all of them. Turns alternate, so that a load on the machine meets both. Prints both
times, their ratio and the largest difference of a probability; asserts nothing.
"""
import argparse
import csv
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

# Before torch is loaded: no thread of the peer's waits spinning while ours is measured.
os.environ.update(OMP_WAIT_POLICY="passive", GOMP_SPINCOUNT="1000")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "golden"))
sys.dont_write_bytecode = True

import numpy as np  # noqa: E402
import torch  # noqa: E402
import defense_reference as resizing  # noqa: E402
import efficientnet_lite_reference as reference  # noqa: E402

MODELS = ("efficientnet-lite1", "efficientnet-lite0")
SIDE = 299


def sizes_of(text):
    first, last, step = (int(part) for part in text.split(":"))
    return list(range(first, last + 1, step))


def ours(arguments, photo, environment, output):
    """Seconds of the sweep in one process, and its probabilities by (size, model)."""
    command = [str(arguments.program), "sweep", str(photo), "--sizes", arguments.sizes, "--output", output,
               "--threads", str(arguments.threads), "--json", "--quiet"]
    for model in MODELS:
        command += ["--model", model]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if result.returncode:
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}: {result.stderr.strip()}")
    with open(pathlib.Path(output) / "sweep.csv", encoding="utf-8") as file:
        rows = {(int(row["size"]), row["model"]): (int(row["label"]), float(row["probability"]))
                for row in csv.DictReader(file)}
    return json.loads(result.stdout)["seconds"], rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/bin/crossiter")
    parser.add_argument("--deps", type=pathlib.Path, default=ROOT / ".deps")
    parser.add_argument("--sizes", default="32:299:1", help="FIRST:LAST:STEP")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    photo = sorted((arguments.deps / "photos").glob("imagenet_16_*.jpg"))[0]
    image = reference.tensor(reference.image_space(photo)).float()
    models = [(name, reference.Classifier(name, arguments.deps / "store").eval()) for name in MODELS]
    sizes = sizes_of(arguments.sizes)
    tables = {size: (torch.from_numpy(resizing.axis(SIDE, size).astype(np.float32)),
                     torch.from_numpy(resizing.axis(size, SIDE).astype(np.float32))) for size in sizes}

    def peer():
        rows = {}
        start = time.perf_counter()
        with torch.inference_mode():
            for size in sizes:
                down, up = tables[size]
                defended = up @ (down @ image @ down.T) @ up.T if size != SIDE else image
                for name, model in models:
                    top = torch.softmax(model(defended)[0], 0).max(0)
                    rows[size, name] = (int(top.indices) + 1, float(top.values))
        return time.perf_counter() - start, rows

    environment = dict(os.environ, CROSSITER_STORE=str(arguments.deps / "store"))
    with tempfile.TemporaryDirectory() as output, torch.inference_mode():
        for _, model in models:
            model(image)  # the first pass of a process pays for what later ones find ready
        own, theirs = [], []
        for turn in range(arguments.turns):
            seconds, mine = ours(arguments, photo, environment, output)
            own.append(seconds)
            seconds, other = peer()
            theirs.append(seconds)
            print(f"turn {turn + 1}: ours {own[-1]:.2f} s, peer {theirs[-1]:.2f} s, "
                  f"peer / ours {theirs[-1] / own[-1]:.3f}", flush=True)
    same = [key for key in mine if mine[key][0] == other[key][0]]
    worst = max(abs(mine[key][1] - other[key][1]) for key in same)
    print(f"{len(mine)} cells; top-1 equal in {len(same)}, where they are the probability differs by at most {worst:.1e}")
    ratios = sorted(b / a for a, b in zip(own, theirs))
    print(f"torch {torch.__version__}, {arguments.threads} threads: throughput, ours over the peer's: "
          f"of the medians {statistics.median(theirs) / statistics.median(own):.3f}, "
          f"of single turns {ratios[0]:.3f} to {ratios[-1]:.3f}")


if __name__ == "__main__":
    main()
