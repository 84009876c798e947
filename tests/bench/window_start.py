#!/usr/bin/env python3
"""From the start of crossiter-explorer's process to a window that answers, in a display of its own.

usage: window_start.py [--program build/release/bin/crossiter-explorer] [--turns 5]

Each turn starts the program with an empty home, waits for its window, presses Ctrl+Alt+D (dark
theme) every 50 ms until the screen has become dark, and says both times. Looking at the screen
takes some 100 ms itself, so the times are upper bounds. Needs xvfb, xdotool, imagemagick.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

DISPLAY = ":97"


def said(*command, environment):
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


def brightness(environment):
    """Mean of the screen, 0..1."""
    text = said("import", "-window", "root", "-resize", "1x1!", "-colorspace", "Gray",
                "-format", "%[fx:mean]", "info:", environment=environment)
    return float(text)


def turn(program, environment):
    started = time.monotonic()
    explorer = subprocess.Popen([program], env=environment, stderr=subprocess.DEVNULL)
    try:
        window = ""
        while not window:
            window = said("xdotool", "search", "--onlyvisible", "--class", "crossiter",
                          environment=environment).split("\n")[0]
            if explorer.poll() is not None or time.monotonic() - started > 60:
                raise SystemExit("window_start: no window")
        seen = time.monotonic() - started
        said("xdotool", "windowfocus", window, environment=environment)
        while brightness(environment) < 0.5:  # the empty screen is black, the window is light
            time.sleep(0.01)
        said("xdotool", "key", "ctrl+alt+d", environment=environment)
        while brightness(environment) > 0.5:
            if time.monotonic() - started > 60:
                raise SystemExit("window_start: the window does not answer")
        return seen, time.monotonic() - started
    finally:
        explorer.kill()
        explorer.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default="build/release/bin/crossiter-explorer")
    parser.add_argument("--turns", type=int, default=5)
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.program).resolve())
    screen = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", "1600x980x24"], stderr=subprocess.DEVNULL)
    time.sleep(1)
    times = []
    try:
        for _ in range(arguments.turns):
            with tempfile.TemporaryDirectory() as home:
                environment = {**os.environ, "DISPLAY": DISPLAY, "HOME": home, "QT_QPA_PLATFORM": "xcb",
                               "XDG_CONFIG_HOME": home, "XDG_RUNTIME_DIR": home}
                seen, answered = turn(program, environment)
            times.append(answered)
            print(f"window after {seen:.2f} s, answered after {answered:.2f} s", flush=True)
    finally:
        screen.kill()
    print(f"median {statistics.median(times):.2f} s, at most {max(times):.2f} s; the bound is 3 s")


if __name__ == "__main__":
    main()
