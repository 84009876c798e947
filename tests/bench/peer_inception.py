#!/usr/bin/env python3
"""Times a sub-step on Inception v3 and on Inception-ResNet v2 against timm's networks in eager PyTorch.

Run it with a Python that has torch, timm, safetensors and NumPy; the project itself needs none of them
(docs/performance.md shows how):

  python3 tests/bench/peer_inception.py [--program build/release/bin/crossiter] [--turns 9]

A sub-step = one forward pass and the input gradient of the loss for its own argmax, 1 thread, float32. Both sides
take the same weights: the deterministic ones of tests/golden/inception_reference.py, saved as safetensors, imported
with `crossiter models import` into a store that is removed afterwards, and loaded into timm's network. Ours: the entry
"ID forward and input gradient" of `crossiter bench --threads 1 --roofline`, fast numerics. The peer: the network in
eval mode with frozen weights, torch.autograd.grad on the input. The two take turns, so that a load on the machine
meets both; the first turn of each is not counted. Prints medians, their ratio and its spread, and which share of the
best 3x3 convolution measured in the same turns each of ours reaches. Asserts nothing.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

# Before torch is loaded: no thread of the peer's waits spinning while ours is measured.
os.environ.update(OMP_WAIT_POLICY="passive", GOMP_SPINCOUNT="0", OMP_NUM_THREADS="1")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "golden"))
sys.dont_write_bytecode = True

import timm  # noqa: E402
import torch  # noqa: E402
import inception_reference as reference  # noqa: E402  (pins the versions)
from safetensors.torch import save_file  # noqa: E402

NETS = ("inception-v3", "inception-resnet-v2")


def run(command, environment):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=environment,
                            check=False)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit code {result.returncode}: {result.stderr.strip()}")
    return result.stdout


def prepared(program, folder, environment):
    """Imports both networks into the store in `folder` and returns timm's with the same weights."""
    peers = {}
    for net in NETS:
        model, state = reference.build(net, 1000, aux=False)
        file = folder / f"{net}.safetensors"
        save_file({key: value.contiguous() for key, value in state.items()}, file)
        # timm's Inception v3 counts the padding of its pools: so does ours here.
        run([program, "models", "import", file, "--architecture", net, "--as", f"bench-{net}", "--pool-padding",
             "timm", "--quiet"], environment)
        file.unlink()
        model = model.float().eval()
        for parameter in model.parameters():
            parameter.requires_grad_(False)
        peers[net] = model
    return peers


def ours(program, runs, environment):
    """{net: (seconds, share of the convolution peak)} and the peak in GFLOP/s: medians of `runs` in one process."""
    command = [program, "bench", "--threads", "1", "--roofline", "--runs", runs, "--quiet"]
    for net in NETS:
        command += ["--model", f"bench-{net}"]
    answer = json.loads(run(command, environment))
    entries = {entry["name"]: entry for entry in answer["entries"]}
    found = {}
    for net in NETS:
        entry = entries[f"bench-{net} forward and input gradient"]
        found[net] = (entry["seconds"], entry["of_convolution_peak"])
    return found, answer["roofline"]["convolution_gflops"]


def peer(model, image, runs):
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        x = image.clone().requires_grad_(True)
        logits = model(x)
        loss = torch.nn.functional.cross_entropy(logits, logits.detach().argmax(1))
        torch.autograd.grad(loss, x)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/bin/crossiter")
    parser.add_argument("--turns", type=int, default=9, help="turns of each side, after one that is not counted")
    parser.add_argument("--runs", type=int, default=3, help="sub-steps in one turn; their median counts")
    arguments = parser.parse_args()
    if arguments.turns < 1 or arguments.runs < 1:
        parser.error("--turns and --runs want at least 1")

    torch.set_num_threads(1)
    image = reference.picture(299).float()
    own = {net: [] for net in NETS}
    theirs = {net: [] for net in NETS}
    shares = {net: [] for net in NETS}
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, CROSSITER_STORE=str(pathlib.Path(folder) / "store"))
        peers = prepared(arguments.program, pathlib.Path(folder), environment)
        for turn in range(arguments.turns + 1):
            found, peak = ours(arguments.program, arguments.runs, environment)
            for net in NETS:
                seconds = peer(peers[net], image, arguments.runs)
                if turn == 0:
                    continue
                own[net].append(found[net][0])
                shares[net].append(found[net][1])
                theirs[net].append(seconds)
                print(f"turn {turn}, {net}: ours {found[net][0] * 1000:.1f} ms, timm {seconds * 1000:.1f} ms, "
                      f"ratio {found[net][0] / seconds:.3f}", flush=True)
            if turn > 0:
                peaks.append(peak)
    print(f"crossiter against timm {timm.__version__}, torch {torch.__version__}, 1 thread, {arguments.turns} turns")
    for net in NETS:
        ratios = sorted(a / b for a, b in zip(own[net], theirs[net]))
        print(f"{net}: ratio of the medians {statistics.median(own[net]) / statistics.median(theirs[net]):.3f}, of single "
              f"turns {ratios[0]:.3f} to {ratios[-1]:.3f}; {100 * statistics.median(shares[net]):.0f} % of the "
              f"convolution peak ({statistics.median(peaks):.0f} GFLOP/s)")


if __name__ == "__main__":
    main()
