#!/usr/bin/env python3
"""Goldens of the Inception networks, computed by timm on synthetic weights; run by hand.

    python3 tests/golden/inception_reference.py                 writes tests/golden/inception/*.json
    python3 tests/golden/inception_reference.py --weights NET FILE.safetensors [--aux]

Needs torch, timm and NumPy of the versions below (--weights: safetensors too). Real weights are too big to be committed,
so each value is a hash of its key and index (tests/support/SyntheticWeights.cpp computes the same), scaled by fan-in,
with batch-norm statistics that keep activations in range. Everything runs in float64 on float32 weights: what remains to a
float32 network is its own rounding.

timm's Inception v3 counts the padding of its average pools; the goldens named tf-slim leave it out, as TensorFlow does.
timm's Inception-ResNet v2 has no auxiliary head: it is spelled out here after the description of TF-Slim's.
"""
import argparse
import json
import pathlib

import numpy as np
import timm
import torch
import torch.nn.functional as F

assert timm.__version__ == "1.0.22" and torch.__version__.split("+")[0] == "2.11.0", "other versions: other goldens"
HERE = pathlib.Path(__file__).resolve().parent / "inception"
NETS = {"inception-v3": "inception_v3", "inception-resnet-v2": "inception_resnet_v2"}
LABEL = 7
STRIDE = 97  # of the input gradient, every so many values are kept
M64 = (1 << 64) - 1


def uniform(key, count):
    """`count` values in [0, 1) that depend on the key and their index alone: FNV-1a, then splitmix64."""
    h = 0xCBF29CE484222325
    for byte in key.encode():
        h = ((h ^ byte) * 0x100000001B3) & M64
    with np.errstate(over="ignore"):
        z = np.arange(count, dtype=np.uint64) + np.uint64(h)
        z += np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) * 2.0 ** -53


def synthetic(key, shape):
    """float32 array of a member."""
    count = int(np.prod(shape, dtype=np.int64))
    u = uniform(key, count)
    last = key.rsplit(".", 1)[-1]
    if last == "running_var":
        value = 0.75 + 0.5 * u
    elif last == "weight" and len(shape) == 1:
        value = 0.9 + 0.2 * u
    elif last == "weight":
        value = (2.0 * u - 1.0) * np.sqrt(6.0 / np.prod(shape[1:]))
    else:  # biases, running means
        value = 0.2 * u - 0.1
    return value.astype(np.float32).reshape(shape)


def picture(side, images=1):
    return torch.from_numpy((2.0 * uniform(f"input {side}", images * 3 * side * side) - 1.0)
                            .astype(np.float32).reshape(images, 3, side, side)).double()


class Unit(torch.nn.Module):
    """Convolution, batch norm, ReLU."""

    def __init__(self, inputs, outputs, kernel):
        super().__init__()
        self.conv = torch.nn.Conv2d(inputs, outputs, kernel, bias=False)
        self.bn = torch.nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class Aux(torch.nn.Module):
    """Auxiliary head: 5x5 average with stride 3, 1x1, a convolution over all that is left, classifier."""

    def __init__(self, inputs, classes):
        super().__init__()
        self.conv0 = Unit(inputs, 128, 1)
        self.conv1 = Unit(128, 768, 5)
        self.fc = torch.nn.Linear(768, classes)

    def forward(self, x):
        x = self.conv1(self.conv0(F.avg_pool2d(x, 5, 3)))
        return self.fc(x.mean((2, 3)))


def build(net, classes, aux):
    options = {"aux_logits": aux} if net == "inception-v3" else {}
    model = timm.create_model(NETS[net], pretrained=False, num_classes=classes, drop_rate=0.0, **options)
    if aux and net == "inception-resnet-v2":
        model.AuxLogits = Aux(1088, classes)
    state = {}
    for key, value in model.state_dict().items():
        state[key] = value if key.endswith("num_batches_tracked") else torch.from_numpy(
            synthetic(key, tuple(value.shape)))
    model.load_state_dict(state)
    return model.double().eval(), state


def forward(net, model, x, aux):
    """(logits, auxiliary logits or None)"""
    if not aux:
        return model(x), None
    if net == "inception-v3":
        return model(x)
    seen = {}
    hook = model.repeat_1.register_forward_hook(lambda _m, _i, out: seen.update(map=out))
    logits = model(x)
    hook.remove()
    head = model.AuxLogits(seen["map"])
    return logits, head


def numbers(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()]


def golden(net, classes, aux, side, name, loss_aux):
    model, _ = build(net, classes, aux)
    x = picture(side).requires_grad_(True)
    logits, head = forward(net, model, x, aux)
    target = torch.tensor([LABEL])
    loss = F.cross_entropy(logits, target)
    if loss_aux:
        loss = loss + 0.4 * F.cross_entropy(head, target)
    (gradient,) = torch.autograd.grad(loss, x)
    write(name, {"architecture": net, "classes": classes, "side": side, "label": LABEL,
                 "pools_count_padding": net == "inception-v3" and not name.endswith("tf-slim"),
                 "aux_in_loss": loss_aux, "logits": numbers(logits), "aux_logits": numbers(head) if aux else [],
                 "gradient_stride": STRIDE, "gradient_norm": float(gradient.norm()),
                 "gradient": numbers(gradient.flatten()[::STRIDE])})


def batch_golden(net, side, name):
    """Three images with the batch's own statistics and no dropout."""
    model, _ = build(net, 1000, False)
    model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 0.0
    with torch.no_grad():
        logits = model(picture(side, 3))
    write(name, {"architecture": net, "classes": 1000, "side": side, "images": 3,
                 "pools_count_padding": net == "inception-v3", "logits": numbers(logits)})


def write(name, content):
    HERE.mkdir(exist_ok=True)
    content = {"timm": timm.__version__, "torch": torch.__version__.split("+")[0], **content}
    (HERE / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")
    print(name, "largest logit", max(abs(v) for v in content["logits"]))


def tf_slim_padding():
    plain = F.avg_pool2d

    def without(*args, **kwargs):
        kwargs["count_include_pad"] = False
        return plain(*args, **kwargs)

    F.avg_pool2d = without
    return plain


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", nargs=2, metavar=("NET", "FILE"))
    parser.add_argument("--aux", action="store_true")
    parser.add_argument("--classes", type=int, default=1000)
    options = parser.parse_args()
    if options.weights:
        from safetensors.torch import save_file
        _, state = build(options.weights[0], options.classes, options.aux)
        save_file({k: v.contiguous() for k, v in state.items()}, options.weights[1])
        return
    golden("inception-v3", 1001, True, 299, "inception-v3.timm", True)
    golden("inception-v3", 1000, False, 235, "inception-v3.235.timm", False)
    batch_golden("inception-v3", 139, "inception-v3.batch")
    golden("inception-resnet-v2", 1001, True, 299, "inception-resnet-v2", True)
    golden("inception-resnet-v2", 1000, False, 235, "inception-resnet-v2.235", False)
    batch_golden("inception-resnet-v2", 139, "inception-resnet-v2.batch")
    plain = tf_slim_padding()
    golden("inception-v3", 1001, True, 299, "inception-v3.tf-slim", True)
    golden("inception-v3", 1000, False, 235, "inception-v3.235.tf-slim", False)
    F.avg_pool2d = plain


if __name__ == "__main__":
    main()
