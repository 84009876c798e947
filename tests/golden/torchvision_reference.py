#!/usr/bin/env python3
"""Golden of torchvision's Inception v3, computed by torchvision on synthetic weights; run by hand.

    python3 tests/golden/torchvision_reference.py        writes tests/golden/inception/inception-v3.torchvision.json

Needs torch, torchvision, timm and NumPy of the versions below. Weights and picture are those of inception_reference.py.
The whole way of a user's picture is gone in float64: a picture in [0, 1], ImageNet's mean and standard deviation, then the
network with transform_input, as torchvision builds it for its published weights. All that together is
2 x - 1 again: what the golden says is asked of a network that takes the picture in [-1, 1] as it is.
"""
import torch
import torchvision
from torch.nn import functional as F

from inception_reference import LABEL, STRIDE, numbers, picture, synthetic, write

assert torchvision.__version__.split("+")[0] == "0.26.0", "another version: another golden"
MEAN = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).view(1, 3, 1, 1)


def main():
    model = torchvision.models.inception_v3(weights=None, aux_logits=True, transform_input=True, init_weights=False)
    state = {key: value if key.endswith("num_batches_tracked") else torch.from_numpy(synthetic(key, tuple(value.shape)))
             for key, value in model.state_dict().items()}
    model.load_state_dict(state)
    model.double().eval()
    x = picture(299).requires_grad_(True)
    seen = {}
    model.Mixed_6e.register_forward_hook(lambda _module, _inputs, output: seen.update(map=output))
    logits = model(((x + 1) / 2 - MEAN) / STD)
    head = model.AuxLogits(seen["map"])  # torchvision leaves it out of a trained network's answer
    target = torch.tensor([LABEL])
    loss = F.cross_entropy(logits, target) + 0.4 * F.cross_entropy(head, target)
    (gradient,) = torch.autograd.grad(loss, x)
    write("inception-v3.torchvision",
          {"torchvision": torchvision.__version__.split("+")[0], "architecture": "inception-v3", "classes": 1000,
           "side": 299, "label": LABEL, "pools_count_padding": True, "aux_in_loss": True, "logits": numbers(logits),
           "aux_logits": numbers(head), "gradient_stride": STRIDE, "gradient_norm": float(gradient.norm()),
           "gradient": numbers(gradient.flatten()[::STRIDE])})


if __name__ == "__main__":
    main()
