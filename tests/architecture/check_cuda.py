#!/usr/bin/env python3
"""Compiles the CUDA kernels with nvcc for every architecture that the project names, and links them.

usage: check_cuda.py SOURCE_DIR BUILD_DIR ARCHITECTURES
ARCHITECTURES as CMake takes them: "75-real;120". Nothing is run: there may be no device.
Exit code 77: no nvcc.
"""
import pathlib
import shutil
import subprocess
import sys


def flags(architectures):
    """nvcc's options: machine code for each; PTX too where "-real" is not said."""
    found = []
    for word in architectures.split(";"):
        number, _, kind = word.partition("-")
        if not number.isdigit() or kind not in {"", "real"}:
            raise SystemExit(f"architecture '{word}': expected a number, or a number and -real")
        codes = f"sm_{number}" if kind else f"sm_{number},compute_{number}"
        found.append(f"-gencode=arch=compute_{number},code=[{codes}]")
    return found


def main():
    root, build = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
    compiler = shutil.which("nvcc") or shutil.which("nvcc", path="/usr/local/cuda/bin")
    if not compiler:
        print("SKIPPED: no nvcc: the CUDA kernels were not compiled")
        return 77
    kernels = sorted((root / "core/ops/cuda").glob("*.cu"))
    if not kernels:
        print("no kernel in core/ops/cuda")
        return 1
    folder = build / "cuda_check"
    folder.mkdir(parents=True, exist_ok=True)
    options = flags(sys.argv[3])
    # Linked whole, with nothing undefined: what the host half calls is there too.
    run = subprocess.run([compiler, "-std=c++17", "-O2", "-t0", f"-I{root}", *options, "-Xcompiler=-fPIC", "-shared",
                          "-Xlinker=--no-undefined", "-cudart=shared", "-o", str(folder / "kernels.so"),
                          *map(str, kernels)], capture_output=True, text=True, check=False)
    print(run.stdout + run.stderr, end="")
    if run.returncode == 0:
        print(f"{len(kernels)} files for {sys.argv[3]}")
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
