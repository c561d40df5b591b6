#!/usr/bin/python3
"""PROTOC, as the operations manual has it: the build takes the compiler it names."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))

import stories  # noqa: E402
from child_process import ROOT, private_folder  # noqa: E402

PROJECT = f"""
cmake_minimum_required(VERSION 3.25)
project(asks LANGUAGES CXX)
include({ROOT}/cmake/Protoc.cmake)
find_package(Protobuf REQUIRED)
file(GENERATE OUTPUT taken CONTENT $<TARGET_FILE:protobuf::protoc>)
"""


def protoc_taken(folder, build, **environment):
    kept = {name: value for name, value in os.environ.items() if name != "PROTOC"}
    subprocess.run(["cmake", "-G", "Ninja", "-S", folder, "-B", os.path.join(folder, build)], check=True,
                   env={**kept, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    with open(os.path.join(folder, build, "taken"), encoding="utf-8") as file:
        return file.read()


def the_build_takes_the_protoc_that_is_named():
    folder = private_folder("protoc")
    with open(os.path.join(folder, "CMakeLists.txt"), "w", encoding="utf-8") as file:
        file.write(PROJECT)
    mine = os.path.join(folder, "my-protoc")
    os.symlink(shutil.which("protoc"), mine)
    assert protoc_taken(folder, "named", PROTOC=mine) == mine
    assert protoc_taken(folder, "unnamed") == shutil.which("protoc")


if __name__ == "__main__":
    stories.run([the_build_takes_the_protoc_that_is_named])
