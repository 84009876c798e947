#!/usr/bin/env python3
"""Makes tests/data/checkpoints: small state dicts as torch saves them, damaged and hostile ones, and
checkpoints.json with the tensors that they hold.

Run by hand (torch 2.11.0): python3 tests/golden/make_pth.py STORE
STORE holds the three EfficientNet-Lite checkpoints; their digests go into checkpoints.json too: the
SHA-256 over name, shape and bytes of every tensor in order, read by torch.load.
"""
import collections
import hashlib
import io
import json
import os
import pathlib
import pickle
import sys
import zipfile

import torch

OUT = pathlib.Path(__file__).resolve().parent.parent / "data" / "checkpoints"
NAMES = {torch.float16: "F16", torch.bfloat16: "BF16", torch.float32: "F32", torch.float64: "F64",
         torch.int8: "I8", torch.uint8: "U8", torch.int16: "I16", torch.int32: "I32", torch.int64: "I64",
         torch.bool: "BOOL"}
expected = {}


def raw(tensor):
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""


def described(state):
    return [{"name": name, "dtype": NAMES[t.dtype], "shape": list(t.shape), "bytes": raw(t).hex()}
            for name, t in state.items()]


def keep(name, value, state, zipped, **options):
    torch.save(value, OUT / name, _use_new_zipfile_serialization=zipped, **options)
    expected[name] = described(state)


class Hostile:
    """Unpickled by Python it would make a file in the current folder."""

    def __reduce__(self):
        return os.system, ("touch crossiter-was-here",)


def numbers(count, dtype):
    values = torch.arange(count)
    return (values % 2).to(dtype) if dtype == torch.bool else values.to(dtype)


def make_good():
    torch.manual_seed(5)
    net = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.Linear(4, 2))
    types = collections.OrderedDict((NAMES[t], numbers(5, t)) for t in NAMES)
    shared = torch.arange(24, dtype=torch.float32)
    views = {"whole": shared, "part": shared[6:12].view(2, 3), "turned": shared.view(4, 6).t(),
             "stepped": shared.view(2, 3, 4)[:, 1, ::2], "scalar": torch.tensor(7.5), "none": torch.zeros(0, 3),
             "parameter": torch.nn.Parameter(torch.ones(2, 2).t())}
    wrapped = {"epoch": 3, "lr": 0.125, "arch": "tiny", "best": None, "state_dict": net.state_dict(),
               "optimizer": {"state": {0: {"step": torch.tensor(1.0)}}, "param_groups": [{"lr": 1e-3, "params": [0]}]}}
    for form, zipped in (("legacy", False), ("zip", True)):
        keep(f"module-{form}.pth", net.state_dict(), net.state_dict(), zipped)
        keep(f"types-{form}.pth", types, types, zipped)
        keep(f"views-{form}.pth", views, views, zipped)
        keep(f"wrapped-{form}.pth", wrapped, net.state_dict(), zipped)
        keep(f"protocol4-{form}.pth", net.state_dict(), net.state_dict(), zipped, pickle_protocol=4)
    with zipfile.ZipFile(OUT / "module-zip.pth") as source, \
            zipfile.ZipFile(OUT / "deflated-zip.pth", "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            target.writestr(zipfile.ZipInfo("modèle/" + item.filename.split("/", 1)[1]), source.read(item),
                            zipfile.ZIP_DEFLATED)
    expected["deflated-zip.pth"] = described(net.state_dict())


def rezip(name, change, compression=zipfile.ZIP_STORED):
    """module-zip.pth with members changed: change(member, bytes) -> list of (member, bytes)."""
    with zipfile.ZipFile(OUT / "module-zip.pth") as source, zipfile.ZipFile(OUT / name, "w", compression) as target:
        for item in source.infolist():
            for member, data in change(item.filename, source.read(item)):
                target.writestr(zipfile.ZipInfo(member), data, compression)


def make_bad():
    torch.save({"a": torch.ones(2), "b": Hostile()}, OUT / "bad-system-zip.pth")
    torch.save({"a": torch.ones(2), "b": Hostile()}, OUT / "bad-system-legacy.pth",
               _use_new_zipfile_serialization=False)
    (OUT / "bad-system-plain.pth").write_bytes(pickle.dumps(Hostile(), 2))
    torch.save({"a": torch.ones(1).expand(1000, 1000)}, OUT / "bad-expanded.pth")
    torch.save({"a": torch.ones(2), "b": 3}, OUT / "bad-not-a-tensor.pth")
    torch.save([torch.ones(2)], OUT / "bad-list.pth")
    torch.save(torch.nn.Linear(2, 2), OUT / "bad-module.pth")
    (OUT / "bad-text.pth").write_bytes(b"weights, honestly\n")
    (OUT / "bad-empty.pth").write_bytes(b"")
    (OUT / "bad-other-zip.pth").write_bytes(b"")
    with zipfile.ZipFile(OUT / "bad-other-zip.pth", "w") as other:
        other.writestr("folder/readme.txt", "hello")

    rezip("bad-missing-storage.pth", lambda n, d: [] if n.endswith("data/2") else [(n, d)])
    rezip("bad-short-storage.pth", lambda n, d: [(n, d[:-4] if n.endswith("data/0") else d)])
    rezip("bad-twice.pth", lambda n, d: [(n, d), (n, d)] if n.endswith("data/0") else [(n, d)])
    rezip("bad-big-endian.pth", lambda n, d: [(n, b"big" if n.endswith("byteorder") else d)])
    rezip("bad-two-folders.pth", lambda n, d: [("other/x", d) if n.endswith("data/0") else (n, d)])
    rezip("bad-bomb.pth", lambda n, d: [(n, bytes(20 << 20) if n.endswith("data/0") else d)], zipfile.ZIP_DEFLATED)
    data = bytearray((OUT / "bad-bomb.pth").read_bytes())
    at = data.rindex(b"data/0") - len("module-zip/") - 46  # the central directory's record
    assert data[at:at + 4] == b"PK\1\2"
    data[at + 24:at + 28] = b"\xf0\xff\xff\xff"  # the unpacked size
    at = data.index(b"data/0") - len("module-zip/") - 30  # and the member's own header
    assert data[at:at + 4] == b"PK\3\4"
    data[at + 22:at + 26] = b"\xf0\xff\xff\xff"
    (OUT / "bad-4gb.pth").write_bytes(bytes(data))
    data = bytearray((OUT / "module-zip.pth").read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as source:
        item = source.getinfo("module-zip/data/0")
    data[data.index(b"data/0", item.header_offset) + 70] ^= 1
    (OUT / "bad-checksum.pth").write_bytes(bytes(data))


def make_digests(store):
    for path in sorted(store.glob("*/*.pth")):
        state = torch.load(path, map_location="cpu", weights_only=True)
        digest, total = hashlib.sha256(), 0
        for name, tensor in state.items():
            data = raw(tensor)
            digest.update(f"{name} {list(tensor.shape)}\n".encode() + data)
            total += len(data)
        first = next(iter(state.values())).reshape(-1)
        expected["store/" + path.name] = {"count": len(state), "bytes": total, "sha256": digest.hexdigest(),
                                          "first": [float(v) for v in first[:4]]}


def one_a_line(values):
    lines = (json.dumps(key) + ": " + json.dumps(value) for key, value in values.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    make_good()
    make_bad()
    make_digests(pathlib.Path(sys.argv[1]))
    (OUT / "checkpoints.json").write_text(one_a_line(expected))


if __name__ == "__main__":
    main()
