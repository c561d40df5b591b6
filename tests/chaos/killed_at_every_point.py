#!/usr/bin/python3
"""A server kills itself at every point of the pay and provision paths: before and after each commit,
before and after each call to a provider or gateway. Whatever the point, those that come after it bring
each order to the end it would have had, with the money moved once and one server or none.

The points are not listed here: a server that writes down what it reaches makes each purchase first. Each
way to buy has a database of its own and runs beside the others. In it one server after the other starts,
dies at its point and is followed by the next, while customers repeat what was not answered; the last one
lives and ends what is left when the dead are struck off.
"""

import collections
import http.client
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))

import stories  # noqa: E402
from aftermath import check_the_provider, wait_for_the_end_of_all_work  # noqa: E402
from buyers import LOST_ANSWERS, PRICE, Buyer, open_shop  # noqa: E402
from child_process import Postgres, wait_until  # noqa: E402
from epay import EPay, interface_config  # noqa: E402
from grpc_web import RpcError  # noqa: E402
from shop import Shop  # noqa: E402

# A server that nobody calls reaches these too, so they say nothing about a purchase; but for the
# lease of an event, which is made to have one in it.
LEASE = ["before:lease_events", "after:lease_events"]
PATIENCE_SECS = 40
# A purchase may wait for several dead servers to be struck off, and longer than an event's lease.
END_SECS = 400


class Purchase(Buyer):
    """Buys as its kind of purchase has it, and repeats what was not answered."""

    def __init__(self, way, name, customer, product, shop):
        super().__init__(f"{way.name}-{name}", customer, product, shop, collections.Counter())
        self.way, self.shop = way, shop

    def buy(self):
        spec = {"cpu_cores": 1, "memory_gb": 1, "disk_gb": 10}
        if self.way.fault:
            spec["extra_specs"] = {"sandbox": self.way.fault}
        mine = f"kill-{self.name}"
        if self.way.pays_with == "balance":
            recharge = self.client("balance.BalanceService/Recharge", key=mine + "-recharge", amount=PRICE,
                                   gateway_id="bank")
            self.admin("payment.PaymentService/ConfirmPayment", id=recharge.payment.payment_id, amount=PRICE,
                       reference=mine)
        order = self.client("order.OrderService/CreateOrder", key=mine + "-order", product_id=self.product.id,
                            server_spec=spec, currency="CNY", gateway_id=self.way.pays_with,
                            billing_cycle="monthly").order
        try:
            paid = self.client("order.OrderService/PayOrder", key=mine + "-pay", order_id=order.id,
                               gateway_id=self.way.pays_with)
        except RpcError as error:
            # The repeat of a payment that went through finds an order that was refunded since.
            if error.code == "FAILED_PRECONDITION" and self.way.ends == "cancelled":
                return
            raise
        if self.way.pays_with == "yipay":
            self.report(self.way.epay.pay("yipay", paid.payment.payment_url, PRICE))

    def report(self, path):
        """The gateway calls until it hears that we have it."""
        deadline = time.monotonic() + END_SECS
        while time.monotonic() < deadline:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.shop.servers[0].port, timeout=20)
                connection.request("GET", path)
                answer = connection.getresponse()
                if answer.status == 200 and answer.read() == b"success":
                    return
            except LOST_ANSWERS:
                pass
            time.sleep(0.2)
        raise AssertionError("a callback was never taken")


class WayToBuy:
    """One kind of purchase on a database of its own, made again and again over dying servers."""

    def __init__(self, name, pays_with="balance", fault="", ends="active"):
        self.name, self.pays_with, self.fault, self.ends = name, pays_with, fault, ends
        self.purchases, self.points = [], []
        self.failure = None

    def set_up(self, parent, epay):
        self.epay = epay
        self.product = parent.product_for_sale
        self.customer = parent.customer_of[self.name]
        # One worker: so that the next to lease takes the event that is due.
        self.shop = Shop(parent.postgres.copy_as("kill_" + self.name), workers={"event_threads": 1})
        self.shop.secret = parent.secret
        self.shop.admin_metadata = parent.admin_metadata
        self.server = self.shop.add_server(wait=False)
        self.server.child.kill()

    def start(self, **environment):
        """The next server, on the port of the last."""
        clean = dict(self.server.environment)
        self.server.environment.update(environment)
        self.server.start()
        self.server.environment = clean

    def purchase(self, name):
        buyer = Purchase(self, name, self.customer, self.product, self.shop)
        self.purchases.append(buyer)
        buyer.start()
        return buyer

    def record(self):
        """What an idle server reaches, and what one reaches that makes a whole purchase."""
        trace = os.path.join(self.shop.folder, "points")
        self.start(RB_KILL_TRACE=trace)
        self.server.wait_ready()
        # Its first look at everything is over when it has looked for events.
        wait_until(lambda: LEASE[1] in read_lines(trace), "an idle server has looked for work", PATIENCE_SECS)
        time.sleep(1.0)  # not a wait for an event: how long it may idle before the purchase
        idle = set(read_lines(trace))
        buyer = self.purchase("traced")
        buyer.join(PATIENCE_SECS)
        assert not buyer.failure, buyer.failure
        wait_for_the_end_of_all_work(self.shop)
        # Housekeeping is no part of a purchase: it comes once an hour, when it likes.
        reached = [point for point in read_lines(trace) if point not in idle and not point.endswith(":housekeeping")]
        self.server.stop()
        assert "before:pay_order" in reached and "after:pay_order" in reached, reached
        # Directly after a death that leaves an event due, so that the lease has something in it.
        after = reached.index("after:pay_order" if self.pays_with == "balance" else "after:apply_callback") + 1
        self.points = reached[:after] + LEASE + reached[after:]

    def kill_at(self, point):
        self.start(RB_KILL_AT=point)
        if point not in LEASE:
            self.purchase(point)
        wait_until(lambda: not self.server.child.running(), f"{self.name}: killed {point}", PATIENCE_SECS)
        killed = self.server.child.process.returncode
        assert killed == -9, f"{self.name}: at {point} it ended with {killed}:\n{self.server.child.last_words()}"

    def run(self):
        try:
            self.record()
            for point in self.points:
                self.kill_at(point)
            self.start()
            self.server.wait_ready()
            for buyer in self.purchases:
                buyer.join(END_SECS)
                assert not buyer.is_alive() and not buyer.failure, f"{buyer.name}: {buyer.failure}"
            wait_for_the_end_of_all_work(self.shop)
            self.check()
            self.server.stop()
        except Exception as failure:  # reported by the main thread
            self.failure = failure

    def check(self):
        database, bought = self.shop.postgres, len(self.purchases)
        ends = dict(database.rows("SELECT status, count(*) FROM orders GROUP BY 1"))
        assert ends == {self.ends: str(bought)}, f"{self.name}: {bought} purchases ended as {ends}"
        paid = database.value("SELECT count(*) FROM payments WHERE status IN ('success', 'refunded') AND order_id IS NOT NULL")
        assert paid == str(bought), f"{self.name}: {paid} payments for {bought} orders"
        given_back = database.value("SELECT count(*) FROM orders WHERE refunded_amount = total_amount")
        assert given_back == ("0" if self.ends == "active" else str(bought)), f"{self.name}: {given_back} refunded"
        balance = database.value(f"SELECT balance FROM customers WHERE id = '{self.customer.customer_id}'")
        expected = f"{0 if self.ends == 'active' else float(PRICE) * bought:.2f}"
        assert balance == expected, f"{self.name}: the balance is {balance}, not {expected}"
        counts = collections.Counter({"orders active": bought if self.ends == "active" else 0})
        check_the_provider(self.shop, counts)
        good, said = self.shop.ledger_verifies()
        assert good, f"{self.name}: {said}"


def read_lines(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def open_parent(epay, ways):
    """The shop whose database the others copy: its operator's part, and a customer for each way."""
    parent = Shop(Postgres())
    server = parent.add_server()
    parent.product_for_sale = open_shop(parent)
    admin = parent.client()
    admin.metadata = dict(parent.admin_metadata)
    parent.interface(admin, "gateway-yipay", "yipay", interface_config(epay.endpoint))
    parent.customer_of = {way.name: parent.customer() for way in ways}
    server.stop()
    return parent


def a_kill_at_any_point_of_a_purchase_leaves_the_books_right():
    began = time.monotonic()
    ways = [
        WayToBuy("from_balance"),
        WayToBuy("through_a_gateway", pays_with="yipay"),
        WayToBuy("refused", fault="fail", ends="cancelled"),
        WayToBuy("accepted_and_asked_again", fault="accept"),
        WayToBuy("answer_lost", fault="lose_answer"),
    ]
    epay = EPay()
    parent = open_parent(epay, ways)
    for way in ways:
        way.set_up(parent, epay)
    threads = [threading.Thread(target=way.run) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for way in ways:
        print(f"  {len(way.points):6} kills in purchases {way.name}: {' '.join(way.points)}", flush=True)
    failures = [f"{way.name}: {way.failure!r}" for way in ways if way.failure]
    assert not failures, "\n".join(failures)
    print(f"  {sum(len(way.points) for way in ways):6} servers killed")
    print(f"  {sum(len(way.purchases) for way in ways):6} orders ended as they should, each paid once")
    print(f"  {round(time.monotonic() - began):6} seconds")


if __name__ == "__main__":
    stories.run([a_kill_at_any_point_of_a_purchase_leaves_the_books_right])
