#!/usr/bin/env python3
"""Makes tests/data/checkpoints/other: weights as training scripts and converters leave them, and other.json with
the tensors that each holds.

Run by hand (torch 2.11.0, NumPy 2): python3 tests/golden/make_other_weights.py
"""
import argparse
import collections
import datetime
import decimal
import enum
import fractions
import json
import pathlib
import pickle
import uuid

import numpy as np
import torch

OUT = pathlib.Path(__file__).resolve().parent.parent / "data" / "checkpoints" / "other"
NAMES = {torch.float16: "F16", torch.bfloat16: "BF16", torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}
NUMPY = {"float32": "F32", "float64": "F64", "float16": "F16", "int64": "I64"}
expected = {}


class Mode(enum.Enum):
    TRAIN = 1


class Config(dict):
    """A dict with a class of its own, as training scripts have them."""


class Plain:
    def __init__(self):
        self.numbers = [1, 2.5, -7, 1 << 40, 1 << 80]


def described(state):
    return [{"name": name, "dtype": NAMES[t.dtype], "shape": list(t.shape),
             "bytes": t.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes().hex()} for name, t in state.items()]


def training_state():
    torch.manual_seed(5)
    net = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    net(torch.ones(1, 2, 4, 4)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)
    state = collections.OrderedDict((f"module.{k}", v) for k, v in net.state_dict().items())
    counts = collections.defaultdict(int)
    counts["seen"] = 12
    return {"epoch": 3, "args": argparse.Namespace(lr=0.1, gpu=None, name="x", tags=["a", ("b", 2)]),
            "when": datetime.datetime(2020, 2, 29, 1, 2, 3), "day": datetime.timedelta(1), "out": pathlib.PurePosixPath("/tmp/x"),
            "dtype": torch.float32, "device": torch.device("cpu"), "size": torch.Size([2, 3]), "set": {1, "b"},
            "frozen": frozenset([1, 2]), "best": np.float64(0.75), "count": np.int64(7), "curve": np.arange(4) / 3,
            "names": np.array(["a", "b"]), "objects": np.array([1, None], dtype=object), "mode": Mode.TRAIN,
            "config": Config(lr=1, inner=Config(a=2)), "plain": Plain(), "counts": counts, "counter": collections.Counter("aab"),
            "decimal": decimal.Decimal("0.1"), "fraction": fractions.Fraction(1, 3), "id": uuid.UUID(int=5), "complex": 1 + 2j,
            "bytes": b"\x00\xff", "array": bytearray(b"\x01\x02"), "range": range(3), "slice": slice(1, 2), "class": Plain,
            "function": np.mean, "big": 1 << 70, "negative": -3, "rng": torch.get_rng_state(),
            "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(), "state_dict": state}, state


def make_torch():
    whole, state = training_state()
    for protocol in (2, 3, 4, 5):
        for form, zipped in (("legacy", False), ("zip", True)):
            name = f"training-{form}-{protocol}.pth"
            torch.save(whole, OUT / name, _use_new_zipfile_serialization=zipped, pickle_protocol=protocol)
            expected[name] = described(state)
    twice = {"model": state, "model_ema": {k: v.double() if v.is_floating_point() else v for k, v in state.items()}}
    torch.save(twice, OUT / "ema.pth")
    expected["ema.pth"] = described(state)
    arrays = {"weight": np.arange(6, dtype=np.float32).reshape(2, 3), "turned": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
              "scalar": np.array(7, dtype=np.int64), "none": np.zeros((0, 3), dtype=np.float16)}
    for protocol in (2, 3, 4, 5):
        name = f"arrays-{protocol}.pkl"
        (OUT / name).write_bytes(pickle.dumps(arrays, protocol))
        expected[name] = array_rows(arrays)


def array_rows(arrays):
    return [{"name": name, "dtype": NUMPY[str(a.dtype)], "shape": list(a.shape),
             "bytes": np.ascontiguousarray(a).tobytes().hex()} for name, a in arrays.items()]


def make_kit():
    """A dict of layers in an array of one object, as converters save it."""
    layers = {"Net/conv/Conv2D": {"weights": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)},
              "Net/conv/BatchNorm/FusedBatchNorm": {"scale": np.ones(2, np.float32), "bias": np.zeros(2, np.float32),
                                                    "mean": np.full(2, 0.5, np.float32), "var": np.full(2, 2, np.float32)}}
    flat = {f"{layer}.{part}": a for layer, parts in layers.items() for part, a in parts.items()}
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }"
    header += b" " * ((-len(header) - 11) % 64) + b"\n"
    for protocol in range(6):
        name = f"kit-{protocol}.npy"
        (OUT / name).write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
                                 + pickle.dumps(np.array(layers, dtype=object), protocol))
        assert np.load(OUT / name, allow_pickle=True).item().keys() == layers.keys()
        expected[name] = array_rows(flat)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    make_torch()
    make_kit()
    lines = (json.dumps(key) + ": " + json.dumps(value) for key, value in expected.items())
    (OUT / "other.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
