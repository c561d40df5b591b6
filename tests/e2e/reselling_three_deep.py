#!/usr/bin/python3
"""Three shops of ours, each with a database of its own: A sells from provider-sandbox, B sells A's stock,
C sells B's. A customer of C never learns of either; what he pays for runs at A. Each story is told once
over the whole chain, and ends with three ledgers that verify.
"""

import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))

import stories  # noqa: E402
from child_process import Postgres, free_port, private_folder, wait_until  # noqa: E402
from grpc_web import RpcError  # noqa: E402
from shop import Shop  # noqa: E402
from tls_front import TlsFront  # noqa: E402

COST, PRICE_AT_B, PRICE_AT_C = "20.00", "25.00", "35.00"
DEPOSIT = "100.00"
FUNDS = "1000.00"
SPEC = {"cpu_cores": 1, "memory_gb": 1, "disk_gb": 10}
BANK = json.dumps({"payee": "示例科技有限公司", "bank": "示例银行", "account": "6200 0000 0000 0000"})
A = B = C = None


class Seller:
    """One shop, its administrator, and, where it resells, its account upstream."""

    def __init__(self, name, upstream=None, ratio=None):
        self.name = name
        self.shop = Shop(Postgres())
        self.shop.add_server()
        self.signed_in = self.shop.admin()
        Shop.interface(self.admin, "gateway-banktransfer", "bank", BANK)
        self.upstream = upstream
        self.account_upstream = None
        if upstream is None:
            Shop.interface(self.admin, "provider-sandbox", "sandbox")
            self.product = self.shop.product(self.admin, "sandbox", {"memory_gb": "1"}, COST)
        else:
            self.account_upstream = upstream.shop.customer()
            upstream.shop.recharge(self.account, upstream.admin, FUNDS)
            self.buy_from(upstream.url())
            self.product = self.import_all(ratio)[0].product

    # Both idle while a story waits, and servers hang up on who idles: each use dials anew.
    @property
    def admin(self):
        self.signed_in.connection.close()
        return self.signed_in

    @property
    def account(self):
        self.account_upstream.connection.close()
        return self.account_upstream

    def url(self):
        return f"http://127.0.0.1:{self.shop.servers[0].port}"

    def new_key(self, **fields):
        """An API key of our account upstream, as the upstream's administrator allows it."""
        self.upstream.admin("customer.CustomerService/UpdateCustomer", id=self.account.customer_id,
                            can_create_api_keys=True)
        return self.account("downstream.ApiKeyService/CreateApiKey", name=self.name, **fields)

    def buy_from(self, url):
        self.key = self.new_key()
        self.config = {"endpoint": url, "api_key": self.key.api_key, "allow_private": True}
        Shop.interface(self.admin, "provider-rustbill", "upstream", json.dumps(self.config))

    def catalogue(self):
        return self.admin("upstream.UpstreamService/ListUpstreamProducts", provider_id="upstream")

    def import_all(self, ratio):
        ids = [one.upstream_product_id for one in self.catalogue().products]
        lines = self.admin("upstream.UpstreamService/ImportUpstreamProducts", provider_id="upstream",
                           upstream_product_ids=ids, markup_ratio=ratio).lines
        assert all(line.outcome != "refused" for line in lines), lines
        return lines

    def configure(self, **changes):
        self.config.update(changes)
        self.admin("integration.PluginService/UpdatePluginInterface", id="upstream", config=json.dumps(self.config))

    def health(self):
        return self.admin("integration.PluginService/CheckPluginHealth", id="upstream")

    def start_again(self):
        server = self.shop.servers[0]
        server.start()
        server.wait_ready()


def open_shops():
    global A, B, C
    A = Seller("a")
    B = Seller("b", A, "1.25")
    C = Seller("c", B, "1.4")


def balance(customer):
    return customer("balance.BalanceService/GetBalance").balance


def new_customer():
    customer = C.shop.customer()
    C.shop.recharge(customer, C.admin, DEPOSIT)
    return customer


def buy(customer, fault=""):
    spec = dict(SPEC, extra_specs={"sandbox": fault}) if fault else SPEC
    order = customer("order.OrderService/CreateOrder", product_id=C.product.id, server_spec=spec, currency="CNY",
                     gateway_id="balance", billing_cycle="monthly").order
    assert order.amount == PRICE_AT_C, order
    customer("order.OrderService/PayOrder", order_id=order.id, gateway_id="balance")
    return order.id


def order_of(caller, order_id):
    return caller("order.OrderService/GetOrder", id=order_id).order


def ends_as(customer, order_id, statuses, seconds=180):
    def ended():
        order = order_of(customer, order_id)
        return order if order.status in statuses else None
    return wait_until(ended, f"the order is one of {statuses}", seconds, pause=0.2)


def instance_of(customer, order_id):
    found = [one for one in customer("instance.InstanceService/ListInstances").instances if one.order_id == order_id]
    assert len(found) == 1, f"{len(found)} instances for one order"
    return found[0]


def instance(caller, instance_id):
    return caller("instance.InstanceService/GetInstance", id=instance_id).instance


def below(seller, upper):
    """The instance at `seller` that `upper` (an instance one shop further down) is sold from."""
    return instance(seller.admin, upper.provider_instance_id)


def chain(customer, instance_id):
    """The same server as C, B and A have it."""
    at_c = instance(customer, instance_id)
    at_b = below(B, at_c)
    return at_c, at_b, below(A, at_b)


def servers_at_sandbox():
    """What the sandbox itself holds and has not ended, read past the product."""
    rows = A.shop.postgres.rows("SELECT value FROM plugin_kv WHERE interface_id = 'sandbox' AND key LIKE 'server/%'")
    return [kept for kept in (json.loads(value) for (value,) in rows) if kept["state"] != "terminated"]


def at_sandbox(at_a):
    return next(kept["state"] for kept in servers_at_sandbox() if kept["id"] == at_a.provider_instance_id)


def ledgers_verify():
    for seller in (A, B, C):
        good, said = seller.shop.ledger_verifies()
        assert good, f"{seller.name}: {said}"


def command(customer, verb, instance_id, status):
    customer(f"instance.InstanceService/{verb}Instance", id=instance_id)
    wait_until(lambda: instance(customer, instance_id).status == status, f"{verb} makes it {status}", 120, pause=0.2)


def spent(account, before):
    return round(float(before) - float(balance(account)), 2)


def a_catalogue_travels_down_with_its_costs():
    at_b = B.catalogue().products
    assert [one.cost_by_cycle["monthly"] for one in at_b] == [COST], at_b
    assert at_b[0].upstream_product_id == A.product.id
    assert at_b[0].product.id == B.product.id and at_b[0].product.cost_price == COST
    assert (B.product.price, C.product.price) == (PRICE_AT_B, PRICE_AT_C), (B.product, C.product)
    assert C.product.cost_price == PRICE_AT_B and C.product.cost_currency == "CNY"
    # What it costs is not for customers, and not for the shop further down.
    seen = C.shop.customer()("product.ProductService/GetProduct", id=C.product.id).product
    assert not seen.cost_price and not seen.cost_cycles and not seen.upstream_product_id, seen
    assert "upstream_product_id" not in seen.specs, seen
    assert "upstream_product_id" in C.admin("product.ProductService/GetProduct", id=C.product.id).product.specs
    again = B.import_all("1.25")
    assert [line.outcome for line in again] == ["unchanged"], again
    assert B.shop.postgres.value("SELECT count(*) FROM products") == "1"


def a_server_lives_at_a_and_is_commanded_from_c():
    account_b, account_c = balance(B.account), balance(C.account)
    customer = new_customer()
    order_id = buy(customer)
    ends_as(customer, order_id, {"active"})
    server = instance_of(customer, order_id)
    at_c, at_b, at_a = chain(customer, server.id)
    assert (at_c.status, at_b.status, at_a.status) == ("running",) * 3
    # Its address comes up from where it runs.
    assert at_c.ip_address and at_c.ip_address == at_a.ip_address == at_b.ip_address
    assert balance(customer) == "65.00", balance(customer)
    order = customer("order.OrderService/GetOrder", id=order_id).order
    assert "upstream_product_id" not in order.server_spec.extra_specs, order
    assert "upstream_product_id" not in instance(customer, server.id).server_spec, at_c
    assert (spent(B.account, account_b), spent(C.account, account_c)) == (20.00, 25.00)

    command(customer, "Stop", server.id, "stopped")
    assert at_sandbox(at_a) == "stopped"
    command(customer, "Start", server.id, "running")
    assert at_sandbox(at_a) == "running"
    customer("instance.InstanceService/RestartInstance", id=server.id)
    wait_until(lambda: all(one.desired_status == one.status == "running" for one in chain(customer, server.id)),
               "all three are running after the restart", 60, pause=0.2)
    assert at_sandbox(at_a) == "running"

    # C's administrator suspends; whoever resells only stops.
    C.admin("instance.InstanceService/SuspendInstance", id=server.id, reason="a test")
    wait_until(lambda: instance(customer, server.id).status == "suspended", "suspended at C", 120, pause=0.2)
    assert at_sandbox(at_a) == "stopped"
    try:
        customer("instance.InstanceService/StartInstance", id=server.id)
    except RpcError as error:
        assert error.code == "FAILED_PRECONDITION", error
    else:
        raise AssertionError("a customer started what is suspended")
    C.admin("instance.InstanceService/UnsuspendInstance", id=server.id)
    wait_until(lambda: instance(customer, server.id).status == "running", "running again", 120, pause=0.2)
    assert at_sandbox(at_a) == "running"

    command(customer, "Terminate", server.id, "terminated")
    assert [one.status for one in chain(customer, server.id)] == ["terminated"] * 3
    assert at_a.provider_instance_id not in [kept["id"] for kept in servers_at_sandbox()]
    ledgers_verify()


def what_a_suspends_is_seen_at_c_and_lifted_again():
    customer = new_customer()
    order_id = buy(customer)
    ends_as(customer, order_id, {"active"})
    server = instance_of(customer, order_id)
    _, at_b, at_a = chain(customer, server.id)
    A.admin("instance.InstanceService/SuspendInstance", id=at_a.id, reason="the reseller owes A money")
    wait_until(lambda: instance(A.admin, at_a.id).status == "suspended", "suspended at A", 60, pause=0.2)
    # A command makes the shops look; the clock would too, a quarter of an hour later.
    customer("instance.InstanceService/RestartInstance", id=server.id)
    wait_until(lambda: instance(customer, server.id).status == "suspended", "the state comes up to C", 180, pause=0.5)
    seen = instance(customer, server.id)
    assert "owes" not in seen.status_reason and not seen.provider_message, seen
    assert instance(B.admin, at_b.id).provider_message, "B's administrator is told what is wrong"
    A.admin("instance.InstanceService/UnsuspendInstance", id=at_a.id)
    wait_until(lambda: instance(A.admin, at_a.id).status == "running", "lifted at A", 60, pause=0.2)
    customer("instance.InstanceService/StartInstance", id=server.id)
    wait_until(lambda: instance(customer, server.id).status == "running", "it runs again at C", 180, pause=0.5)
    assert not instance(B.admin, at_b.id).provider_message
    command(customer, "Terminate", server.id, "terminated")
    ledgers_verify()


def what_a_refuses_is_refunded_in_full_all_the_way_down():
    before = balance(B.account), balance(C.account)
    customer = new_customer()
    order_id = buy(customer, "fail")
    ended = ends_as(customer, order_id, {"cancelled", "refunded"})
    assert "sandbox" not in ended.status_reason and not ended.provider_message, ended
    assert balance(customer) == DEPOSIT, balance(customer)
    wait_until(lambda: (balance(B.account), balance(C.account)) == before, "both resellers have their money back", 60)
    assert "sandbox was asked to fail" in A.shop.postgres.value(
        "SELECT string_agg(provider_message, ' ') FROM instances"), "A's administrator reads why"
    ledgers_verify()


def a_lost_answer_at_the_sandbox_opens_no_second_server():
    running = len(servers_at_sandbox())
    customer = new_customer()
    ends_as(customer, buy(customer, "lose_answer"), {"active"})
    assert len(servers_at_sandbox()) == running + 1
    ledgers_verify()


def killed_while_opening(victim, point):
    """`victim` dies at the kill point of an opening; started again, it goes on where it was."""
    running = len(servers_at_sandbox())
    before = float(balance(B.account)), float(balance(C.account))
    victim.shop.servers[0].stop()
    victim.shop.servers[0].environment["RB_KILL_AT"] = point
    victim.shop.servers[0].start()
    victim.shop.servers[0].wait_ready()
    customer = new_customer()
    order_id = buy(customer)
    killed = victim.shop.servers[0].child.process
    wait_until(lambda: killed.poll() is not None, f"{victim.name} dies at {point}", 60)
    assert killed.returncode == -signal.SIGKILL, killed.returncode
    del victim.shop.servers[0].environment["RB_KILL_AT"]
    victim.start_again()
    ends_as(customer, order_id, {"active"}, 300)
    assert len(servers_at_sandbox()) == running + 1, "a second server"
    at_c, at_b, at_a = chain(customer, instance_of(customer, order_id).id)
    assert (at_c.status, at_b.status, at_a.status) == ("running",) * 3
    after = float(balance(B.account)), float(balance(C.account))
    assert [round(old - new, 2) for old, new in zip(before, after)] == [20.00, 25.00], "paid for once"
    ledgers_verify()


def b_dies_between_asking_a_and_hearing_it():
    killed_while_opening(B, "after-call:open")


def a_dies_with_the_order_paid_and_nothing_told():
    killed_while_opening(A, "after:pay_order")


def a_dies_having_opened_the_server():
    killed_while_opening(A, "after-call:open")


def an_empty_account_upstream_is_nothing_a_customer_reads_about():
    held = balance(B.account)
    A.admin("balance.BalanceService/AdjustBalance", customer_id=B.account.customer_id, amount=f"-{held}", reason="test")
    account_c = balance(C.account)
    customer = new_customer()
    order_id = buy(customer)
    ended = ends_as(customer, order_id, {"cancelled", "refunded"})
    for word in ("balance", "余额", "credit limit", "20.00", "25.00", "upstream"):
        assert word not in ended.status_reason, ended.status_reason
    assert not ended.provider_message
    assert balance(customer) == DEPOSIT
    wait_until(lambda: balance(C.account) == account_c, "C has its money back", 60)
    # C's administrator learns no more than any customer of B; B's learns what to do.
    assert "credit limit" not in order_of(C.admin, order_id).provider_message
    at_b = B.admin("order.OrderService/ListOrders").orders[0]
    assert "do not cover 20.00" in at_b.provider_message, at_b
    orders = A.admin("order.OrderService/ListOrders").orders
    assert orders[0].status == "cancelled", "what nobody will pay does not stay open at A"
    A.shop.recharge(B.account, A.admin, FUNDS)
    ledgers_verify()


def an_order_that_is_cancelled_while_a_opens_it_leaves_nothing():
    running = len(servers_at_sandbox())
    before = balance(B.account), balance(C.account)
    customer = new_customer()
    order_id = buy(customer, "stall")
    wait_until(lambda: len(servers_at_sandbox()) == running + 1, "A opens it", 60, pause=0.2)
    customer("order.OrderService/CancelOrder", id=order_id, reason="changed my mind")
    assert balance(customer) == DEPOSIT
    wait_until(lambda: (balance(B.account), balance(C.account)) == before, "both resellers have their money back", 180)
    wait_until(lambda: len(servers_at_sandbox()) == running, "nothing is left at the sandbox", 180, pause=0.5)
    ledgers_verify()


def a_revoked_key_is_reported_as_unhealthy():
    healthy = B.health()
    assert healthy.is_healthy and "balance upstream" in healthy.message, healthy
    B.account("downstream.ApiKeyService/RevokeApiKey", id=B.key.id)
    revoked = B.health()
    assert not revoked.is_healthy and revoked.message, revoked
    assert B.key.api_key not in revoked.message
    # A key that may not read what we need is none either.
    narrow = B.new_key(scopes=["orders.read", "orders.write"])
    B.configure(api_key=narrow.api_key)
    lacking = B.health()
    assert not lacking.is_healthy and "instances.read" in lacking.message, lacking
    B.key = B.new_key(scopes=["orders.read", "orders.write", "instances.read", "instances.write", "balance.read"])
    B.configure(api_key=B.key.api_key)
    assert B.health().is_healthy, B.health()
    customer = new_customer()
    ends_as(customer, buy(customer), {"active"})


def an_upstream_behind_tls_is_believed_by_its_authority_alone():
    front = TlsFront(private_folder("tls"), free_port(), B.upstream.shop.servers[0].port)
    B.configure(endpoint=front.url)
    strange = B.health()
    assert not strange.is_healthy, "a certificate nobody vouches for was taken"
    B.configure(ca=front.certificate)
    trusted = B.health()
    assert trusted.is_healthy, trusted
    B.configure(endpoint=A.url())
    # Without the administrator's word no private address is called.
    B.configure(allow_private=False)
    private = B.health()
    assert not private.is_healthy and "private" in private.message, private
    B.configure(allow_private=True)
    front.stop()


def what_a_sells_no_more_is_taken_off_sale():
    A.admin("product.ProductService/UpdateProduct", id=A.product.id, active=False)
    listed = B.catalogue()
    assert [one.id for one in listed.vanished] == [B.product.id] and not listed.products, listed
    other = A.shop.product(A.admin, "sandbox", {"memory_gb": "2"}, "40.00")
    lines = {line.outcome: line for line in B.admin(
        "upstream.UpstreamService/ImportUpstreamProducts", provider_id="upstream",
        upstream_product_ids=[other.id], markup_ratio="1.25").lines}
    assert lines["vanished"].product.id == B.product.id and not lines["vanished"].product.active
    assert lines["created"].product.price == "50.00"
    # One shop further down the vanished one is sold until C looks: then nobody is served, and nobody pays.
    customer = new_customer()
    order_id = buy(customer)
    ends_as(customer, order_id, {"cancelled", "refunded"})
    assert balance(customer) == DEPOSIT
    ledgers_verify()


def prices_follow_a_markup():
    line = B.admin("upstream.UpstreamService/RepriceProducts", provider_id="upstream", markup_ratio="1.333",
                   preview=True).lines[0]
    assert (line.old_price, line.product.price) == (PRICE_AT_B, "26.66"), line
    assert B.admin("product.ProductService/GetProduct", id=B.product.id).product.price == PRICE_AT_B
    try:
        B.admin("upstream.UpstreamService/RepriceProducts", provider_id="upstream", markup_ratio="1.33333")
    except RpcError as error:
        assert error.code == "INVALID_ARGUMENT" and "markup_ratio" in error.message, error
    else:
        raise AssertionError("a ratio with five places was taken")


if __name__ == "__main__":
    open_shops()
    stories.run([a_catalogue_travels_down_with_its_costs, prices_follow_a_markup,
                 a_server_lives_at_a_and_is_commanded_from_c, what_a_suspends_is_seen_at_c_and_lifted_again,
                 what_a_refuses_is_refunded_in_full_all_the_way_down,
                 a_lost_answer_at_the_sandbox_opens_no_second_server,
                 b_dies_between_asking_a_and_hearing_it, a_dies_with_the_order_paid_and_nothing_told,
                 a_dies_having_opened_the_server, an_empty_account_upstream_is_nothing_a_customer_reads_about,
                 an_order_that_is_cancelled_while_a_opens_it_leaves_nothing,
                 a_revoked_key_is_reported_as_unhealthy, an_upstream_behind_tls_is_believed_by_its_authority_alone,
                 what_a_sells_no_more_is_taken_off_sale])
