#!/usr/bin/python3
"""tools/setup on a machine where all is installed: it does nothing, asks nobody, and says nothing."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))

import stories  # noqa: E402
from child_process import ROOT, Unavailable, private_folder  # noqa: E402

INSTALLERS = ("apt-get", "npm", "npx", "sudo", "curl", "wget")


def setup(*arguments, path=os.environ["PATH"]):
    return subprocess.run([os.path.join(ROOT, "tools/setup"), *arguments], stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
                          env={**os.environ, "PATH": path})


def require_all_installed(*arguments):
    checked = setup("--check", *arguments)
    if checked.returncode != 0:
        raise Unavailable("not everything is installed here: " + checked.stdout.strip())


def does_nothing_the_second_time(*arguments):
    require_all_installed(*arguments)
    stubs = private_folder("setup")
    called = os.path.join(stubs, "called")
    for name in INSTALLERS:
        stub = os.path.join(stubs, name)
        with open(stub, "w", encoding="ascii") as file:
            file.write(f'#!/bin/sh\necho "{name} $*" >>{called}\nexit 1\n')
        os.chmod(stub, 0o755)
    done = setup(*arguments, path=stubs + ":" + os.environ["PATH"])
    assert done.returncode == 0 and done.stdout == "", (done.returncode, done.stdout)
    assert not os.path.exists(called), open(called, encoding="ascii").read()


def the_second_setup_does_nothing():
    does_nothing_the_second_time()


def the_second_setup_of_the_test_peers_does_nothing():
    does_nothing_the_second_time("tests")


def an_argument_it_does_not_know_is_refused():
    refused = setup("everything")
    assert refused.returncode == 1 and "usage: tools/setup" in refused.stdout, refused.stdout


def another_machine_than_debian_is_told_so():
    checked = subprocess.run([os.path.join(ROOT, "tools/setup"), "--check"], stdin=subprocess.DEVNULL, check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
                             env={**os.environ, "PATH": without("dpkg-query")})
    assert checked.returncode == 1 and "not a Debian machine" in checked.stdout, checked.stdout


def without(command):
    """A PATH with the tools a script needs, but for one."""
    folder = private_folder("path")
    for name in ("sh", "cat", "sed", "awk", "grep", "tr", "mktemp", "rm", "dirname", "env", "cmp", "id"):
        for place in ("/usr/bin", "/bin"):
            if name != command and os.path.exists(f"{place}/{name}"):
                os.symlink(f"{place}/{name}", f"{folder}/{name}")
                break
    return folder


if __name__ == "__main__":
    stories.run([the_second_setup_does_nothing, the_second_setup_of_the_test_peers_does_nothing,
                 an_argument_it_does_not_know_is_refused, another_machine_than_debian_is_told_so])
