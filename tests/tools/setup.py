#!/usr/bin/python3
"""tools/setup: where all is installed it does nothing, asks nobody, and says nothing; where it cannot
install, it says what is missing and who may install it."""

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


def bare_machine(**commands):
    """A PATH of a Debian where nothing is installed and whoever calls is not root: `commands` are scripts
    that stand in for the machine's own. Each call of sudo and apt-get is written to `called`."""
    folder = without("dpkg-query")
    called = os.path.join(folder, "called")
    standing = {"dpkg-query": "exit 1", "id": '[ "$1" = -u ] && echo 1000 || echo somebody', **commands}
    for name, body in standing.items():
        path = os.path.join(folder, name)
        if os.path.lexists(path):
            os.remove(path)
        with open(path, "w", encoding="ascii") as file:
            file.write(f'#!/bin/sh\n[ {name} = id ] || echo "{name} $*" >>{called}\n{body}\n')
        os.chmod(path, 0o755)
    return folder, called


def names_what_an_administrator_installs(refused):
    assert refused.returncode == 1, refused
    command = refused.stdout.strip().splitlines()[-1]
    assert "apt-get install --no-install-recommends " in command, refused.stdout
    with open(os.path.join(ROOT, "tools/packages/build.txt"), encoding="ascii") as file:
        wanted = {line.strip() for line in file if line.strip() and not line.startswith("#")}
    assert wanted == set(command.partition("recommends ")[2].split()), command


def a_user_without_sudo_is_told_what_to_ask_an_administrator_for():
    path, called = bare_machine(**{"apt-get": "exit 1"})
    refused = setup(path=path)
    assert "there is no sudo" in refused.stdout, refused.stdout
    names_what_an_administrator_installs(refused)
    assert "apt-get" not in open(called, encoding="ascii").read()


def a_user_whom_sudo_refuses_is_told_so():
    path, called = bare_machine(**{"apt-get": "exit 1", "sudo": "exit 1"})
    refused = setup(path=path)
    assert "sudo did not let somebody do it" in refused.stdout, refused.stdout
    names_what_an_administrator_installs(refused)
    assert "apt-get" not in open(called, encoding="ascii").read()


def a_failed_installation_ends_it_with_the_last_words_of_apt():
    path, called = bare_machine(**{"apt-get": 'case "$1" in install) echo "E: no room"; exit 100;; esac',
                                   "sudo": '"$@"', "tail": "exec /usr/bin/tail \"$@\"", "install": "exit 0"})
    failed = setup(path=path)
    assert failed.returncode == 1 and "E: no room" in failed.stdout, failed
    assert "could not install" in failed.stdout.splitlines()[-1], failed.stdout
    calls = open(called, encoding="ascii").read()
    # What keeps services from starting meanwhile is taken away again, however it ends.
    assert calls.count("sudo install ") == calls.count("sudo rm "), calls


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
                 an_argument_it_does_not_know_is_refused, another_machine_than_debian_is_told_so,
                 a_user_without_sudo_is_told_what_to_ask_an_administrator_for,
                 a_user_whom_sudo_refuses_is_told_so,
                 a_failed_installation_ends_it_with_the_last_words_of_apt])
