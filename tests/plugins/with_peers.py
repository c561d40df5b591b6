#!/usr/bin/python3
"""Runs the plugins against real peers: starts those named, tells the test binary where they are, and ends
with its result.

    tests/plugins/with_peers.py Email.* smtp-up
    tests/plugins/with_peers.py Incus.* incus-up
"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))

from child_process import Unavailable, start_peer  # noqa: E402

ENDS = {"incus-up": "incus-down"}


def main(tests, peers):
    environment = dict(os.environ)
    for peer in peers:
        try:
            environment.update(start_peer(peer, ends_with=ENDS.get(peer, "peer-down")))
        except Unavailable as why:
            print(why)
            return 77
    binary = os.path.join(os.environ.get("RB_BUILD", "build/dev"), "bin/peer_plugins_test")
    return subprocess.run([binary, f"--gtest_filter={tests}"], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
