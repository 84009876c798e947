#!/usr/bin/env python3
"""What a study costs beyond its distinct sub-steps.

Runs `crossiter study` on a few photos and `crossiter bench` in turns, 1 thread each. The distinct work is what the
study says that it computed (study.json, "work"): gradients and predictions, each at the bench's median second of the
same turn, spread evenly over the networks. Prints the study's own CPU seconds over that. Asserts nothing.

  python3 tests/bench/study_cost.py PHOTOS --labels LABELS.csv [--program build/release/bin/crossiter] [--turns 3]
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile

SOURCES = ("efficientnet-lite1", "efficientnet-lite0")
JUDGES = SOURCES + ("efficientnet-lite2",)


def cpu_seconds(command):
    """User and system time of a program: what else runs on the machine stretches only the wall's."""
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def study(options, limit, rules):
    with tempfile.TemporaryDirectory() as folder:
        spent = cpu_seconds([options.program, "study", options.photos, "--labels", options.labels, "--output", folder,
                             "--threads", "1", "--limit", str(limit), "--rounds", "10", "--rules", rules, "--quiet"])
        with open(os.path.join(folder, "study.json"), encoding="utf-8") as file:
            return spent, json.load(file)["work"]


def units(options):
    out = subprocess.run([options.program, "bench", "--threads", "1", "--runs", "9", "--json", "--quiet"], check=True,
                         capture_output=True, text=True).stdout
    seconds = {entry["name"]: entry["seconds"] for entry in json.loads(out)["entries"]}
    gradient = statistics.mean(seconds[f"{id} forward and input gradient"] for id in SOURCES)
    forward = statistics.mean(seconds[f"{id} forward"] for id in JUDGES)
    return gradient, forward


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos")
    parser.add_argument("--labels", required=True)
    parser.add_argument("--program", default="build/release/bin/crossiter")
    parser.add_argument("--limit", type=int, default=4)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    rules = "own-refreshed,own-clean,true,joint-clean,least-likely"
    ratios = []
    for turn in range(options.turns):
        gradient, forward = units(options)
        # The difference of two studies leaves out the start of the program and its networks.
        few, work_of_few = study(options, 1, rules)
        many, work = study(options, 1 + options.limit, rules)
        distinct = ((work["gradients"] - work_of_few["gradients"]) * gradient
                    + (work["predictions"] - work_of_few["predictions"]) * forward)
        ratios.append((many - few) / distinct)
        print(f"turn {turn + 1}: study over its distinct work {ratios[-1]:.3f}", flush=True)
    print(f"median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f}; of the last turn: "
          f"{work['gradients']} gradients computed, {work['gradients_reused']} shared, "
          f"{work['predictions']} predictions computed, {work['predictions_reused']} shared")


if __name__ == "__main__":
    main()
