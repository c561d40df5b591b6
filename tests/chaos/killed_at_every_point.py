#!/usr/bin/python3
"""A server is killed once at every fault point that a purchase reaches: before and after each commit,
before and after each call to the provider. Whatever the point, the order ends active or refunded, the
payment was applied once, and the provider holds one server or none.
"""

import collections
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))

import stories  # noqa: E402
from aftermath import check_the_books, check_the_provider, wait_for_the_end_of_every_order  # noqa: E402
from buyers import Buyer, open_shop  # noqa: E402
from child_process import Postgres  # noqa: E402
from shop import Shop  # noqa: E402

# The paths of money and of opening servers; the points of house-keeping are reached too, but nothing
# of a purchase hangs on them.
PATIENCE_SECS = 20


def points_of_a_purchase(shop, product, counts):
    """Two purchases, one that succeeds and one that is refunded, on a server that writes down the points
    it reaches."""
    trace = os.path.join(shop.folder, "points")
    server = shop.add_server({"RB_KILL_TRACE": trace})
    try:
        for name, doomed in (("traced", False), ("traced-doomed", True)):
            buyer = Buyer(name, shop.customer(len(shop.servers) - 1), product, shop, counts, doomed)
            buyer.run()
            assert not buyer.failure, buyer.failure
        wait_for_the_end_of_every_order(shop)
    finally:
        server.stop()
        shop.servers.remove(server)
    with open(trace, encoding="ascii") as file:
        return file.read().split("\n")[:-1]


def kill_at(shop, point, product, counts):
    """Buys on a server that dies at the point, and starts a healthy one for the rest."""
    server = shop.servers[0]
    customer = shop.customer()
    server.stop()
    clean = dict(server.environment)
    server.environment["RB_KILL_AT"] = point
    server.start()
    server.environment = clean
    buyers = [Buyer(f"{point}{ending}", customer, product, shop, counts, doomed)
              for ending, doomed in (("", False), ("-doomed", True))][:1 if "refund" not in point else 2]
    for buyer in buyers:
        buyer.start()
    began = time.monotonic()
    while server.child.running() and time.monotonic() - began < PATIENCE_SECS:
        time.sleep(0.05)
    counts["points killed at" if not server.child.running() else "points not reached again"] += 1
    server.child.kill()
    server.start()
    server.wait_ready()
    for buyer in buyers:
        buyer.join(120)
        assert not buyer.failure, f"{point}: {buyer.failure}"
    return len(buyers)


def a_kill_at_any_point_of_a_purchase_leaves_the_books_right():
    counts = collections.Counter()
    shop = Shop(Postgres())
    shop.add_server()
    product = open_shop(shop)
    shop.servers[0].stop()
    spare = shop.servers.pop()
    points = points_of_a_purchase(shop, product, counts)
    assert any("before:" in point for point in points) and any("call:" in point for point in points), points
    spare.start()
    spare.wait_ready()
    shop.servers.append(spare)
    bought = 2
    for point in points:
        bought += kill_at(shop, point, product, counts)
    wait_for_the_end_of_every_order(shop)
    check_the_books(shop, counts, bought)
    check_the_provider(shop, counts)
    for name, number in sorted(counts.items()):
        print(f"  {number:6} {name}")
    shop.stop()


if __name__ == "__main__":
    stories.run([a_kill_at_any_point_of_a_purchase_leaves_the_books_right])
