#!/usr/bin/env python3
"""How OpenMP threads wait, in turns, alone and beside another busy process.

Runs `crossiter bench` with as many threads as there are cores: as it is (a short spin, then sleep), with
GOMP_SPINCOUNT=0 (sleep at once), with OMP_WAIT_POLICY=active (spin without end), and with one thread; prints the
medians of one round of the default pair as ratios to the first. Asserts nothing.

  python3 tests/bench/waiting_threads.py [--program build/release/bin/crossiter] [--repeats 5]
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

ROUND = "round of the default pair, without judges"


WAYS = {
    "as it is": {},
    "sleep at once": {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"},
    "spin without end": {"OMP_WAIT_POLICY": "active"},
}


def seconds(program, threads, settings):
    environment = {name: value for name, value in os.environ.items() if name not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    out = subprocess.run([program, "bench", "--threads", str(threads), "--runs", "3", "--json", "--quiet"], check=True,
                         capture_output=True, text=True, env=environment | settings).stdout
    return next(entry["seconds"] for entry in find_entries(json.loads(out)) if entry["name"] == ROUND)


def find_entries(value):
    return value if isinstance(value, list) else next(v for v in value.values() if isinstance(v, list))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/bin/crossiter")
    parser.add_argument("--repeats", default=5, type=int)
    options = parser.parse_args()
    threads = os.cpu_count()
    for beside in (0, 1):
        busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(beside)]
        taken = {}
        try:
            for _ in range(options.repeats):
                for way, settings in WAYS.items():
                    taken.setdefault(way, []).append(seconds(options.program, threads, settings))
                taken.setdefault("one thread", []).append(seconds(options.program, 1, {}))
        finally:
            for process in busy:
                process.kill()
        middle = {way: statistics.median(values) for way, values in taken.items()}
        print(f"{threads} threads, {beside} busy processes beside: "
              + ", ".join(f"{way} {value / middle['as it is']:.2f}" for way, value in middle.items()))


if __name__ == "__main__":
    main()
