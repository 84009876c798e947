#!/usr/bin/env python3
"""The checks of this folder can fail: small made-up trees, each with one thing wrong."""
import pathlib
import shutil
import tempfile
import unittest

import check_functions
import check_layers
import check_texts
import check_tidy
import tree

GOOD = {
    "docs/architecture.md": "# House\n## Public headers\n| `core/engine` | `Engine` |\n## Rules\n| `core/nets` | `Net` |\n",
    "core/base/Error.h": "#pragma once\n#include <string>\n",
    "core/nets/Net.h": '#include "core/base/Error.h"\n#include <torch/torch.h>\n',
    "core/engine/Engine.h": '#include "core/base/Error.h"\n',
    "core/engine/Engine.cpp": '#include "core/engine/Engine.h"\n#include "core/nets/Net.h"\n',
    "ui/session/Session.h": '#include "core/engine/Engine.h"\n#include <QObject>\n',
    "ui/views/common/View.h": '#include "ui/session/Session.h"\n',
    "ui/window/MainWindow.cpp": '#include "ui/views/common/View.h"\n',
    "app/cli/main.cpp": '#include "core/engine/Engine.h"\n#include <CLI/CLI.hpp>\n',
    "app/gui/main.cpp": "#include <QApplication>\n",
    "tests/core/tst_Net.cpp": '#include "core/nets/Net.h"\n#include <QtTest>\n#include "tst_Net.moc"\n',
}


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, files):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


class Layers(Tree):
    def found(self, changes):
        self.write({**GOOD, **changes})
        return [f"{rel}: {why}" for rel, _, why in check_layers.problems(self.root)]

    def one(self, path, text, why):
        found = self.found({path: text})
        self.assertTrue(any(f.startswith(path) and why in f for f in found), f"{why!r} not in {found}")

    def test_a_good_tree_passes(self):
        self.assertEqual(self.found({}), [])

    def test_an_empty_tree_fails(self):
        self.assertEqual(len(list(check_layers.problems(self.root))), 1)

    def test_core_with_qt(self):
        self.one("core/base/A.h", "#include <QString>\n", "core knows no Qt")

    def test_numbers_of_a_locale(self):
        for text in ('printf("%.9g", x);', 'printf("%*.*f", x);', "std::strtod(t, nullptr);",
                     "std::ostringstream out;"):
            self.one("core/base/A.cpp", text + "\n", "follows the locale")

    def test_layout_restored_on_a_visible_window(self):
        self.one("ui/views/common/A.cpp", "window.restoreState(state);\n", "restoreState may crash")

    def test_core_with_ui(self):
        self.one("core/base/A.h", '#include "ui/session/Session.h"\n', "core knows neither")

    def test_core_looking_up(self):
        self.one("core/base/A.h", '#include "core/engine/Engine.h"\n', "may not look up to engine")

    def test_torch_where_no_tensors_are(self):
        self.one("core/image/A.cpp", "#include <torch/torch.h>\n", "needs no tensors")

    def test_ui_with_torch(self):
        self.one("ui/views/common/A.cpp", "#include <ATen/ATen.h>\n", "only core knows torch")

    def test_ui_with_torch_behind_a_header(self):
        found = self.found({"ui/views/common/A.cpp": '#include "core/nets/Net.h"\n'})
        self.assertTrue(any("reached from ui or app" in f for f in found), found)

    def test_engine_door_with_torch_behind_a_header(self):
        found = self.found({"core/engine/Engine.h": '#include "core/nets/Net.h"\n'})
        self.assertTrue(any("reached from the engine" in f for f in found), found)

    def test_engine_inside_with_torch(self):
        inside = {"core/engine/Cache.h": '#include "core/nets/Net.h"\n',
                  "core/engine/Engine.cpp": '#include "core/engine/Cache.h"\n'}
        self.assertEqual(self.found(inside), [])
        # Tests of core's inside see torch; anything else that includes the header makes it a door.
        self.assertEqual(self.found({**inside, "tests/core/tst_Cache.cpp": '#include "core/engine/Cache.h"\n'}), [])
        found = self.found({**inside, "app/cli/A.cpp": '#include "core/engine/Cache.h"\n'})
        self.assertTrue(any("reached from the engine" in f for f in found), found)

    def test_ui_with_app(self):
        self.one("ui/views/common/A.cpp", '#include "app/gui/x.h"\n', "ui knows no app")

    def test_ui_looking_up(self):
        self.one("ui/session/A.cpp", '#include "ui/views/common/View.h"\n', "may not look up to ui/views")

    def test_ui_folder_with_the_top(self):
        self.one("ui/views/common/A.cpp", '#include "ui/window/MainWindow.h"\n', "may not look up to ui/window")

    def test_command_line_with_qt(self):
        self.one("app/cli/A.cpp", "#include <QString>\n", "headless")

    def test_command_line_with_qt_behind_a_header(self):
        self.write({"core/engine/Bad.h": "#include <QString>\n"})
        found = self.found({"app/cli/A.cpp": '#include "core/engine/Bad.h"\n'})
        self.assertTrue(any("reached from the command line" in f for f in found), found)

    def test_unknown_folders(self):
        self.one("core/misc/A.h", "", "unknown folder of core")
        self.one("core/A.h", "", "unknown folder of core")
        self.one("ui/misc/A.h", "", "unknown folder of ui")
        self.one("app/A.cpp", "", "app holds")
        self.one("lib/A.cpp", "", "source files live in")

    def test_relative_include(self):
        self.one("core/base/A.h", '#include "../image/B.h"\n', "repository root")
        self.one("core/base/B.h", '#include "Error.h"\n', "repository root")

    def test_included_source(self):
        self.one("core/engine/A.h", '#include "core/engine/Engine.cpp"\n', "not a header")

    def test_header_that_is_not_public(self):
        self.one("ui/session/A.cpp", '#include "core/base/Error.h"\n', "no public header")
        self.one("app/cli/A.cpp", '#include "core/nets/Net.h"\n', "no public header")
        self.one("docs/architecture.md", GOOD["docs/architecture.md"].replace("`Engine`", "`Engine` `Other`"),
                 "neither ui nor app includes")

    def test_class_in_two_files(self):
        cut = {"core/base/A.cpp": "int Thing::one() const\n{\n}\nOther::Other() {}\n",
               "core/base/B.cpp": "std::vector<int>\nThing::two(int x)\n{\n    Other::three();\n}\n"}
        self.assertEqual([f for f in self.found(cut) if "members of" in f],
                         ["core/base/A.cpp: members of Thing lie in core/base/B.cpp too: one .cpp a class"])
        self.assertEqual([f for f in self.found({**cut, "core/base/B.cpp": "Thing::Kind three(Thing x)\n{\n}\n"})
                          if "members of" in f], [])

    def test_long_file(self):
        self.one("core/base/A.h", "\n" * 501, "501 lines")
        self.assertEqual([f for f in self.found({"core/base/A.h": "\n" * 500}) if "A.h" in f], [])


class Texts(Tree):
    base = {"README.md": "    scripts/explore\n    scripts/test\n", "scripts/explore": "", "scripts/test": ""}

    def found(self, changes):
        self.write({**self.base, **changes})
        for name in ("explore", "test"):
            (self.root / "scripts" / name).chmod(0o755)
        return [f"{rel}: {why}" for rel, why in check_texts.problems(self.root)]

    def test_a_good_tree_passes(self):
        self.assertEqual(self.found({}), [])

    def test_unfinished_work(self):
        self.assertEqual(len(self.found({"core/A.h": "// " + "TO" + "DO later\n"})), 1)

    def test_machine_path(self):
        self.assertEqual(len(self.found({"docs/a.md": "see /" + "work/main/x\n"})), 1)
        self.assertEqual(len(self.found({"docs/a.md": "see /" + "home/someone/x\n"})), 1)

    def test_registry_host(self):
        self.assertEqual(len(self.found({"scripts/a": "https://" + "py" + "pi.org/simple\n"})), 1)

    def test_globs(self):
        self.assertEqual(len(self.found({"core/CMakeLists.txt": "file(" + "GLOB x *.cpp)\n"})), 1)

    def test_dead_link(self):
        self.assertEqual(len(self.found({"docs/a.md": "[x](b.md) [y](https://example.org)\n"})), 1)
        self.assertEqual(self.found({"docs/a.md": "[x](b.md#part)\n", "docs/b.md": ""}), [])

    def test_missing_command(self):
        self.assertEqual(len(self.found({"README.md": "    scripts/explore\n"})), 1)
        (self.root / "scripts/test").unlink()
        self.assertIn("README.md: scripts/test: expected an executable file",
                      [f"{r}: {w}" for r, w in check_texts.problems(self.root)])


@unittest.skipUnless(check_functions.load(), "no lizard")
class Functions(Tree):
    def found(self, text):
        self.write({"core/base/A.cpp": text})
        return [f"{rel}:{line}: {why}" for rel, line, why in
                check_functions.problems(self.root, check_functions.load())]

    def test_a_good_tree_passes(self):
        self.assertEqual(self.found("int one()\n{\n" + "    call();\n" * 117 + "}\n"), [])

    def test_an_empty_tree_fails(self):
        self.assertEqual(len(self.found("")), 1)

    def test_a_long_function(self):
        self.assertEqual(self.found("\nint A::one() const\n{\n" + "    call();\n" * 118 + "}\n"),
                         ["core/base/A.cpp:2: A::one has 121 lines: at most 120"])

    def test_raw_strings_are_no_code(self):
        raw = 'int one()\n{\n    call(R"({"a)", R"re(x"([^"]*)\n")re");\n}\n' + "\n" * 200 + "int two()\n{\n}\n"
        self.assertEqual(self.found(raw), [])

    def test_a_branched_function(self):
        branches = "    if (x && y) call();\n"
        self.assertEqual(self.found("int one(int x, int y)\n{\n" + branches * 9 + "}\n"), [])
        self.assertEqual(self.found("int one(int x, int y)\n{\n" + branches * 10 + "}\n"),
                         ["core/base/A.cpp:1: one has complexity 21: at most 20"])
        lambdas = "    each([&](auto z) { return z ? x : y; });\n"  # count for the function around them
        self.assertEqual(len(self.found("int one(int x, int y)\n{\n" + lambdas * 20 + "}\n")), 1)


class Tidy(Tree):
    def test_torch_is_found_behind_headers(self):
        self.write(GOOD)
        self.assertFalse(check_tidy.without_torch(self.root, pathlib.Path("core/engine/Engine.cpp")))
        self.assertTrue(check_tidy.without_torch(self.root, pathlib.Path("ui/window/MainWindow.cpp")))

    def test_flags_leave_the_file_out(self):
        self.assertEqual(check_tidy.flags_of("/usr/bin/c++ -DX='a b' -I. -o a.o -c core/a.cpp"), ["-DX=a b", "-I."])

    def test_groups_hold_what_compiles_alike(self):
        jobs = [(pathlib.Path(f"ui/{n}.cpp"), "b", ("-O2",)) for n in range(check_tidy.TOGETHER + 1)]
        jobs += [(pathlib.Path("core/a.cpp"), "b", ("-O2",)), (pathlib.Path("core/b.cpp"), "b", ("-O1",))]
        self.assertEqual(sorted(len(g) for g in check_tidy.groups(jobs)), [1, 1, 1, check_tidy.TOGETHER])

    @unittest.skipUnless(shutil.which("clang-tidy-14") or shutil.which("clang-tidy"), "no clang-tidy")
    def test_a_finding_is_found_alone_and_in_company(self):
        self.write({".clang-tidy": "Checks: '-*,modernize-use-nullptr'\nHeaderFilterRegex: '/core/'\n",
                    "core/base/A.cpp": "int* a = nullptr;\n", "core/base/B.cpp": "int* b = 0;\n",
                    "core/base/C.cpp": "int* a = nullptr;\n"})  # C and A cannot be compiled together
        (self.root / "build").mkdir()
        tidy = check_tidy.Tidy(shutil.which("clang-tidy-14") or "clang-tidy", self.root, self.root / "build")
        job = {n: (pathlib.Path(f"core/base/{n}.cpp"), str(self.root), ("-std=c++20",)) for n in "ABC"}
        self.assertEqual([bool(t) for _, t in tidy.check([job["A"]])], [False])
        self.assertIn("modernize-use-nullptr", tidy.check([job["B"]])[0][1])
        together = dict(tidy.check([job["A"], job["B"]]))
        self.assertIn("modernize-use-nullptr", together[job["B"][0]])
        apart = dict(tidy.check([job["A"], job["B"], job["C"]]))
        self.assertEqual(apart[job["A"][0]], "")
        self.assertIn("modernize-use-nullptr", apart[job["B"][0]])
        self.assertNotIn("nullptr", apart[job["C"][0]])  # in B's company: not known, or clean

    def test_key_changes_with_a_header(self):
        self.write(GOOD)
        source = pathlib.Path("ui/window/MainWindow.cpp")
        before = check_tidy.key(self.root, source, "g++", "14")
        self.assertEqual(before, check_tidy.key(self.root, source, "g++", "14"))
        self.write({"core/base/Error.h": "#pragma once\n"})
        self.assertNotEqual(before, check_tidy.key(self.root, source, "g++", "14"))
        self.write({".clang-tidy": "Checks: '*'\n"})
        self.assertNotEqual(check_tidy.key(self.root, source, "g++", "14"),
                            check_tidy.key(self.root, source, "g++", "15"))


class Files(Tree):
    def test_build_folders_are_not_the_project(self):
        self.write({"build/dev/A.cpp": "", "core/base/A.cpp": ""})
        self.assertEqual(tree.code(self.root), [pathlib.Path("core/base/A.cpp")])


if __name__ == "__main__":
    unittest.main()
