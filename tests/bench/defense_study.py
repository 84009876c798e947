#!/usr/bin/env python3
"""Makes the tables of docs/defense.md from the command line alone: Python's standard library, no shell.

  python3 tests/bench/defense_study.py --photos DIR --labels CSV --output out/defense
      [--program build/release/bin/crossiter] [--count 100] [--sizes 100,150,200,250,299]
      [--model efficientnet-lite1 --model efficientnet-lite0] [--draws 30] [--parts all]

PHOTOS: 299x299 pictures; CSV: the competition's dataset table (columns ImageId, TrueLabel,
TargetClass). The first COUNT pictures by name are taken. Parts:

  sizes     accuracy over sizes of the clean pictures, of CrossIterative_3's (epsilon 16) and of
            CrossIterative_target_20's, four ways: plain, dropout (DRAWS draws), batch statistics,
            both (one draw: the seed's defense)
  through   the same attack through each defense, judged behind it: how much is gradient masking

The attacks' sources are the models, in their order; each table says what was done and by which
command. Everything lies below OUTPUT and is taken up again: a finished step is not repeated.
"""
import argparse
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WAYS = [("plain", []), ("dropout", ["--dropout", "--samples", "{draws}"]),
        ("batch statistics", ["--batch-statistics"]), ("both", ["--dropout", "--batch-statistics"])]
THROUGH = ["resize=200", "resize=200;dropout", "resize=200;batch-statistics",
           "resize=200;dropout;batch-statistics", "random-pad", "jpeg=75", "bits=3", "median=3"]


class Study:
    def __init__(self, arguments):
        self.arguments = arguments
        self.output = arguments.output
        self.commands = []

    def run(self, *parts):
        command = [str(self.arguments.program), *[str(part) for part in parts]]
        self.commands.append(" ".join(["crossiter", *command[1:]]))
        print(self.commands[-1], file=sys.stderr, flush=True)
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            sys.exit(f"exit code {result.returncode}: {result.stderr.strip()}")

    def once(self, name, work):
        """Runs work(folder) unless its folder is whole already."""
        folder = self.output / name
        done = folder / ".done"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            started = time.monotonic()
            work(folder)
            done.write_text(f"{time.monotonic() - started:.1f} s\n", encoding="utf-8")
        return folder

    def photos(self):
        def copy(folder):
            names = sorted(path for path in self.arguments.photos.iterdir()
                           if path.suffix.lower() in (".png", ".jpg", ".jpeg"))
            for path in names[:self.arguments.count]:
                shutil.copyfile(path, folder / path.name)
        return self.once("clean", copy)

    def models(self):
        return [part for model in self.arguments.model for part in ("--model", model)]

    def sources(self):
        return [part for model in self.arguments.model for part in ("--source", model)]

    def attack(self, method, name, *more):
        targets = ["--targets", self.arguments.labels] if method == "cross-iterative-target" else []
        return self.once(name, lambda folder: self.run(
            "attack", self.photos(), folder, "--method", method, "--epsilon", 16, *self.sources(),
            "--labels", self.arguments.labels, *targets, *more, "--quiet"))

    def pictures(self):
        return [("clean", self.photos()), ("CrossIterative_3", self.attack("cross-iterative", "cross-3")),
                ("CrossIterative_target_20", self.attack("cross-iterative-target", "target-20"))]

    def accuracy(self, name, pictures, sizes, options):
        folder = self.once(name, lambda out: self.run(
            "sweep", pictures, *self.models(), "--sizes", sizes, "--output", out,
            "--labels", self.arguments.labels, *options, "--quiet"))
        with open(folder / "accuracy.csv", encoding="utf-8") as file:
            return list(csv.DictReader(file))


def share(row):
    return f"{float(row['share']):.2f} ({float(row['low']):.2f}-{float(row['high']):.2f})"


def size_tables(study):
    arguments = study.arguments
    lines = []
    for kind, folder in study.pictures():
        for model in arguments.model:
            columns = []
            for way, options in WAYS:
                filled = [option.format(draws=arguments.draws) for option in options]
                rows = study.accuracy(f"sizes-{kind}-{way}".replace(" ", "-"), folder, arguments.sizes, filled)
                columns.append({int(row["size"]): row for row in rows if row["model"] == model})
            lines += [f"### {kind}, {model}", "",
                      "| size | " + " | ".join(way for way, _ in WAYS) + " |",
                      "|---" * (len(WAYS) + 1) + "|"]
            for size in sorted(columns[0]):
                lines.append(f"| {size} | " + " | ".join(share(column[size]) for column in columns) + " |")
            best = []
            for (way, _), column in zip(WAYS, columns):
                row = max(column.values(), key=lambda r: (int(r["right"]), float(r["mean_true_probability"])))
                best.append(f"{way} {row['size']}")
            lines += ["", "Best size: " + ", ".join(best) + ".", ""]
    return lines


def through_tables(study):
    """Attacked as if there were no defense, and through it; both judged behind it."""
    arguments = study.arguments
    plain = study.attack("cross-iterative", "cross-3")
    lines = ["| defense | model | clean | attacked without it | attacked through it |", "|---|---|---|---|---|"]
    for defense in THROUGH:
        name = defense.replace(";", "+").replace("=", "-")
        random = "dropout" in defense or "random-pad" in defense
        draws = ["--through-draws", arguments.through_draws] if random else []
        through = study.attack("cross-iterative", f"through-{name}", "--through", defense, *draws)
        samples = ["--samples", arguments.draws] if random else []
        columns = []
        for kind, folder in (("clean", study.photos()), ("plain", plain), ("through", through)):
            columns.append({})
            for model in arguments.model:
                answer = study.once(f"judged-{name}-{kind}-{model}", lambda out, model=model, folder=folder: study.run(
                    "defend", folder, out / "labels.csv", "--model", model, "--defense", defense, *samples,
                    "--labels", arguments.labels, "--quiet"))
                with open(answer / "labels.provenance.json", encoding="utf-8") as file:
                    columns[-1][model] = json.load(file)["right"]
        for model in arguments.model:
            lines.append(f"| `{defense}` | {model} | " + " | ".join(share(column[model]) for column in columns) + " |")
    return lines + [""]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=pathlib.Path, required=True)
    parser.add_argument("--labels", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/bin/crossiter")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--sizes", default="32,64,100,125,150,175,200,225,250,275,299")
    parser.add_argument("--model", action="append")
    parser.add_argument("--draws", type=int, default=30)
    parser.add_argument("--through-draws", type=int, default=5)
    parser.add_argument("--parts", default="all", choices=["all", "sizes", "through"])
    arguments = parser.parse_args()
    arguments.model = arguments.model or ["efficientnet-lite1", "efficientnet-lite0"]
    study = Study(arguments)
    lines = [f"First {arguments.count} pictures; shares of right labels with Wilson's 95 % interval.", ""]
    if arguments.parts in ("all", "sizes"):
        lines += ["## Accuracy over sizes", ""] + size_tables(study)
    if arguments.parts in ("all", "through"):
        lines += ["## Through the defense", ""] + through_tables(study)
    text = "\n".join(lines).rstrip("\n") + "\n"
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "tables.md").write_text(text, encoding="utf-8")
    (arguments.output / "commands.txt").write_text("\n".join(study.commands) + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
