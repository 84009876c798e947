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


def numerics_tables(numerics):
    lines = ["Agreement of two numerics, sub-step by sub-step (mean and least share of equal pixels of the exported picture; photos "
             "with the same attacked label):", ""]
    pairs = numerics["pairs"]
    names = [" - ".join(pair["numerics"]) for pair in pairs]
    head = ["sub-step"] + [f"{name}, {what}" for name in names for what in ("pixels", "least", "label")]
    rows = []
    for at in range(1, len(pairs[0]["substeps"])):
        row = [str(at)]
        for pair in pairs:
            entry = pair["substeps"][at]
            row += [f"{100 * entry['mean_equal_pixels']:.1f}", f"{100 * entry['least_equal_pixels']:.1f}",
                    f"{entry['same_attacked_label']['count']} of {entry['same_attacked_label']['of']}"]
        rows.append(row)
    lines += table(head, rows)
    lines += ["Accuracy, % with 95 % intervals:", ""]
    judges = list(next(iter(numerics["accuracy"].values())))
    rounds = len(numerics["accuracy"]["fast"][judges[0]])
    lines += table(["judge, numerics"] + [str(k) for k in range(rounds)], [
        [f"{judge}, {kind}"] + [interval(entry) for entry in numerics["accuracy"][kind][judge]]
        for judge in judges for kind in numerics["accuracy"]])
    least = min((entry["p"], pair["numerics"], judge, k) for pair in pairs for judge in judges
                for k, entry in enumerate(pair["accuracy"][judge]))
    lines += [f"Least p of McNemar's test between two numerics: {least[0]:.3f} ({' and '.join(least[1])}, {least[2]}, round {least[3]}).", ""]
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
            print("\n".join(numerics_tables(json.load(file))))


if __name__ == "__main__":
    main()
