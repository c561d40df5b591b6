"""Paid orders per second: customers who order and pay from their balance, against pgbench running the
statements the server was seen to run, on the same database with as many connections.

Each client of pgbench is a connection, and never leaves it idle. A customer does while his request travels,
is read and is answered: there are more customers than connections, so that the server's are as busy.

Events are parked by a trigger in this database, for both alike: what is measured is the paid order, not
the opening of its server.
The server tells its workers of new events with a NOTIFY for all of a moment, which no purchase waits for;
pgbench runs none.
"""

import decimal
import os
import re
import subprocess

import statement_log
from child_process import BUILD, Unavailable

CUSTOMERS_PER_CONNECTION = 2
RECORDINGS_MAX = 5
# Of each a purchase writes one row.
WRITTEN = ("orders", "payments", "ledger_entries", "events")
PRICE = "30.00"
DEPOSIT = "9000000.00"
PARK_EVENTS = """
    CREATE FUNCTION park_event() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.run_at = now() + interval '1 year'; RETURN NEW; END $$;
    CREATE TRIGGER park_events BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION park_event();"""


def buy(customer, product):
    order = customer("order.OrderService/CreateOrder", product_id=product.id, currency="CNY", gateway_id="balance",
                     billing_cycle="monthly").order
    customer("order.OrderService/PayOrder", order_id=order.id, gateway_id="balance")


def record_purchase(shop, customer, product):
    """The log of PostgreSQL while one purchase ran."""
    settings = {"log_statement": "'all'", "log_line_prefix": "'%p '", "log_parameter_max_length": "-1"}
    for name, value in settings.items():
        shop.postgres.rows(f"ALTER SYSTEM SET {name} = {value}")
    shop.postgres.rows("SELECT pg_reload_conf()")
    buy(customer, product)  # every connection has taken the settings, every statement is prepared
    log = os.path.join(shop.postgres.folder, "postgres.log")
    start = os.path.getsize(log)
    buy(customer, product)
    with open(log, "rb") as file:
        file.seek(start)
        text = file.read().decode("utf-8", "replace")
    for name in settings:
        shop.postgres.rows(f"ALTER SYSTEM RESET {name}")
    shop.postgres.rows("SELECT pg_reload_conf()")
    return text


def own_ids(shop, customer):
    """What of statement_log.WHO an id of this customer is."""
    of_customer = f"FROM memberships m JOIN refresh_tokens t USING (user_id) WHERE m.customer_id = '{customer.customer_id}'"
    found = {customer.customer_id: ":customer"}
    for user, session in shop.postgres.rows(f"SELECT m.user_id, t.family_id {of_customer}"):
        found.update({user: ":member", session: ":session"})
    assert len(found) >= 3, "the customer is signed in"
    return found


def same_purchase(shop, customer, product):
    """The pgbench script of one purchase of this customer."""
    for _ in range(RECORDINGS_MAX):
        before = decimal.Decimal(customer("balance.BalanceService/GetBalance").balance) - decimal.Decimal(PRICE)
        log = record_purchase(shop, customer, product)
        purchase = [one for one in statement_log.transactions(log)]
        found = {table: sum(f"INSERT INTO {table}" in sql for one in purchase for sql, _ in one) for table in WRITTEN}
        # A worker of the server may have written in that moment: once more then.
        if set(found.values()) == {1}:
            break
    else:
        raise AssertionError(f"one row of each was made, recorded were {found}")
    balances = (str(before), str(before - decimal.Decimal(PRICE)))
    return statement_log.pgbench_script(purchase, own_ids(shop, customer), {product.id, product.group_id}, balances, PRICE)


def pgbench(url, script, seconds, connections, run):
    """Its rate after the first second: its connections are new and prepare everything, the server's have done so."""
    ran = subprocess.run(["pgbench", "-n", "-M", "prepared", "-f", script, "-c", str(connections), "-j", "2",
                          "-T", str(1 + seconds), "-P", "1", "-D", "started=0", "-D", "counted=0", "-D", f"run={run}", url],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    failed = re.search(r"number of failed transactions: (\d+)", ran.stdout)
    if ran.returncode != 0 or (failed and failed.group(1) != "0"):
        raise AssertionError(f"pgbench: {ran.stderr[-800:]}")
    done = int(re.search(r"actually processed: (\d+)", ran.stdout).group(1))
    first, rate = re.search(r"progress: ([\d.]+) s, ([\d.]+) tps", ran.stderr).groups()
    whole = done / float(re.search(r"tps = ([\d.]+)", ran.stdout).group(1))
    return (done - float(rate) * float(first)) / (whole - float(first))


def ours(shop, product, customers, seconds):
    tokens = [customer.metadata["Authorization"].removeprefix("Bearer ") for customer in customers]
    ran = subprocess.run([os.path.join(BUILD, "bin/bench_order_load"), str(shop.servers[0].port), product.id,
                          str(seconds), *tokens], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    return float(ran.stdout)


def measure(shop, runs, seconds, connections):
    """Two lists, ours and pgbench's, of paid orders per second; one of each per run."""
    if subprocess.run(["sh", "-c", "command -v pgbench psql"], check=False, stdout=subprocess.DEVNULL).returncode:
        raise Unavailable("pgbench is not installed (make test-setup installs it)")
    admin = shop.admin()
    shop.interface(admin, "provider-sandbox", "sandbox")
    product = shop.product(admin, "sandbox", {"cpu_cores": "1", "memory_gb": "1", "disk_gb": "10"}, PRICE)
    customers = [shop.customer() for _ in range(CUSTOMERS_PER_CONNECTION * connections)]
    for customer in customers:
        admin("balance.BalanceService/AdjustBalance", customer_id=customer.customer_id, amount=DEPOSIT, reason="bench")
    shop.postgres.rows(PARK_EVENTS)
    script = os.path.join(shop.folder, "purchase.sql")
    with open(script, "w", encoding="utf-8") as file:
        file.write(same_purchase(shop, customers[0], product))
    results = [], []
    measured = [lambda _: ours(shop, product, customers, seconds),
                lambda run: pgbench(shop.postgres.url, script, seconds, connections, run)]
    for run in range(1, runs + 1):
        # Who goes second finds a larger database: by turns.
        for who in (0, 1) if run % 2 else (1, 0):
            results[who].append(measured[who](run))
    return results
