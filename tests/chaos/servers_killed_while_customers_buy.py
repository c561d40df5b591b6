#!/usr/bin/python3
"""Three servers on one database, 200 customers buying at once, a server killed with SIGKILL every few
seconds, PostgreSQL crashed once. Afterwards: every order is active or refunded, every payment was
applied once, no server exists twice or without its order at the provider, the ledger verifies.
"""

import collections
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))

import stories  # noqa: E402
from aftermath import check_the_books, check_the_provider, wait_for_the_end_of_every_order  # noqa: E402
from buyers import GIVE_UP_SECS, Buyer, open_shop  # noqa: E402
from child_process import Postgres  # noqa: E402
from shop import Shop  # noqa: E402

CUSTOMERS = int(os.environ.get("RB_CHAOS_CUSTOMERS", "200"))
SERVERS = 3
KILL_EVERY_SECS = 3
STORM_SECS_MIN = 20  # the killing goes on at least this long, however fast the customers are
SEED = int(os.environ.get("RB_CHAOS_SEED", random.SystemRandom().randrange(10**6)))


class Killer(threading.Thread):
    """SIGKILLs a server every few seconds and starts it again; crashes PostgreSQL once."""

    def __init__(self, shop, counts):
        super().__init__(name="killer", daemon=True)
        self.shop, self.counts = shop, counts
        self.enough = threading.Event()
        self.failure = None

    def run(self):
        try:
            while not self.enough.wait(KILL_EVERY_SECS):
                server = random.choice(self.shop.servers)
                server.child.kill()
                self.counts["servers killed"] += 1
                if self.counts["servers killed"] == 3:
                    self.shop.postgres.crash()
                    self.counts["PostgreSQL crashed"] += 1
                    time.sleep(0.5)
                    self.shop.postgres.start()
                for one in self.shop.servers:  # without its database a server may have given up
                    if not one.child.running():
                        one.start()
        except Exception as failure:
            self.failure = failure


def revive(shop):
    """All three anew, as children of this thread: those the killer started end with the killer."""
    for server in shop.servers:
        server.child.kill()
        server.start()
    for server in shop.servers:
        server.wait_ready(60)


def prepare(counts):
    shop = Shop(Postgres())
    for number in range(SERVERS):
        shop.add_server(wait=number == 0)
    for server in shop.servers:
        server.wait_ready()
    product = open_shop(shop)
    customers = [None] * CUSTOMERS

    def register(first):
        for number in range(first, CUSTOMERS, SERVERS):
            customers[number] = shop.customer(first)

    helpers = [threading.Thread(target=register, args=(first,)) for first in range(SERVERS)]
    for helper in helpers:
        helper.start()
    for helper in helpers:
        helper.join()
    assert all(customers), "not every customer could register"
    # One in eight orders a server that cannot be opened.
    return shop, [Buyer(f"{SEED}-{number}", customer, product, shop, counts, doomed=number % 8 == 0)
                  for number, customer in enumerate(customers)]


def every_order_ends_active_or_refunded_and_the_books_balance():
    print(f"seed {SEED}", flush=True)
    random.seed(SEED)
    counts = collections.Counter()
    shop, buyers = prepare(counts)
    began = time.monotonic()
    killer = Killer(shop, counts)
    killer.start()
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join(GIVE_UP_SECS)
    while time.monotonic() - began < STORM_SECS_MIN:
        time.sleep(0.2)
    killer.enough.set()
    killer.join(60)
    failures = [buyer.failure for buyer in buyers if buyer.failure]
    assert not failures, f"{len(failures)} customers could not buy: {failures[:3]}"
    assert not killer.failure, killer.failure
    assert counts["servers killed"] >= 5 and counts["PostgreSQL crashed"] == 1, dict(counts)
    revive(shop)
    wait_for_the_end_of_every_order(shop)
    check_the_books(shop, counts, CUSTOMERS)
    check_the_provider(shop, counts)
    counts["seconds"] = round(time.monotonic() - began)
    for name, number in sorted(counts.items()):
        print(f"  {number:6} {name}")
    shop.stop()


if __name__ == "__main__":
    stories.run([every_order_ends_active_or_refunded_and_the_books_balance])
