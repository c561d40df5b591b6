#!/usr/bin/python3
"""The transport against clients that run on Node.js or in a browser.

    tests/wire/node_clients.py grpc-js | connect | chromium

The packages are those of node/package-lock.json, as `make test-setup` installs them.
"""

import fcntl
import filecmp
import os
import re
import shutil
import subprocess
import sys

from wire_server import ROOT, WireServer

NODE = os.path.join(ROOT, "tests/wire/node")


def skip(reason):
    print(f"SKIPPED node clients: {reason}")
    sys.exit(77)


def prepare():
    """Node's packages, and echo.proto as protoc-gen-es writes it. Several tests may come here at once."""
    if not shutil.which("node") or not shutil.which("npm"):
        skip("Node.js and npm are not installed (make test-setup installs them)")
    with open(os.path.join(NODE, ".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        require_packages()
        generate_messages()


def require_packages():
    installed = os.path.join(NODE, "node_modules/installed.json")  # the lock file that they were installed by
    if not os.path.exists(installed) or not filecmp.cmp(installed, os.path.join(NODE, "package-lock.json"), shallow=False):
        skip("the packages of tests/wire/node are not installed (make test-setup installs them)")


def generate_messages():
    made = os.path.join(NODE, "gen/echo_pb.js")
    source = os.path.join(ROOT, "tests/wire/echo.proto")
    if os.path.exists(made) and os.path.getmtime(made) > os.path.getmtime(source):
        return
    os.makedirs(os.path.dirname(made), exist_ok=True)
    subprocess.run(["protoc", f"--plugin=protoc-gen-es={NODE}/node_modules/.bin/protoc-gen-es",
                    f"--es_out={NODE}/gen", "--es_opt=target=js", "-I", os.path.dirname(source),
                    "echo.proto"], check=True)


def run_node(*arguments):
    """Runs a script of node/; returns (passed, failed)."""
    ended = subprocess.run(["node", *arguments], cwd=NODE, check=False, text=True, stdout=subprocess.PIPE)
    print(ended.stdout, end="", flush=True)
    counts = re.findall(r"^(\d+) passed, (\d+) failed$", ended.stdout, re.M)
    passed, failed = map(int, counts[-1]) if counts else (0, 1)
    return passed, failed if ended.returncode == 0 or failed else failed + 1


def main():
    prepare()
    if sys.argv[1] == "chromium" and not os.path.exists("/usr/bin/chromium"):
        skip("Chromium is not installed (make test-setup installs it)")
    server = WireServer()
    if sys.argv[1] == "grpc-js":
        _, failed = run_node("grpc_js.mjs", server.address, os.path.join(ROOT, "tests/wire/echo.proto"))
    elif sys.argv[1] == "connect":
        _, failed = run_node("connect_node.mjs", server.url)
    else:
        _, failed = run_node("chromium.mjs", server.url)
    server.ends_well()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
