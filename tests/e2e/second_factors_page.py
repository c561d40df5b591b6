#!/usr/bin/python3
"""Second factors in the administrators' page of a whole server, in Chromium, in both languages. Its
screenshots stay in BUILD/test-results/second-factors-page.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../support"), os.path.join(HERE, "../wire")]

from child_process import BUILD, Postgres  # noqa: E402
from node_clients import prepare, run_node, skip  # noqa: E402
from shop import ADMIN_PASSWORD, Shop  # noqa: E402


def main():
    if not os.path.exists("/usr/bin/chromium"):
        skip("Chromium is not installed (make test-setup installs it)")
    prepare()
    shop = Shop(Postgres())
    server = shop.add_server()
    code, said = shop.cli("user", "factors", "require", "on")
    assert code == 0, said
    pictures = os.path.join(BUILD, "test-results/second-factors-page")
    os.makedirs(pictures, exist_ok=True)
    # By its name: passkeys know no addresses.
    _, failed = run_node("second_factors_page.mjs", f"http://localhost:{server.port}", ADMIN_PASSWORD, pictures)
    shop.stop()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
