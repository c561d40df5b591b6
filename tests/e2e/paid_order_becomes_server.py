#!/usr/bin/python3
"""The main job, with only the wire contract's messages on the customer's side: he registers, orders, pays
by bank transfer, and ends with a real Incus container running, which he sees, stops, starts and
terminates. What an operator does first (interfaces, products) and confirms goes through his own API.
"""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))

import stories  # noqa: E402
from child_process import Postgres, start_peer, wait_until  # noqa: E402
from grpc_web import RpcError  # noqa: E402
from shop import Shop  # noqa: E402

PRICE = "29.00"
SHOP = None


def shop():
    global SHOP
    if SHOP is None:
        SHOP = Shop(Postgres())
        SHOP.add_server()
        SHOP.interface(SHOP.admin(), "gateway-banktransfer", "bank", json.dumps(
            {"payee": "示例科技有限公司", "bank": "示例银行", "account": "6200 0000 0000 0000"}))
    return SHOP


def order_status(customer, order_id):
    return customer("order.OrderService/GetOrder", id=order_id).order.status


def instance_of(customer, order_id):
    found = [one for one in customer("instance.InstanceService/ListInstances").instances if one.order_id == order_id]
    assert len(found) == 1, f"{len(found)} instances for one order"
    return found[0]


def instance_status(customer, instance_id):
    return customer("instance.InstanceService/GetInstance", id=instance_id).instance.status


def command(customer, verb, instance_id, status):
    customer(f"instance.InstanceService/{verb}Instance", id=instance_id)
    wait_until(lambda: instance_status(customer, instance_id) == status, f"{verb} makes it {status}", 60, pause=0.2)


def buy_by_transfer(customer, admin, product, spec):
    """Orders, starts a bank transfer, has it confirmed; returns the order's id."""
    created = customer("order.OrderService/CreateOrder", product_id=product.id, provider_id=product.provider_id,
                       server_spec=spec, currency="CNY", gateway_id="bank", billing_cycle="monthly")
    assert created.order.status == "pending" and created.order.amount == PRICE, created
    payment = customer("order.OrderService/PayOrder", order_id=created.order.id, gateway_id="bank").payment
    assert payment.instructions, "a bank transfer tells where to pay"
    admin("payment.PaymentService/ConfirmPayment", id=payment.payment_id, amount=PRICE,
          reference=f"transfer of {payment.payment_id}")
    return created.order.id


def live_through(customer, admin, product, spec, exists_at_provider):
    """From order to termination; `exists_at_provider(instance)` asks the provider itself."""
    order_id = buy_by_transfer(customer, admin, product, spec)
    wait_until(lambda: order_status(customer, order_id) == "active", "the order is active", 90, pause=0.2)
    instance = instance_of(customer, order_id)
    assert instance.status == "running", instance
    assert instance.ip_address, "a running server has an address"
    assert exists_at_provider(instance) == "running"

    seen = customer("instance.InstanceService/GetInstance", id=instance.id)
    assert {"stop", "restart", "terminate"} <= {action.id for action in seen.actions}, seen.actions

    command(customer, "Stop", instance.id, "stopped")
    assert exists_at_provider(instance) == "stopped"
    command(customer, "Start", instance.id, "running")
    assert exists_at_provider(instance) == "running"
    command(customer, "Restart", instance.id, "running")
    command(customer, "Terminate", instance.id, "terminated")
    assert exists_at_provider(instance) is None, "a terminated server is gone at the provider"
    good, said = shop().ledger_verifies()
    assert good, said


def a_customer_ends_with_a_real_incus_container():
    peer = start_peer("incus-up", ends_with="incus-down")

    def text_of(name):
        with open(peer[name], encoding="ascii") as file:
            return file.read()

    def at_incus(instance):
        listed = subprocess.run(["incus", "list", "--format", "json"], check=True, stdout=subprocess.PIPE, text=True,
                                env={**os.environ, "INCUS_SOCKET": peer["RB_INCUS_SOCKET"],
                                     "INCUS_CONF": os.path.dirname(peer["RB_INCUS_CERT"]) + "/client"}).stdout
        states = [one["status"].lower() for one in json.loads(listed) if one["name"] == instance.provider_instance_id]
        return states[0] if states else None

    admin = shop().admin()
    shop().interface(admin, "provider-incus", "incus", json.dumps({
        "endpoint": peer["RB_INCUS_URL"], "client_certificate": text_of("RB_INCUS_CERT"),
        "client_key": text_of("RB_INCUS_KEY"), "server_certificate": text_of("RB_INCUS_SERVER_CERT"),
        "image": peer["RB_INCUS_IMAGE"]}))
    specs = {"cpu_cores": "1", "memory_gb": "1", "disk_gb": "1", "os": peer["RB_INCUS_IMAGE"]}
    product = shop().product(admin, "incus", specs, PRICE)
    live_through(shop().customer(), admin, product,
                 {"cpu_cores": 1, "memory_gb": 1, "disk_gb": 1, "os": peer["RB_INCUS_IMAGE"]}, at_incus)


def a_customer_ends_with_a_running_libvirt_domain():
    peer = start_peer("libvirt-up")

    def at_libvirt(instance):
        asked = subprocess.run(["virsh", "-q", "-c", peer["RB_LIBVIRT_URI"], "domstate", instance.provider_instance_id],
                               check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               env={**os.environ, "LC_ALL": "C"})
        words = {"running": "running", "shut off": "stopped"}
        return words[asked.stdout.strip()] if asked.returncode == 0 else None

    admin = shop().admin()
    shop().interface(admin, "provider-kvm", "kvm", json.dumps({
        "uri": peer["RB_LIBVIRT_URI"], "pool": peer["RB_LIBVIRT_POOL"], "image": peer["RB_LIBVIRT_IMAGE"]}))
    specs = {"cpu_cores": "1", "memory_gb": "1", "os": peer["RB_LIBVIRT_IMAGE"]}
    product = shop().product(admin, "kvm", specs, PRICE)
    live_through(shop().customer(), admin, product,
                 {"cpu_cores": 1, "memory_gb": 1, "os": peer["RB_LIBVIRT_IMAGE"]}, at_libvirt)
    volumes = subprocess.run(["virsh", "-q", "-c", peer["RB_LIBVIRT_URI"], "vol-list", peer["RB_LIBVIRT_POOL"]],
                             check=True, stdout=subprocess.PIPE, text=True).stdout
    assert "rb-" not in volumes, f"a terminated server leaves no volume: {volumes}"


def sandbox_product():
    admin = shop().admin()
    known = admin("integration.PluginService/ListPluginInterfaces").interfaces
    if all(one.id != "sandbox" for one in known):
        shop().interface(admin, "provider-sandbox", "sandbox")
    return admin, shop().product(admin, "sandbox", {"cpu_cores": "1", "memory_gb": "1", "disk_gb": "10"}, PRICE)


def at_sandbox(instance):
    """The state in the sandbox's own storage, read past the product."""
    rows = shop().postgres.rows("SELECT value FROM plugin_kv WHERE interface_id = 'sandbox'")
    for (value,) in rows:
        kept = json.loads(value)
        if isinstance(kept, dict) and kept.get("id") == instance.provider_instance_id:
            return kept["state"] if kept["state"] != "terminated" else None
    return None


def the_same_on_the_sandbox():
    admin, product = sandbox_product()
    live_through(shop().customer(), admin, product, {"cpu_cores": 1, "memory_gb": 1, "disk_gb": 10}, at_sandbox)


def a_stranger_learns_nothing_of_another_ones_order():
    admin, product = sandbox_product()
    owner, stranger = shop().customer(), shop().customer()
    order_id = buy_by_transfer(owner, admin, product, {"cpu_cores": 1, "memory_gb": 1, "disk_gb": 10})
    try:
        stranger("order.OrderService/GetOrder", id=order_id)
    except RpcError as error:
        assert error.code == "NOT_FOUND", error
    else:
        raise AssertionError("a stranger read somebody's order")


if __name__ == "__main__":
    stories.run([a_customer_ends_with_a_real_incus_container,
                 a_customer_ends_with_a_running_libvirt_domain, the_same_on_the_sandbox,
                 a_stranger_learns_nothing_of_another_ones_order])
