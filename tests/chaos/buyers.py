"""Customers as their programs behave: a call whose answer is lost is repeated, at another server, with the
same idempotency key."""

import http.client
import json
import random
import threading
import time

from grpc_web import GrpcWebClient, RpcError

PRICE, DEPOSIT = "30.00", "100.00"
GIVE_UP_SECS = 240
# A server the sandbox fails to open, so that refunds happen too.
DOOMED = {"sandbox": "fail"}
LOST_ANSWERS = (OSError, http.client.HTTPException, AssertionError)
WORTH_REPEATING = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED", "INTERNAL", "RESOURCE_EXHAUSTED"}


def open_shop(shop):
    """The operator's part: a way to pay, a provider, a product; keeps the administrator's session."""
    admin = shop.admin()
    shop.admin_metadata = dict(admin.metadata)
    shop.interface(admin, "gateway-banktransfer", "bank", json.dumps(
        {"payee": "示例科技有限公司", "bank": "示例银行", "account": "6200 0000 0000 0000"}))
    shop.interface(admin, "provider-sandbox", "sandbox")
    return shop.product(admin, "sandbox", {"cpu_cores": "1", "memory_gb": "1", "disk_gb": "10"}, PRICE)


class RestlessClient:
    """Repeats a call at one server after the other until it is answered."""

    def __init__(self, shop, metadata, counts):
        self.shop = shop
        self.metadata = metadata
        self.counts = counts
        self.current = None

    def __call__(self, method, key=None, **fields):
        until = time.monotonic() + GIVE_UP_SECS
        while True:
            try:
                if self.current is None:
                    self.current = GrpcWebClient("127.0.0.1", random.choice(self.shop.servers).port, timeout=20)
                    self.current.metadata = dict(self.metadata)
                return self.current(method, extra_metadata={"idempotency-key": key} if key else None, **fields)
            except RpcError as error:
                if error.code not in WORTH_REPEATING or time.monotonic() > until:
                    raise
            except LOST_ANSWERS:
                if time.monotonic() > until:
                    raise
            self.counts["repeated calls"] += 1
            self.current = None
            time.sleep(random.uniform(0.05, 0.4))


class Buyer(threading.Thread):
    """Recharges, has it confirmed, orders, pays; `name` makes his idempotency keys his own."""

    def __init__(self, name, customer, product, shop, counts, doomed=False):
        super().__init__(name=f"buyer-{name}", daemon=True)
        self.product, self.doomed = product, doomed
        self.client = RestlessClient(shop, customer.metadata, counts)
        self.admin = RestlessClient(shop, shop.admin_metadata, counts)
        self.failure = None
        self.order_id = None

    def run(self):
        try:
            self.buy()
        except Exception as failure:  # reported by the main thread
            self.failure = failure

    def buy(self):
        spec = {"cpu_cores": 1, "memory_gb": 1, "disk_gb": 10}
        if self.doomed:
            spec["extra_specs"] = DOOMED
        mine = f"chaos-{self.name}"
        recharge = self.client("balance.BalanceService/Recharge", key=mine + "-recharge", amount=DEPOSIT, gateway_id="bank")
        self.admin("payment.PaymentService/ConfirmPayment", id=recharge.payment.payment_id, amount=DEPOSIT,
                   reference=mine)
        order = self.client("order.OrderService/CreateOrder", key=mine + "-order", product_id=self.product.id,
                            server_spec=spec, currency="CNY", gateway_id="balance", billing_cycle="monthly").order
        self.order_id = order.id
        try:
            self.client("order.OrderService/PayOrder", key=mine + "-pay", order_id=order.id, gateway_id="balance")
        except RpcError as error:
            # The repeat of a payment that went through finds an order that is past paying.
            if error.code != "FAILED_PRECONDITION":
                raise
