#!/usr/bin/env python3
"""TensorFlow 1's bilinear resize in NumPy float64: the goldens of the resize defense.

Needs NumPy and Pillow (made with NumPy 2.4.6, Pillow 13.0.0); no part of the build or the tests.
Written from the rule alone (docs/rules.md, "TensorFlow 1's grid"), sharing no line with core/:
src = i * in / out in float64, lo = floor(src), hi = min(lo + 1, in - 1), rows and columns apart.

  python3 tests/golden/defense_reference.py            compares tests/golden/defense with a new run
  python3 tests/golden/defense_reference.py --write    writes it

Input: embedded_pair/imagenet_16_251.clean.png, 299x299, as u / 255 * 2 - 1. Outputs, each for
299 -> 200 -> 299 and 299 -> 250 -> 200 -> 299: the picture rounded to 8 bits (halves to even), and
in values.json some float64 values with their places and the mean of all.
"""
import argparse
import json
import pathlib
import sys

import numpy as np
from PIL import Image

GOLDEN = pathlib.Path(__file__).resolve().parent
SOURCE = GOLDEN / "embedded_pair" / "imagenet_16_251.clean.png"
CASES = {"resize-200": [200], "resize-250-200": [250, 200]}
SIDE = 299
PLACES = [(0, 0, 0), (0, 298, 1), (298, 0, 2), (298, 298, 0), (1, 1, 1), (149, 149, 2), (37, 211, 0),
          (250, 13, 1), (120, 297, 2)]


def axis(inputs, outputs):
    """Rows of a matrix [outputs, inputs]: each output's shares of the inputs."""
    matrix = np.zeros((outputs, inputs))
    for o in range(outputs):
        source = o * inputs / outputs
        low = int(np.floor(source))
        high = min(low + 1, inputs - 1)
        matrix[o, low] += 1 - (source - low)
        matrix[o, high] += source - low
    return matrix


def resize(picture, side):
    """picture: [height, width, 3]."""
    rows = axis(picture.shape[0], side)
    columns = axis(picture.shape[1], side)
    return np.einsum("yh,hwc,xw->yxc", rows, picture, columns, optimize=True)


def defended(picture, sizes):
    for side in sizes + [SIDE]:
        picture = resize(picture, side)
    return picture


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    clean = np.asarray(Image.open(SOURCE).convert("RGB")).astype(np.float64) / 255 * 2 - 1
    values, different = {}, 0
    for name, sizes in CASES.items():
        result = defended(clean, sizes)
        bytes_ = np.clip(np.rint((result + 1) * 127.5), 0, 255).astype(np.uint8)
        values[name] = {"sizes": sizes, "mean": float(result.mean()),
                        "values": [{"row": r, "column": c, "channel": k, "value": float(result[r, c, k])}
                                   for r, c, k in PLACES]}
        path = GOLDEN / "defense" / f"{name}.png"
        if arguments.write:
            Image.fromarray(bytes_).save(path, optimize=True)
        else:
            different += int((np.asarray(Image.open(path)) != bytes_).sum())
    path = GOLDEN / "defense" / "values.json"
    if arguments.write:
        path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        return 0
    known = json.loads(path.read_text(encoding="utf-8"))
    worst = max(abs(a["value"] - b["value"]) for name in CASES
                for a, b in zip(known[name]["values"], values[name]["values"]))
    print(f"{different} bytes differ, largest difference of the values {worst:.1e}")
    return 1 if different or worst > 1e-12 else 0


if __name__ == "__main__":
    sys.exit(main())
