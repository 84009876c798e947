#!/usr/bin/env python3
"""EfficientNet-Lite and the seed's rules once more, in Python: what the goldens are checked with.

Needs PyTorch, NumPy and Pillow (made with torch 2.11.0, Pillow 11); no part of the build or the tests.
Written from the papers and the competition's rules, sharing no line with core/; eager, unfolded, NCHW.

  python3 tests/golden/efficientnet_lite_reference.py [--deps .deps] [--trace] [PHOTO...]

compares with embedded_pair/embedded_pair.json: predictions (1e-4), the Lanczos resize (1 grey level)
and, with --trace, the float64 traces after three and five rounds and the targeted one (every pixel).
PHOTO: names as imagenet_16_251; default: all. Exit code 1 when something differs.
"""
import argparse
import json
import math
import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

GOLDEN = pathlib.Path(__file__).resolve().parent / "embedded_pair"
# repeats, kernel, stride, expansion, output channels
STAGES = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
          (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)]
# width, depth, input side
VARIANTS = {"efficientnet-lite0": (1.0, 1.0, 224), "efficientnet-lite1": (1.0, 1.1, 240),
            "efficientnet-lite2": (1.1, 1.2, 260)}


def channels(count, width):
    """A multiple of 8 that is at least nine tenths of count * width."""
    scaled = count * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return int(rounded + 8 if rounded < 0.9 * scaled else rounded)


class SameConv(nn.Conv2d):
    """TensorFlow's padding "same": the odd pixel goes to the right and to the bottom."""

    def forward(self, x):
        pads = []
        for axis in (3, 2):
            size, kernel, stride = x.shape[axis], self.kernel_size[3 - axis], self.stride[0]
            total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
            pads += [total // 2, total - total // 2]
        return super().forward(F.pad(x, pads) if any(pads) else x)


def conv(inputs, outputs, kernel=1, stride=1, groups=1):
    return SameConv(inputs, outputs, kernel, stride, groups=groups, bias=False)


def norm(count):
    return nn.BatchNorm2d(count, eps=1e-3)


class Block(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, expansion):
        super().__init__()
        middle = inputs * expansion
        self.expands = expansion != 1
        if self.expands:
            self._expand_conv, self._bn0 = conv(inputs, middle), norm(middle)
        self._depthwise_conv, self._bn1 = conv(middle, middle, kernel, stride, middle), norm(middle)
        self._project_conv, self._bn2 = conv(middle, outputs), norm(outputs)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class EfficientNetLite(nn.Module):
    def __init__(self, width, depth):
        super().__init__()
        self._conv_stem, self._bn0 = conv(3, 32, 3, 2), norm(32)
        blocks, inputs = [], 32
        for stage, (repeats, kernel, stride, expansion, count) in enumerate(STAGES):
            if stage not in (0, len(STAGES) - 1):
                repeats = math.ceil(repeats * depth)
            outputs = channels(count, width)
            for repeat in range(repeats):
                blocks.append(Block(inputs, outputs, kernel, 1 if repeat else stride, expansion))
                inputs = outputs
        self._blocks = nn.ModuleList(blocks)
        self._conv_head, self._bn1 = conv(inputs, 1280), norm(1280)
        self._fc = nn.Linear(1280, 1000)

    def forward(self, x):
        x = F.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        return self._fc(F.relu6(self._bn1(self._conv_head(x))).mean((2, 3)))


class Classifier(nn.Module):
    """Images [n,3,299,299] in [-1,1] -> logits [n,1000]; label = index + 1."""

    def __init__(self, name, store, dtype=torch.float32):
        super().__init__()
        width, depth, self.side = VARIANTS[name]
        self.net = EfficientNetLite(width, depth)
        file = next(pathlib.Path(store, name).glob("*.pth"))
        self.net.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
        self.eval().to(dtype).requires_grad_(False)

    def forward(self, x):
        x = F.interpolate(x, size=(self.side, self.side), mode="bilinear", align_corners=False)
        return self.net((127.5 * (x + 1) - 127) / 128)


def image_space(photo):
    """RGB, Lanczos to 299x299: uint8 [299,299,3]."""
    return np.asarray(Image.open(photo).convert("RGB").resize((299, 299), Image.Resampling.LANCZOS))


def tensor(image, dtype=torch.float32):
    """[1,3,299,299] in [-1,1]; computed in float64, the division first."""
    values = image.astype(np.float64) / 255 * 2 - 1
    return torch.from_numpy(values.transpose(2, 0, 1).copy())[None].to(dtype)


def exported(x, clean, epsilon, rounding):
    """What is saved: bytes, then the judge's clip."""
    values = x[0].numpy().transpose(1, 2, 0)
    values = np.floor((values + 1) * 0.5 * 255) if rounding == "floor" else np.round((values + 1) * 127.5)
    low = np.maximum(clean.astype(int) - epsilon, 0)
    high = np.minimum(clean.astype(int) + epsilon, 255)
    return np.clip(values, low, high).astype(np.uint8)


def gradient(loss_of, x):
    x = x.clone().requires_grad_(True)
    return torch.autograd.grad(loss_of(x), x)[0]


def cross_iterative(models, clean, rounds, epsilon=16):
    """The seed's rule: yields (attacked label, exported image) after every sub-step."""
    eps = epsilon * (2 / 255)
    x = tensor(clean, torch.float64)
    for _ in range(rounds):
        for model in models:
            with torch.no_grad():
                own = model(x).argmax(1)
            sign = gradient(lambda z, m=model, y=own: F.cross_entropy(m(z), y), x).sign()
            x = (x + (0.05 * sign).clamp(-eps, eps)).clamp(-1, 1)
            yield int(own) + 1, exported(x, clean, epsilon, "floor")


def cross_iterative_target(models, clean, target, rounds, epsilon=16):
    """Its targeted form: the exported image."""
    eps = epsilon * (2 / 255)
    start = x = tensor(clean, torch.float64)
    y = torch.tensor([target - 1])
    for _ in range(rounds):
        for model in models:
            sign = gradient(lambda z, m=model: F.cross_entropy(m(z), y, label_smoothing=0.1), x).sign()
            x = torch.minimum(torch.maximum(x - (2 / 255) * sign, start - eps), start + eps).clamp(-1, 1)
    return exported(x, clean, epsilon, "round")


def picture(name):
    return np.asarray(Image.open(GOLDEN / name).convert("RGB"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="*")
    parser.add_argument("--deps", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / ".deps")
    parser.add_argument("--trace", action="store_true")
    arguments = parser.parse_args()
    plain = {name: Classifier(name, arguments.deps / "store") for name in VARIANTS}
    pair = [Classifier(f"efficientnet-lite{n}", arguments.deps / "store", torch.float64) for n in (1, 0)] \
        if arguments.trace else []
    bad = False
    for entry in json.loads((GOLDEN / "embedded_pair.json").read_text(encoding="utf-8")):
        name = entry["image"]
        if arguments.photos and name not in arguments.photos:
            continue
        clean = picture(f"{name}.clean.png")
        resized = np.abs(image_space(arguments.deps / "photos" / f"{name}.jpg").astype(int) - clean).max()
        worst, order = 0.0, True
        for model, top in entry["predict"].items():
            with torch.no_grad():
                found = plain[model](tensor(clean)).softmax(1)[0].topk(5)
            order &= [int(i) + 1 for i in found.indices] == [label for label, _ in top]
            worst = max(worst, max(abs(float(p) - q) for p, (_, q) in zip(found.values, top)))
        line = f"{name}: resize within {resized}, top 5 {'equal' if order else 'DIFFERENT'}, probabilities within {worst:.1e}"
        bad |= not order or worst > 1e-4 or resized > 1
        if pair:
            steps = list(cross_iterative(pair, clean, 5))
            labels = [label for label, _ in steps] == [s["label"] for s in entry["cross_iterative_lite1_lite0_eps16_float64"]]
            shares = [float((steps[k - 1][1] == picture(f"{name}.sub-step-{k}.png")).mean()) for k in (6, 10)]
            target = cross_iterative_target(pair, clean, 101, 3)
            shares.append(float((target == picture(f"{name}.target-101.rounds-3.png")).mean()))
            line += f", attacked labels {'equal' if labels else 'DIFFERENT'}, equal pixels {shares}"
            bad |= not labels or min(shares) < 0.9999
        print(line, flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
