#!/usr/bin/env python3
"""What scripts/setup promises of .deps, tried on small made-up wheels: no network."""
import dataclasses
import importlib.util
import pathlib
import shutil
import sys
import tempfile
import unittest
import zipfile
from unittest import mock

sys.dont_write_bytecode = True
SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
spec = importlib.util.spec_from_file_location("embedded", SCRIPTS / "embedded.py")
embedded = importlib.util.module_from_spec(spec)
sys.modules["embedded"] = embedded
spec.loader.exec_module(embedded)

WHEELS = {
    "torch": {"torch/include/torch/torch.h": "api", "torch/lib/libc10.so": "c10", "torch/lib/libtorch_cuda.so": "cuda",
              "torch/__init__.py": "never unpacked"},
    "foolbox": {"foolbox/data/imagenet_00_243.jpg": "photo", "foolbox/__init__.py": "never unpacked"},
}
PHOTOS = embedded.Part("photos", "photos", ("foolbox",), (("foolbox/data/imagenet_*.jpg", "", ""),), "", 10)
TORCH = embedded.Part("libtorch", "libtorch", ("torch",),
                      (("torch/include/*", "torch/", ""), ("torch/lib/libc10.so", "torch/", "")), "", 10)
CUDA = embedded.Part("libtorch-cuda", "libtorch", ("torch",), (("torch/lib/libtorch_cuda*.so", "torch/", ""),), "", 10, True)


def fake_download(lines, target, _temporary):
    for line in lines:
        name = line.split("==")[0]
        with zipfile.ZipFile(target / f"{name}-1-py3-none-any.whl", "w") as wheel:
            for member, text in WHEELS[name].items():
                wheel.writestr(member, text)


class Setup(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.depot = embedded.Depot(self.root)
        patches = [mock.patch.object(embedded, "download", fake_download), mock.patch.object(embedded, "say")]
        for patch in patches:
            patch.start()
            self.addCleanup(patch.stop)
        self.addCleanup(self.folder.cleanup)

    def with_digest(self, part):
        hashes = {p: embedded.sha256(self.root / part.folder / p) for p in embedded.files_of(part, self.root / part.folder)}
        return dataclasses.replace(part, digest=embedded.tree_digest(hashes))

    def test_brings_only_what_is_kept(self):
        self.depot.bring([PHOTOS, TORCH])
        self.assertEqual((self.root / "photos/imagenet_00_243.jpg").read_text(), "photo")
        self.assertEqual(sorted(p.name for p in (self.root / "libtorch").rglob("*") if p.is_file()), ["libc10.so", "torch.h"])
        self.assertTrue(self.depot.whole(PHOTOS) and self.depot.whole(TORCH))
        self.assertEqual(list(self.root.glob(".new-*")) + list(self.root.glob(".old-*")), [])

    def test_sees_a_missing_a_shortened_and_an_outdated_file(self):
        self.depot.bring([PHOTOS])
        photo = self.root / "photos/imagenet_00_243.jpg"
        photo.write_text("phot")
        self.assertFalse(self.depot.whole(PHOTOS))
        photo.unlink()
        self.assertFalse(self.depot.whole(PHOTOS))
        photo.write_text("photo")
        self.assertTrue(self.depot.whole(PHOTOS))
        self.assertFalse(self.depot.whole(dataclasses.replace(PHOTOS, digest="another")))

    def test_content_is_compared_on_demand(self):
        self.depot.bring([PHOTOS])
        part = self.with_digest(PHOTOS)
        self.assertTrue(self.depot.intact(part))
        (self.root / "photos/imagenet_00_243.jpg").write_text("pho+o")
        self.assertFalse(self.depot.intact(part))

    def test_a_wrong_digest_leaves_the_former_state(self):
        self.depot.bring([PHOTOS])
        (self.root / "photos/imagenet_00_243.jpg").write_text("mine")
        with self.assertRaisesRegex(embedded.Failure, "digest"):
            self.depot.bring([dataclasses.replace(PHOTOS, digest="0" * 64)])
        self.assertEqual((self.root / "photos/imagenet_00_243.jpg").read_text(), "mine")
        self.assertEqual(list(self.root.glob(".new-*")), [])

    def test_an_interrupted_download_leaves_nothing(self):
        for error in (KeyboardInterrupt, embedded.Failure, SystemExit):
            def broken(_lines, target, _temporary, error=error):
                (target / "half.whl").write_text("half")
                raise error
            with mock.patch.object(embedded, "download", broken), self.assertRaises(error):
                self.depot.bring([PHOTOS])
            self.assertEqual([p for p in self.root.iterdir() if p.name != ".stamps"], [])

    def test_the_next_run_clears_what_a_killed_one_left(self):
        self.depot.bring([PHOTOS])
        (self.root / ".new-abc/wheels").mkdir(parents=True)
        (self.root / "photos").rename(self.root / ".old-photos")  # killed between the two renames
        (self.root / ".old-store+x").mkdir()
        (self.root / "store/x").mkdir(parents=True)  # killed after them
        self.depot.clean()
        self.assertTrue(self.depot.whole(PHOTOS))
        self.assertEqual(list(self.root.glob(".new-*")) + list(self.root.glob(".old-*")), [])

    def test_cuda_joins_and_leaves_the_rest(self):
        self.depot.bring([TORCH, CUDA])
        self.assertTrue(self.depot.whole(TORCH) and self.depot.whole(CUDA))
        self.assertTrue(self.depot.intact(self.with_digest(TORCH)))
        self.depot.bring([TORCH])
        self.assertFalse(self.depot.whole(CUDA))

    def test_a_full_disk_is_told_before_anything_is_downloaded(self):
        with mock.patch.object(shutil, "disk_usage", return_value=mock.Mock(free=1)), \
                mock.patch.object(embedded, "download", side_effect=AssertionError), \
                self.assertRaisesRegex(embedded.Failure, "GB free"):
            self.depot.bring([PHOTOS])

    def test_every_wheel_is_pinned(self):
        lines = embedded.pins()
        for part in [*embedded.PARTS, embedded.CUDA]:
            for wheel in part.wheels:
                self.assertRegex(lines[wheel], r"^[a-z0-9-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}$")
        for part in embedded.PARTS:
            self.assertRegex(part.digest, r"^[0-9a-f]{64}$")


if __name__ == "__main__":
    unittest.main()
