#!/usr/bin/env python3
"""Times one round of the default pair against torchattacks on the same weights, image and thread count.

Run it with a Python that has torch, torchattacks, NumPy and Pillow; the project itself needs none of
them (docs/performance.md shows how):

  python3 tests/bench/peer_torchattacks.py [--program build/release/bin/crossiter] [--repeats 9]

One round = one gradient step on efficientnet-lite1, then one on efficientnet-lite0, without judges.
Ours: the entry of that name of `crossiter bench --threads 1 --json`. The peer: torchattacks.BIM with
one step on each network in eager PyTorch, weights frozen, preprocessing included. The two take turns,
so that a load on the machine meets both. Prints medians, their ratio and the spread; asserts nothing.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

# Before torch is loaded: no thread of the peer's waits spinning while ours is measured.
os.environ.update(OMP_WAIT_POLICY="passive", GOMP_SPINCOUNT="0", OMP_NUM_THREADS="1")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "golden"))
sys.dont_write_bytecode = True

import torch  # noqa: E402
import torchattacks  # noqa: E402
import efficientnet_lite_reference as reference  # noqa: E402

ENTRY = "round of the default pair, without judges"


class UnitRange(torch.nn.Module):
    """torchattacks works on [0,1], the competition on [-1,1]."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(2 * x - 1)


def ours(program, runs, environment):
    """Seconds of one round: the median of `runs` in one process."""
    command = [str(program), "bench", "--threads", "1", "--json"] + (["--runs", str(runs)] if runs else [])
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if result.returncode:
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}: {result.stderr.strip()}")
    answer = json.loads(result.stdout)
    entries = answer["entries"] if isinstance(answer, dict) else answer
    for entry in entries:
        if entry["name"] == ENTRY:
            return entry["seconds"]
    sys.exit(f"{program}: expected an entry '{ENTRY}', found {[e['name'] for e in entries]}")


def summary(name, seconds):
    print(f"{name}: median {statistics.median(seconds) * 1000:.1f} ms, "
          f"{min(seconds) * 1000:.1f} to {max(seconds) * 1000:.1f} ms, {len(seconds)} measurements")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/bin/crossiter")
    parser.add_argument("--deps", type=pathlib.Path, default=ROOT / ".deps")
    parser.add_argument("--repeats", type=int, default=9, help="turns of each side")
    parser.add_argument("--runs", type=int, default=5, help="rounds in one turn")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    photo = sorted((arguments.deps / "photos").glob("imagenet_16_*.jpg"))[0]
    image = (reference.tensor(reference.image_space(photo)) + 1) / 2
    attacks = []
    for name in ("efficientnet-lite1", "efficientnet-lite0"):
        model = UnitRange(reference.Classifier(name, arguments.deps / "store")).eval()
        attacks.append((model, torchattacks.BIM(model, eps=16 / 255, alpha=6.375 / 255, steps=1)))
    labels = [model(image).argmax(1) for model, _ in attacks]

    def peer():
        seconds = []
        for _ in range(arguments.runs):
            start = time.perf_counter()
            x = image
            for (_, attack), label in zip(attacks, labels):
                x = attack(x, label)
            seconds.append(time.perf_counter() - start)
        return statistics.median(seconds)

    environment = dict(os.environ, CROSSITER_STORE=str(arguments.deps / "store"))
    peer()  # the first round of a process pays for what later ones find ready
    own, theirs = [], []
    for turn in range(arguments.repeats):
        own.append(ours(arguments.program, arguments.runs, environment))
        theirs.append(peer())
        print(f"turn {turn + 1}: ours {own[-1] * 1000:.1f} ms, peer {theirs[-1] * 1000:.1f} ms, "
              f"ratio {own[-1] / theirs[-1]:.3f}", flush=True)
    summary("crossiter", own)
    summary(f"torchattacks {torchattacks.__version__}, torch {torch.__version__}", theirs)
    ratios = sorted(a / b for a, b in zip(own, theirs))
    print(f"ratio of the medians {statistics.median(own) / statistics.median(theirs):.3f}, "
          f"of single turns {ratios[0]:.3f} to {ratios[-1]:.3f}")


if __name__ == "__main__":
    main()
