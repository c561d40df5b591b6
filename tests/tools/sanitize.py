#!/usr/bin/python3
"""tools/sanitize finds what a program did wrong although nobody looked at its output or exit code."""

import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
sys.dont_write_bytecode = True  # beside tools/sanitize

import stories  # noqa: E402
from child_process import ROOT, private_folder  # noqa: E402

loader = importlib.machinery.SourceFileLoader("sanitize", os.path.join(ROOT, "tools/sanitize"))
sanitize = importlib.util.module_from_spec(importlib.util.spec_from_loader("sanitize", loader))
loader.exec_module(sanitize)


def preset_flags(preset):
    """How the preset compiles and links: what is tested here is what the tree is built with."""
    with open(os.path.join(ROOT, "CMakePresets.json"), encoding="utf-8") as file:
        presets = json.load(file)["configurePresets"]
    given = next(one for one in presets if one["name"] == preset)["cacheVariables"]
    return given["CMAKE_CXX_FLAGS"].split() + given.get("CMAKE_EXE_LINKER_FLAGS", "").split()


def found_in(sanitizer, program):
    """What tools/sanitize says of a program that ran with its settings, unwatched."""
    folder = private_folder("sanitize")
    reports = os.path.join(folder, "reports")
    os.makedirs(reports)
    source, binary = os.path.join(folder, "program.cpp"), os.path.join(folder, "program")
    with open(source, "w", encoding="ascii") as file:
        file.write(program)
    subprocess.run(["g++", *preset_flags(sanitizer), "-O0", "-w", source, "-o", binary, "-pthread"], check=True)
    subprocess.run([binary], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, env={**os.environ, **sanitize.settings(sanitizer, reports)})
    return list(sanitize.findings(reports))


def require_one(found, words):
    assert len(found) == 1 and words in found[0], found


def a_read_of_freed_memory_is_found():
    require_one(found_in("asan", "int main() { int* p = new int(1); delete p; return *p; }"),
                "AddressSanitizer: heap-use-after-free")


def a_leak_is_found():
    require_one(found_in("asan", "int* volatile p; int main() { p = new int(1); p = nullptr; }"),
                "LeakSanitizer: detected memory leaks")


def undefined_behaviour_is_found():
    require_one(found_in("asan", "int main(int n, char**) { return (2147483647 + n) != 0; }"),
                "runtime error: signed integer overflow")


def a_race_is_found():
    require_one(found_in("tsan", "#include <thread>\nint n; int main() "
                         "{ std::thread one([] { ++n; }); ++n; one.join(); }"),
                "ThreadSanitizer: data race")


def of_a_clean_program_nothing_is_said():
    for sanitizer in sanitize.SANITIZERS:
        found = found_in(sanitizer, "#include <thread>\nint n; int main() "
                         "{ std::thread one([] { ++n; }); one.join(); return n - 1; }")
        assert found == [], found


if __name__ == "__main__":
    stories.run([a_read_of_freed_memory_is_found, a_leak_is_found, undefined_behaviour_is_found, a_race_is_found,
                 of_a_clean_program_nothing_is_said])
