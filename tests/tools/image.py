#!/usr/bin/python3
"""deploy/Dockerfile: its second stage installs the packages of every library that the two programs
name, and no others. A library that is missing there is found by nobody before the image starts.
"""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))

import stories  # noqa: E402
from child_process import BUILD, ROOT, Unavailable  # noqa: E402

# Of these every Debian image has its own.
OF_THE_BASE = {"libc6", "libcrypt1", "libgcc-s1", "libstdc++6", "zlib1g"}
NOT_A_LIBRARY = {"ca-certificates"}


def libraries_of(program):
    shown = subprocess.run(["readelf", "-d", os.path.join(BUILD, "bin", program)], check=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, text=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", shown))


def packages_of(libraries):
    known = subprocess.run(["/sbin/ldconfig", "-p"], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           text=True).stdout
    paths = dict(re.findall(r"^\s*(\S+) \(libc6,x86-64.*=> (\S+)$", known, re.M))
    assert libraries <= paths.keys(), f"not on this machine: {libraries - paths.keys()}"
    # Where /lib is a link, the package names the file by either path.
    asked = [path for one in libraries for path in (paths[one], "/usr" + paths[one], paths[one].removeprefix("/usr"))]
    owners = subprocess.run(["dpkg-query", "-S", *asked], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True).stdout
    found = {os.path.basename(path): package for package, path in re.findall(r"^([^:,]+).*: (\S+)$", owners, re.M)}
    assert libraries <= found.keys(), f"of no package: {libraries - found.keys()}"
    return {found[one] for one in libraries}


def installed_by_the_image():
    with open(os.path.join(ROOT, "deploy/Dockerfile"), encoding="utf-8") as file:
        last_stage = file.read().rpartition("\nFROM ")[2]
    command = re.search(r"--no-install-recommends((?:.|\n)*?)&&", last_stage).group(1)
    return set(command.replace("\\\n", " ").split())


def the_image_has_the_libraries_of_its_programs():
    if not shutil.which("readelf") or not shutil.which("dpkg-query"):
        raise Unavailable("readelf or dpkg-query is not installed")
    needed = packages_of({one for program in ("rustbill-server", "rustbill-cli") for one in libraries_of(program)
                          if not one.startswith("ld-linux")})
    named = installed_by_the_image() - NOT_A_LIBRARY
    assert needed - OF_THE_BASE == named, f"missing: {needed - OF_THE_BASE - named}; not needed: {named - needed}"


if __name__ == "__main__":
    stories.run([the_image_has_the_libraries_of_its_programs])
