#!/usr/bin/env python3
"""MI-FGSM and its successors by torchattacks: what tst_MomentumGoldens compares with.

Needs torch 2.11.0, torchattacks 3.5.1, NumPy and Pillow; no part of the build or the tests:

  python3 -m venv out/peer
  out/peer/bin/pip install torch==2.11.0 torchattacks==3.5.1 pillow numpy
  out/peer/bin/python tests/golden/torchattacks_reference.py [--deps .deps] [--write]

Five steps at epsilon 16 on one golden photo, everything in float64, networks from
efficientnet_lite_reference.py. With --write the pictures in tests/golden/torchattacks are replaced, else
they are compared with what is computed (exit code 1 when one differs).

torchattacks works on [0,1], the papers' own programs and CrossIter on [-1,1]. For momentum, Nesterov and
the kernel that is the same; in two places it is not, and there the model given to torchattacks puts it
right: the zero border of input diversity is mid-grey, and the scale copies are x / 2^i on [-1,1]. The
random numbers of input diversity are CrossIter's, given to torchattacks' calls of torch.randint and
torch.rand. The translation kernel stays in float64 (torchattacks rounds it to float32).
"""
import argparse
import contextlib
import hashlib
import json
import pathlib
import sys
from unittest import mock

sys.dont_write_bytecode = True

import numpy as np  # noqa: E402
import torch  # noqa: E402
import torchattacks  # noqa: E402
from PIL import Image  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import efficientnet_lite_reference as reference  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent / "torchattacks"
PHOTO, TRUE_LABEL = "imagenet_16_251", 252
EPSILON, STEPS, SEED = 16, 5, 7
CANVAS, SIDE = 330, 299
DIVERSITY_STREAM = 0x6469766572736974
MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15


def scramble(value):
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def mix_seed(*keys):
    state = scramble((GAMMA + len(keys)) & MASK)
    for key in keys:
        state = scramble(((state ^ key) + GAMMA) & MASK)
    return state


class Stream:
    """SplitMix64, 53 bits a number."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state + GAMMA) & MASK
        return (scramble(self.state) >> 11) * 2.0 ** -53


def diversity_draw(image, probability, sub_step):
    """(side, top, left), or None: the picture stays as it is."""
    key = int(hashlib.sha256(image.tobytes()).hexdigest()[:16], 16)
    stream = Stream(mix_seed(mix_seed(SEED, key, sub_step, 0), DIVERSITY_STREAM))
    if stream.uniform() >= probability:
        return None
    side = SIDE + int(stream.uniform() * (CANVAS - SIDE))
    return side, int(stream.uniform() * (CANVAS - side)), int(stream.uniform() * (CANVAS - side))


class UnitRange(torch.nn.Module):
    """[0,1] -> the mean logits of the networks."""

    def __init__(self, models):
        super().__init__()
        self.models = torch.nn.ModuleList(models)

    def on(self, x):
        return sum(model(x) for model in self.models) / len(self.models)

    def forward(self, z):
        return self.on(2 * z - 1)


class ScaledOnBothSides(UnitRange):
    """torchattacks gives z / 2^i in turns; the copies that the rule wants are (2 z - 1) / 2^i."""

    def __init__(self, models, scales):
        super().__init__(models)
        self.scales, self.calls = scales, 0

    def forward(self, z):
        factor = 2.0 ** (self.calls % self.scales)
        self.calls += 1
        return self.on((2 * (z * factor) - 1) / factor)


class Diversified(UnitRange):
    """Gives torchattacks CrossIter's draws, makes its black border grey, and goes back to 299."""

    def __init__(self, models, draws):
        super().__init__(models)
        self.draws, self.calls = draws, 0

    def numbers(self):
        """What torchattacks draws at its next step: rnd, pad_top, pad_left, then the coin."""
        draw = self.draws[self.calls]
        return draw or (SIDE, 0, 0), 1.0 if draw is None else -1.0

    def forward(self, z):
        draw = self.draws[self.calls]
        self.calls += 1
        x = 2 * z - 1
        if draw is not None:
            side, top, left = draw
            inside = torch.zeros_like(x)
            inside[:, :, top:top + side, left:left + side] = 1
            x = F.interpolate(x * inside, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
        return self.on(x)

    @contextlib.contextmanager
    def scripted(self):
        """Patches torch.randint and torch.rand for the length of one attack."""
        asked = []

        def randint(*_, **__):
            numbers, _coin = self.numbers()
            asked.append(numbers[len(asked) % 3])
            return torch.tensor([asked[-1]], dtype=torch.int32)

        with mock.patch("torch.randint", randint), \
                mock.patch("torch.rand", lambda *_: torch.tensor([self.numbers()[1]])):
            yield


def attacks(image, lite):
    """Yields (name, attack, context) for each golden picture."""
    alpha = EPSILON / STEPS / 255
    common = {"eps": EPSILON / 255, "alpha": alpha, "steps": STEPS, "decay": 1.0}
    alone, pair = [lite[0]], [lite[1], lite[0]]
    plain = contextlib.nullcontext()
    yield "mi", torchattacks.MIFGSM(UnitRange(alone), **common), plain
    yield "mi.mean-logits", torchattacks.MIFGSM(UnitRange(pair), **common), plain
    draws = [diversity_draw(image, 0.5, step) for step in range(1, STEPS + 1)]
    diverse = Diversified(alone, draws)
    yield "di", torchattacks.DIFGSM(diverse, resize_rate=1.104, diversity_prob=0.5, **common), diverse.scripted()
    ti = torchattacks.TIFGSM(UnitRange(alone), diversity_prob=0.0, len_kernel=15, nsig=3, **common)
    kernel = ti.gkern(15, 3)
    assert np.abs(ti.stacked_kernel[0, 0].numpy() - kernel).max() < 1e-7
    ti.stacked_kernel = torch.from_numpy(np.stack([kernel] * 3)[:, None])
    yield "ti", ti, plain
    yield "ni", torchattacks.NIFGSM(UnitRange(alone), **common), plain
    yield "si-ni", torchattacks.SINIFGSM(ScaledOnBothSides(alone, 5), m=5, **common), plain


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deps", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / ".deps")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    image = reference.picture(f"{PHOTO}.clean.png")
    lite = [reference.Classifier(f"efficientnet-lite{n}", arguments.deps / "store", torch.float64) for n in (0, 1)]
    start = torch.from_numpy(image.astype(np.float64).transpose(2, 0, 1).copy())[None] / 255
    bad = False
    for name, attack, context in attacks(image, lite):
        with context:
            found = attack(start, torch.tensor([TRUE_LABEL - 1]))
        pixels = np.round(found[0].numpy().transpose(1, 2, 0) * 255).astype(int)
        clean = image.astype(int)
        pixels = np.clip(pixels, clean - EPSILON, clean + EPSILON).astype(np.uint8)
        file = HERE / f"{PHOTO}.{name}.png"
        if arguments.write:
            Image.fromarray(pixels).save(file, optimize=True)
        share = float((np.asarray(Image.open(file).convert("RGB")) == pixels).all(2).mean())
        print(f"{name}: equal pixels {share}", flush=True)
        bad |= share < 0.999
    if arguments.write:
        told = {"photo": f"{PHOTO}.clean.png", "true_label": TRUE_LABEL, "epsilon": EPSILON, "rounds": STEPS,
                "seed": SEED, "torch": torch.__version__.split("+")[0], "torchattacks": "3.5.1",
                "diversity_draws": [diversity_draw(image, 0.5, step) for step in range(1, STEPS + 1)]}
        (HERE / "torchattacks.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
