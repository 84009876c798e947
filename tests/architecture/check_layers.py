#!/usr/bin/env python3
"""Fails when a file includes what its layer may not know. The house: docs/architecture.md."""
import pathlib
import re
import sys

import tree

CORE_ORDER = ["base", "image", "ops", "nets", "checkpoint", "classify", "attack",
              "defense", "contest", "study", "report", "batch", "train", "store", "engine", "jobs"]
# Folders whose headers are met by ui and app, or that have no business with tensors at all.
CORE_WITHOUT_TORCH = {"base", "image", "contest", "study", "report"}
UI_ORDER = ["session", "viewmodels", "plot", "views", "dialogs", "window"]
VIEWS = {"common", "explore", "leaking", "defense", "batch"}  # one a tab, and what they share
ROOMS = {("core", "store"), ("core", "engine"), ("core", "jobs")}
APP_FOLDERS = {"cli", "gui", "common"}
TOPS = {"app", "core", "ui", "tests"}
MOST_LINES = 600
GENERATED = (".moc", ".pb.h")
# The headers of core that ui and app may include stand there, a row a folder.
HOUSE = "docs/architecture.md"
PUBLIC_TITLE = "## Public headers"
# Where a class's members lie in one .cpp (a nested class is one of its own).
WHOLE_CLASSES = {"core"}
MEMBER = re.compile(r"^(?:[A-Za-z][^()={};\n]*[ &*>])?((?:[A-Z]\w*::)+)(?:~?\w+|operator[^(\n]*)\(", re.M)
# What follows the locale: under one of decimal commas it writes 0,5 and reads 0.5 as 0.
LOCALE_NUMBERS = re.compile(r"%[-+#0]*[\d*]*(?:\.[\d*]+)?l?[efgEFG](?![A-Za-z])"
                            r"|\b(?:strto(?:d|f|ld)|sto(?:d|f|ld)|atof|setprecision|[io]?stringstream)\b")
NUMBERS = {"core/base/Numbers.h", "core/base/Numbers.cpp"}
# On a visible window Qt 6.4's QMainWindow::restoreState goes through a set that showing a tab bar
# may free. So it is called once, before the window shows.
RESTORE_STATE = re.compile(r"\brestoreState\(")
RESTORES = {"ui/window/WindowSettings.cpp"}


def folder_problems(rel):
    """Yields why this place is none for a source file."""
    top, below = rel.parts[0], rel.parts[1:-1]
    if top not in TOPS:
        yield "source files live in app, core, ui and tests"
    elif top == "core" and (not below or below[0] not in CORE_ORDER):
        yield "unknown folder of core: give it a place in CORE_ORDER"
    elif top == "ui" and (not below or below[0] not in UI_ORDER):
        yield "unknown folder of ui: give it a place in UI_ORDER"
    elif top == "ui" and below[0] == "views" and (len(below) < 2 or below[1] not in VIEWS):
        yield f"views lie by tab: {', '.join(sorted(VIEWS))}"
    elif top == "app" and (not below or below[0] not in APP_FOLDERS):
        yield "app holds cli, gui and what both link (common) alone"


def upward(order, rel, include):
    """True when include leads from rel to a later folder of the order."""
    mine, theirs = rel.parts[1], include.split("/")[1]
    return mine in order and theirs in order and order.index(theirs) > order.index(mine)


def include_problems(root, rel, mark, include):
    """Yields what is wrong with one include of one file."""
    top = rel.parts[0]
    if include.startswith(".") or "/../" in include:
        yield "include from the repository root"
    elif mark == '"' and not include.endswith(GENERATED) and not (root / include).is_file():
        yield "no such file, seen from the repository root (system headers go into <>)"
    if include.endswith(".cpp"):
        yield "a source file is not a header"
    if top == "core":
        if tree.QT.match(include):
            yield "core knows no Qt"
        if include.startswith(("ui/", "app/", "tests/")):
            yield "core knows neither ui nor app nor tests"
        if include.startswith("core/") and upward(CORE_ORDER, rel, include):
            yield f"{rel.parts[1]} may not look up to {include.split('/')[1]}"
        if tree.TORCH.match(include) and rel.parts[1] in CORE_WITHOUT_TORCH:
            yield f"core/{rel.parts[1]} needs no tensors"
    if top in {"ui", "app"}:
        if tree.TORCH.match(include):
            yield "only core knows torch"
        if include.startswith("tests/"):
            yield "only tests know tests"
    if top == "ui":
        if include.startswith("app/"):
            yield "ui knows no app"
        if include.startswith("ui/") and len(rel.parts) > 2:
            if upward(UI_ORDER, rel, include):
                yield f"ui/{rel.parts[1]} may not look up to ui/{include.split('/')[1]}"
    if rel.parts[:2] == ("app", "cli") and (tree.QT.match(include) or include.startswith(("ui/", "app/gui"))):
        yield "the command line is headless"


def reach_problems(root, sources):
    """What only shows when includes are followed: torch behind a header of core's."""
    outside = {name for p in sources if p.parts[:2] not in ROOMS and p.parts[0] != "tests"
               for _, name in tree.includes(root / p)}
    # What lies in the three rooms and nobody but tests includes is their inside and may see torch.
    doors = [p for p in sources if p.parts[:2] in ROOMS and p.suffix == ".h"
             and (p.name == "Engine.h" or p.as_posix() in outside)]
    for name, rel in tree.reach(root, doors).items():
        if tree.TORCH.match(name):
            yield rel, name, "reached from the engine's headers, which compile without torch"
    faces = [p for p in sources if p.parts[0] in {"ui", "app"}]
    for name, rel in tree.reach(root, faces).items():
        if tree.TORCH.match(name) and rel.parts[0] == "core":
            yield rel, name, "reached from ui or app, which know no torch"
    headless = [p for p in sources if p.parts[:2] == ("app", "cli")]
    for name, rel in tree.reach(root, headless).items():
        if tree.QT.match(name) and rel.parts[:2] != ("app", "cli"):
            yield rel, name, "reached from the command line, which is headless"


def public_headers(root):
    """What the house's list says: "core/base/Error.h" and so on."""
    house = root / HOUSE
    text = house.read_text(encoding="utf-8") if house.is_file() else ""
    section = text.partition(PUBLIC_TITLE)[2].partition("\n## ")[0]
    names = set()
    for row in re.findall(r"^\| `(core/\w+)` \|(.*)\|$", section, re.M):
        names |= {f"{row[0]}/{name}.h" for name in re.findall(r"`(\w+)`", row[1])}
    return names


def public_problems(root, sources):
    """What ui and app include of core, against the house's list of public headers."""
    public, used = public_headers(root), set()
    for rel in sources:
        if rel.parts[0] not in {"ui", "app"}:
            continue
        for _, include in tree.includes(root / rel):
            if include.startswith("core/"):
                used.add(include)
                if include not in public:
                    yield rel, include, f"no public header: {HOUSE} lists those, a door of engine or jobs serves the rest"
    for name in sorted(public - used):
        yield pathlib.Path(HOUSE), name, "a public header that neither ui nor app includes"


def class_problems(root, sources):
    """Classes whose members lie in several .cpp files, each with those files."""
    homes = {}
    for rel in sources:
        if rel.suffix == ".cpp" and rel.parts[0] in WHOLE_CLASSES:
            for name in MEMBER.findall((root / rel).read_text(encoding="utf-8")):
                homes.setdefault((rel.parts[0], name[:-2]), set()).add(rel)
    for (_, name), files in sorted(homes.items()):
        if len(files) > 1:
            first, *others = sorted(files)
            yield first, "-", f"members of {name} lie in {', '.join(map(str, others))} too: one .cpp a class"


def problems(root):
    """Yields (file, include, why); an empty tree is a problem too."""
    root = pathlib.Path(root)
    sources = tree.code(root)
    if not any(p.parts[0] in {"app", "core", "ui"} for p in sources):
        yield root, "-", "no sources found: wrong root?"
        return
    for rel in sources:
        for why in folder_problems(rel):
            yield rel, "-", why
        lines = (root / rel).read_text(encoding="utf-8").count("\n")
        if lines > MOST_LINES:
            yield rel, "-", f"{lines} lines: at most {MOST_LINES}"
        if rel.parts[0] in {"app", "core", "ui"} and rel.as_posix() not in NUMBERS:
            for found in LOCALE_NUMBERS.finditer((root / rel).read_text(encoding="utf-8")):
                yield rel, "-", f"{found.group()} follows the locale: core/base/Numbers.h does not"
        if rel.parts[0] in {"app", "ui"} and rel.as_posix() not in RESTORES and RESTORE_STATE.search(
                (root / rel).read_text(encoding="utf-8")):
            yield rel, "-", "restoreState may crash once the window shows: show, hide and resizeDocks"
        if rel.parts[0] in TOPS and len(rel.parts) > 1:
            for mark, include in tree.includes(root / rel):
                for why in include_problems(root, rel, mark, include):
                    yield rel, include, why
    yield from reach_problems(root, sources)
    yield from public_problems(root, sources)
    yield from class_problems(root, sources)


def main():
    bad = list(problems(sys.argv[1]))
    for rel, include, why in bad:
        print(f"{rel}: #include {include}: {why}" if include != "-" else f"{rel}: {why}")
    print(f"{len(bad)} problems in {len(tree.code(sys.argv[1]))} files")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
