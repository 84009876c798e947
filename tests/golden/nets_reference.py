#!/usr/bin/env python3
"""Goldens of Inception v4, EfficientNet-Lite3 and 4 and ResNet v2 on synthetic weights; run by hand.

    python3 tests/golden/nets_reference.py [NAME...]        writes tests/golden/nets/*.json
    python3 tests/golden/nets_reference.py --weights NET FILE.safetensors

Weights, picture and precision are those of inception_reference.py, whose versions of timm and torch this wants, too; values
are hashes of the names that CrossIter's members have. Inception v4 and EfficientNet-Lite are timm's. Its Inception v4 has no
auxiliary head: it is spelled out here. timm's resnetv2_50 is another network than TF-Slim's resnet_v2_50 (strides in the
first unit of a block, no biases), so ResNet v2 is spelled out here after He et al. 2016 (arXiv:1603.05027) and TF-Slim's
graph; tests/golden/make_tf_checkpoints.py --full compares it with TF-Slim itself. The weights of the last convolution of
each of its units, and their bias, are a quarter of the usual: else the sum of up to 50 units grows beyond any real one.
"""
import argparse
import json
import pathlib
import re

import timm
import torch
import torch.nn.functional as F
from torch import nn

import inception_reference as base

HERE = pathlib.Path(__file__).resolve().parent / "nets"
STRIDE = 499  # of the input gradient, every so many values are kept
UNITS = {"resnet-v2-50": (3, 4, 6, 3), "resnet-v2-101": (3, 4, 23, 3), "resnet-v2-152": (3, 8, 36, 3)}
TIMM = {"inception-v4": "inception_v4", "efficientnet-lite3": "tf_efficientnet_lite3",
        "efficientnet-lite4": "tf_efficientnet_lite4"}


class Conv(nn.Module):
    """Zeros of (kernel - 1) / 2 at each end, convolution, norm, ReLU."""

    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-5)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class Unit(nn.Module):
    def __init__(self, inputs, inner, stride):
        super().__init__()
        self.stride = stride
        self.preact = nn.BatchNorm2d(inputs, eps=1e-5)
        if inputs != 4 * inner:
            self.shortcut = nn.Conv2d(inputs, 4 * inner, 1)
        self.conv1, self.conv2 = Conv(inputs, inner, 1), Conv(inner, inner, 3, stride)
        self.conv3 = nn.Conv2d(inner, 4 * inner, 1)

    def forward(self, x):
        y = F.relu(self.preact(x))
        shortcut = self.shortcut(y) if hasattr(self, "shortcut") else F.max_pool2d(x, 1, self.stride)
        return shortcut + self.conv3(self.conv2(self.conv1(y)))


class ResnetV2(nn.Module):
    def __init__(self, units, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3)
        channels = 64
        for b, count in enumerate(units):
            block = nn.Module()
            for u in range(1, count + 1):
                inner = 64 * 2 ** b
                block.add_module(f"unit_{u}", Unit(channels, inner, 2 if u == count and b < 3 else 1))
                channels = 4 * inner
            self.add_module(f"block{b + 1}", block)
        self.postnorm = nn.BatchNorm2d(channels, eps=1e-5)
        self.logits = nn.Linear(channels, classes)

    def forward(self, x):
        x = self.conv1(x)
        pads = []
        for side in (x.shape[3], x.shape[2]):  # TensorFlow's "same" for a 3x3 window with stride 2
            total = (-(-side // 2) - 1) * 2 + 3 - side
            pads += [total // 2, total - total // 2]
        x = F.max_pool2d(F.pad(x, pads, value=float("-inf")), 3, 2)
        for block in (self.block1, self.block2, self.block3, self.block4):
            for unit in block.children():
                x = unit(x)
        return self.logits(F.relu(self.postnorm(x)).mean((2, 3)))


def lite_names(keys):
    """timm's keys of an EfficientNet-Lite -> the members'."""
    places = sorted({tuple(map(int, m.groups())) for m in (re.match(r"blocks\.(\d+)\.(\d+)\.", k) for k in keys) if m})
    order = {f"blocks.{s}.{r}": f"_blocks.{n}" for n, (s, r) in enumerate(places)}
    ends = {"conv_stem": "_conv_stem", "bn1": "_bn0", "conv_head": "_conv_head", "bn2": "_bn1", "classifier": "_fc"}
    first = {"conv_dw": "_depthwise_conv", "bn1": "_bn1", "conv_pw": "_project_conv", "bn2": "_bn2"}
    later = {"conv_pw": "_expand_conv", "bn1": "_bn0", "conv_dw": "_depthwise_conv", "bn2": "_bn1",
             "conv_pwl": "_project_conv", "bn3": "_bn2"}
    names = {}
    for key in keys:
        parts = key.split(".")
        if parts[0] == "blocks":
            layer = (first if parts[1] == "0" else later)[parts[3]]
            names[key] = ".".join([order[".".join(parts[:3])], layer] + parts[4:])
        else:
            names[key] = ".".join([ends[parts[0]]] + parts[1:])
    return names


def build(net, classes, aux=False):
    """(network in float64, state under the members' names)"""
    if net in UNITS:
        model = ResnetV2(UNITS[net], classes)
    else:
        model = timm.create_model(TIMM[net], pretrained=False, num_classes=classes, drop_rate=0.0)
    if aux:
        model.AuxLogits = base.Aux(1024, classes)
    own = model.state_dict()
    names = lite_names(own) if net.startswith("efficientnet") else {key: key for key in own}
    state = {}
    for key, value in own.items():
        name = names[key]
        if not key.endswith("num_batches_tracked"):
            value = torch.from_numpy(base.synthetic(name, tuple(value.shape)))
            if net in UNITS and ".conv3." in name:
                value = value / 4
            own[key] = value
        state[name] = value
    model.load_state_dict(own)
    return model.double().eval(), state


def parameters(net, classes):
    return sum(p.numel() for p in build(net, classes)[0].parameters())


def multiply_adds(net, side):
    """Of one picture's convolutions and matrix products, counted as they run; no auxiliary head."""
    model, _ = build(net, 1000)
    total = []
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(
                lambda m, _i, out: total.append(out[0, 0].numel() * m.weight.numel()))
        elif isinstance(module, nn.Linear):
            module.register_forward_hook(lambda m, _i, _o: total.append(m.weight.numel()))
    with torch.no_grad():
        model(base.picture(side))
    return sum(total)


def golden(net, classes, aux, side, name):
    model, _ = build(net, classes, aux)
    x = base.picture(side).requires_grad_(True)
    seen = {}
    if aux:
        model.features[17].register_forward_hook(lambda _m, _i, out: seen.update(map=out))
    logits = model(x)
    target = torch.tensor([base.LABEL])
    loss = F.cross_entropy(logits, target)
    head = model.AuxLogits(seen["map"]) if aux else None
    if aux:
        loss = loss + 0.4 * F.cross_entropy(head, target)
    (gradient,) = torch.autograd.grad(loss, x)
    write(name, {"architecture": net, "classes": classes, "side": side, "label": base.LABEL,
                 "parameters": parameters(net, 1000), "multiply_adds": multiply_adds(net, side),
                 "logits": base.numbers(logits), "aux_logits": base.numbers(head) if aux else [],
                 "gradient_stride": STRIDE, "gradient_norm": float(gradient.norm()),
                 "gradient": base.numbers(gradient.flatten()[::STRIDE])})


def batch_golden(net, side, name):
    """Three images with the batch's own statistics and no dropout."""
    model, _ = build(net, 1000)
    model.train()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.0
    with torch.no_grad():
        logits = model(base.picture(side, 3))
    write(name, {"architecture": net, "classes": 1000, "side": side, "images": 3, "logits": base.numbers(logits)})


def write(name, content):
    HERE.mkdir(exist_ok=True)
    content = {"timm": timm.__version__, "torch": torch.__version__.split("+")[0], **content}
    (HERE / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")
    print(name, "largest logit", max(abs(v) for v in content["logits"]), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--weights", nargs=2, metavar=("NET", "FILE"))
    options = parser.parse_args()
    if options.weights:
        from safetensors.torch import save_file
        _, state = build(options.weights[0], 1000)
        save_file({k: v.contiguous() for k, v in state.items()}, options.weights[1])
        return
    for net, classes, aux, side, name in (
            ("inception-v4", 1001, True, 299, "inception-v4"), ("inception-v4", 1000, False, 235, "inception-v4.235"),
            ("efficientnet-lite3", 1000, False, 280, "efficientnet-lite3"),
            ("efficientnet-lite4", 1000, False, 300, "efficientnet-lite4"),
            ("resnet-v2-50", 1001, False, 299, "resnet-v2-50"), ("resnet-v2-50", 1000, False, 233, "resnet-v2-50.233"),
            ("resnet-v2-101", 1001, False, 299, "resnet-v2-101"), ("resnet-v2-152", 1001, False, 299, "resnet-v2-152")):
        if not options.names or name in options.names:
            golden(net, classes, aux, side, name)
    for net, side in (("inception-v4", 139), ("resnet-v2-50", 139)):
        if not options.names or f"{net}.batch" in options.names:
            batch_golden(net, side, f"{net}.batch")


if __name__ == "__main__":
    main()
