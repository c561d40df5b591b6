"""What must hold when the storm is over: in the books, and at the provider."""

import collections
import json

from buyers import GIVE_UP_SECS, PRICE
from child_process import wait_until


def wait_for_the_end_of_every_order(shop):
    waiting = "SELECT count(*) FROM orders WHERE status IN ('pending', 'paid', 'provisioning')"
    wait_until(lambda: shop.postgres.value(waiting) == "0", "every order has ended", GIVE_UP_SECS, pause=0.5)


def wait_for_the_end_of_all_work(shop):
    """Every order has ended, the outbox is empty, and what was to go at the provider is gone."""
    undone = "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM orders WHERE status IN ('pending', 'paid', " \
             "'provisioning')) + (SELECT count(*) FROM instances WHERE desired_status = 'terminated' AND status <> 'terminated')"
    try:
        wait_until(lambda: shop.postgres.value(undone) == "0", "all work is done", GIVE_UP_SECS, pause=0.5)
    except AssertionError as late:
        left = shop.postgres.rows("SELECT kind, attempts, run_at - now(), leased_until - now(), dead, last_error FROM events")
        left += shop.postgres.rows("SELECT o.status, i.status, i.desired_status, i.pending_operation FROM orders o "
                                   "LEFT JOIN instances i ON i.order_id = o.id WHERE o.status NOT IN ('active', 'refunded')")
        raise AssertionError(f"{late}; left: {left}") from None


def check_the_books(shop, counts, customers):
    """Each of the customers has recharged once and ordered once."""
    database = shop.postgres
    for status, number in database.rows("SELECT status, count(*) FROM orders GROUP BY 1 ORDER BY 1"):
        counts[f"orders {status}"] = int(number)
    ended = counts["orders active"] + counts["orders refunded"] + counts["orders cancelled"]
    assert ended == customers, dict(counts)
    unpaid = database.value("SELECT count(*) FROM orders WHERE status = 'cancelled' AND refunded_amount <> total_amount")
    assert unpaid == "0", f"{unpaid} orders cancelled without the money given back"
    # Each recharge once, each order paid once, and the balance is what is left.
    counts["recharges applied"] = int(database.value("SELECT count(*) FROM balance_transactions WHERE transaction_type = 'recharge'"))
    assert counts["recharges applied"] == customers, dict(counts)
    twice = database.value("SELECT count(*) FROM (SELECT reference_id FROM balance_transactions WHERE transaction_type = "
                           "'payment' GROUP BY 1, customer_id HAVING count(*) > 1) AS twice")
    assert twice == "0", f"{twice} orders paid twice"
    wrong = database.rows(f"""
        SELECT c.id, c.balance FROM customers c
        WHERE c.balance <> (SELECT COALESCE(sum(amount), 0) FROM balance_transactions
                            WHERE customer_id = c.id AND transaction_type = 'recharge')
                         - (SELECT count(*) FROM orders WHERE customer_id = c.id AND status = 'active') * {PRICE}""")
    assert not wrong, f"balances that are wrong: {wrong}"
    good, said = shop.ledger_verifies()
    assert good, said


def check_the_provider(shop, counts):
    """What the sandbox holds, read from its own storage, against the orders."""
    held = collections.Counter()
    for (value,) in shop.postgres.rows("SELECT value FROM plugin_kv WHERE interface_id = 'sandbox'"):
        kept = json.loads(value)
        if isinstance(kept, dict) and kept.get("state") != "terminated":
            held[kept["id"]] += 1
    counts["servers at the provider"] = sum(held.values())
    known = {row[0] for row in shop.postgres.rows(
        "SELECT i.provider_instance_id FROM instances i JOIN orders o ON o.id = i.order_id "
        "WHERE o.status = 'active' AND i.status = 'running'")}
    assert len(known) == counts["orders active"], f"{len(known)} running instances for {counts['orders active']} active orders"
    assert set(held) == known, f"orphaned: {set(held) - known}; missing: {known - set(held)}"
    assert all(number == 1 for number in held.values()), held
