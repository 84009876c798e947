#!/usr/bin/env python3
"""The tables of docs/label-leaking.md, from a study's study.json and, if given, a numerics.json.

  python3 tests/bench/study_tables.py out/study/study.json [out/numerics/numerics.json]
"""
import argparse
import json


def percent(share):
    return "-" if share["share"] is None else f"{100 * share['share']:.1f}"


def interval(share):
    return f"{percent(share)} ({100 * share['low']:.1f} to {100 * share['high']:.1f})"


def table(head, rows):
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head)] + [f"| {' | '.join(row)} |" for row in rows] + [""]


def study_tables(study):
    curves = study["curves"]
    rounds = [str(entry["round"]) for entry in curves[0]["rounds"]]
    lines = []
    for judge in curves[0]["judges"]:
        for title, key in ((f"Accuracy of {judge}, % of all photos, after k rounds", "accuracy"),
                           (f"Photos on which {judge} had lost the true label and said it again, %, until round k",
                            "returned")):
            lines += [f"{title}:", ""]
            lines += table(["rule, projection"] + rounds, [
                [f"{curve['rule']}, {curve['projection']}"] + [percent(entry[key]) for entry in curve["judges"][judge]]
                for curve in curves])
    lines += ["Sub-steps of round k that attacked another than the true label, % (photos that all sources have right when "
              "clean; rules without any are left out):", ""]
    lines += table(["rule, projection"] + rounds[1:], [
        [f"{curve['rule']}, {curve['projection']}"]
        + [percent(entry["wrong_label_of_right"]) for entry in curve["rounds"][1:]]
        for curve in curves if curve["rule"] not in ("true", "least-likely")
        and any(entry["wrong_label_of_right"]["count"] for entry in curve["rounds"])])
    lines += ["The seed's own setting, with 95 % intervals:", ""]
    own = next(curve for curve in curves if curve["rule"] == "own-refreshed" and curve["projection"] == "none")
    judges = list(own["judges"])
    lines += table(["k"] + judges, [
        [rounds[k]] + [interval(own["judges"][judge][k]["accuracy"]) for judge in judges] for k in range(len(rounds))])
    for verdict in study["verdicts"]:
        lines += [f"**{verdict['id']}: {verdict['finding']}.** {verdict['claim']}", ""]
        for kind in ("for", "against", "open"):
            name = {"for": "For", "against": "Against", "open": "Decides nothing"}[kind]
            lines += [f"- {name}: {text}" for text in verdict[kind]]
        lines += [""]
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study")
    parser.add_argument("numerics", nargs="?")
    options = parser.parse_args()
    with open(options.study, encoding="utf-8") as file:
        print("\n".join(study_tables(json.load(file))))
    if options.numerics:
        with open(options.numerics, encoding="utf-8") as file:
            print(json.dumps(json.load(file), indent=1)[:4000])


if __name__ == "__main__":
    main()
