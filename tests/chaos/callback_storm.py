#!/usr/bin/python3
"""10,000 payments, each reported by its gateway 1 to 5 times, in any order, over several connections to
two servers at once: each is applied once, every copy is answered "success", the ledger verifies.

The callbacks are those of the EPay protocol (gateway-yipay): signed query strings.
"""

import collections
import http.client
import os
import random
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))

import stories  # noqa: E402
from child_process import Postgres  # noqa: E402
from epay import callback_path, interface_config  # noqa: E402
from shop import Shop  # noqa: E402

PAYMENTS = int(os.environ.get("RB_STORM_PAYMENTS", "10000"))
CUSTOMERS = 50
CONNECTIONS = 8
COPIES_MAX = 5
SEED = int(os.environ.get("RB_CHAOS_SEED", random.SystemRandom().randrange(10**6)))


def in_parallel(work, parts):
    """Runs work(part) in a thread each; raises the first failure."""
    failures = []

    def guarded(part):
        try:
            work(part)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def make_payments(shop, customers):
    """Recharges through the API; the path of the callback that reports each."""
    paths = []

    def recharge(slot):
        for number in range(slot, PAYMENTS, CONNECTIONS):
            customer = customers[number % len(customers)]
            with customer.turn:
                amount = f"{10 + number % 90}.{number % 100:02d}"
                payment = customer("balance.BalanceService/Recharge", amount=amount, gateway_id="yipay").payment
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(payment.payment_url).query)
            paths.append(callback_path("yipay", f"epay-{number}", query["out_trade_no"][0], amount))

    in_parallel(recharge, range(CONNECTIONS))
    return paths


def send(shop, copies, counts):
    def report(slot):
        port = shop.servers[slot % len(shop.servers)].port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for path in copies[slot::CONNECTIONS]:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200 and body == b"success", (answer.status, body)

    began = time.monotonic()
    in_parallel(report, range(CONNECTIONS))
    counts["callbacks per second"] = int(len(copies) / (time.monotonic() - began))


def each_callback_is_applied_once():
    print(f"seed {SEED}", flush=True)
    random.seed(SEED)
    counts = collections.Counter()
    shop = Shop(Postgres())
    for _ in range(2):
        shop.add_server()
    admin = shop.admin()
    # Nobody is asked: each payment is reported before its poller wakes.
    shop.interface(admin, "gateway-yipay", "yipay", interface_config("http://127.0.0.1:9/"))
    customers = [shop.customer(number % 2) for number in range(CUSTOMERS)]
    for customer in customers:
        customer.turn = threading.Lock()

    paths = make_payments(shop, customers)
    assert len(set(paths)) == PAYMENTS
    copies = [path for path in paths for _ in range(random.randint(1, COPIES_MAX))]
    random.shuffle(copies)
    counts["payments"], counts["callbacks sent"] = len(paths), len(copies)
    send(shop, copies, counts)

    database = shop.postgres
    for outcome, number in database.rows("SELECT outcome, count(*) FROM gateway_callbacks GROUP BY 1"):
        counts[f"callbacks {outcome}"] = int(number)
    assert counts["callbacks applied"] == PAYMENTS, dict(counts)
    assert counts["callbacks duplicate"] == len(copies) - PAYMENTS, dict(counts)
    counts["recharges on balances"] = int(database.value(
        "SELECT count(*) FROM balance_transactions WHERE transaction_type = 'recharge'"))
    assert counts["recharges on balances"] == PAYMENTS, dict(counts)
    wrong = database.rows("""
        SELECT c.id, c.balance, sum(p.amount) FROM customers c JOIN payments p ON p.customer_id = c.id
        GROUP BY c.id HAVING c.balance <> sum(p.amount) OR bool_or(p.status <> 'success')""")
    assert not wrong, f"balances that are not the sum of their payments: {wrong[:3]}"
    good, said = shop.ledger_verifies()
    assert good, said
    for name, number in sorted(counts.items()):
        print(f"  {number:6} {name}")
    shop.stop()


if __name__ == "__main__":
    stories.run([each_callback_is_applied_once])
