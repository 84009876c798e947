#!/usr/bin/env python3
"""Sleeping against spinning OpenMP threads, in turns, alone and beside another busy process.

Runs `crossiter bench` with as many threads as there are cores, once as it is (threads sleep while they wait) and
once with OMP_WAIT_POLICY=active (they spin), and prints the ratio of the medians of one round of the default
pair. Asserts nothing.

  python3 tests/bench/waiting_threads.py [--program build/release/bin/crossiter] [--repeats 5]
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

ROUND = "round of the default pair, without judges"


def seconds(program, threads, spin):
    environment = dict(os.environ)
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        environment.pop(name, None)
    if spin:
        environment["OMP_WAIT_POLICY"] = "active"
    out = subprocess.run([program, "bench", "--threads", str(threads), "--runs", "3", "--json", "--quiet"], check=True,
                         capture_output=True, text=True, env=environment).stdout
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
        try:
            pairs = [(seconds(options.program, threads, False), seconds(options.program, threads, True))
                     for _ in range(options.repeats)]
            one = [seconds(options.program, 1, False) for _ in range(options.repeats)]
        finally:
            for process in busy:
                process.kill()
        asleep, spinning = (statistics.median(side) for side in zip(*pairs))
        print(f"{threads} threads, {beside} busy processes beside: spinning takes {spinning / asleep:.2f} of the time of "
              f"sleeping; one thread takes {statistics.median(one) / asleep:.2f}")


if __name__ == "__main__":
    main()
