"""Fills an empty shop through its public API: interfaces, catalogue, a demo customer with a balance.

Every step looks before it creates, so a seeding that was interrupted goes on where it stopped.
"""

import json
import os

from connect_client import CallError

# The ids by which products and payments name the interfaces.
SANDBOX = "sandbox"
BANK = "bank"
INCUS = "incus"

OPENING_BALANCE = "500.00"


def price(minor):
    return f"{minor // 100}.{minor % 100:02d}"


def cycles_of(monthly):
    """Three months at 95 %, twelve for the price of ten; rounded down to whole yuan."""
    return {"monthly": price(monthly), "quarterly": price(monthly * 3 * 95 // 100 // 100 * 100),
            "yearly": price(monthly * 10)}


def all_of(admin, method, field, **request):
    answer = admin.call(method, pagination={"page": 1, "page_size": 100}, **request)
    return answer.get(field, [])


def ensure_interface(admin, plugin_id, interface_id, name, config):
    known = all_of(admin, "integration.PluginService/ListPluginInterfaces", "interfaces")
    if all(one["id"] != interface_id for one in known):
        admin.call("integration.PluginService/CreatePluginInterface", plugin_id=plugin_id, id=interface_id,
                   name=name, config=json.dumps(config, ensure_ascii=False), enabled=True)


def ensure_named(admin, service, field, listed, existing, **record):
    """The id of the record of this name, made when there is none."""
    for one in existing:
        if one["name"] == record["name"]:
            return one["id"]
    noun = service.partition(".")[2].removesuffix("Service")
    return admin.call(f"{service}/Create{noun}", **record)[field]["id"]


def seed_catalogue(admin, provider_id, categories):
    known_categories = all_of(admin, "product.ProductCategoryService/ListProductCategories", "categories")
    for order, category in enumerate(categories, 1):
        category_id = ensure_named(admin, "product.ProductCategoryService", "category", "categories", known_categories,
                                   name=category["name"], description=category["description"], sort_order=order)
        known_groups = all_of(admin, "product.ProductGroupService/ListProductGroups", "groups", category_id=category_id)
        for place, group in enumerate(category["groups"], 1):
            group_id = ensure_named(admin, "product.ProductGroupService", "group", "groups", known_groups,
                                    name=group["name"], description=group["description"], sort_order=place,
                                    category_id=category_id)
            known = all_of(admin, "product.ProductService/ListProducts", "products", group_id=group_id)
            for number, product in enumerate(group["products"], 1):
                ensure_named(admin, "product.ProductService", "product", "products", known,
                             **product_record(product, group, group_id, provider_id, number))


def product_record(product, group, group_id, provider_id, number):
    specs = {key: str(product[key]) for key in ("cpu_cores", "memory_gb", "disk_gb", "bandwidth_mbps")}
    specs |= {"region": group["region"], "os": group.get("os", "debian-12")}
    return {
        "name": product["name"],
        "description": f"{product['cpu_cores']} vCPU · {product['memory_gb']} GB · {product['disk_gb']} GB SSD · "
                       f"{product['bandwidth_mbps']} Mbps",
        "price": price(product["monthly"]), "provider_id": provider_id, "group_id": group_id, "specs": specs,
        "billing_cycles": cycles_of(product["monthly"]), "currency": "CNY", "active": True, "sort_order": number,
    }


def seed_customer(admin, customer, login):
    """Registers the demo customer and lets him recharge as a person would: he asks for it, transfers
    the money, an administrator confirms it."""
    try:
        customer.call("identity.IdentityService/Register", username=login["username"], email="demo@example.com",
                      display_name="演示客户", password=login["password"])
    except CallError as error:
        if error.code != "already_exists":
            raise
    customer.sign_in(login["username"], login["password"], "customer")
    if customer.call("balance.BalanceService/ListBalanceTransactions").get("transactions"):
        return
    payment = customer.call("balance.BalanceService/Recharge", amount=OPENING_BALANCE, gateway_id=BANK)["payment"]
    admin.call("payment.PaymentService/ConfirmPayment", id=payment["paymentId"], amount=OPENING_BALANCE,
               reference=f"demo-{payment['paymentId']}")


def seed(admin, customer, login):
    with open(os.path.join(os.path.dirname(__file__), "catalogue.json"), encoding="utf-8") as catalogue:
        categories = json.load(catalogue)["categories"]
    ensure_interface(admin, "provider-sandbox", SANDBOX, "沙箱 (Sandbox)", {})
    ensure_interface(admin, "gateway-banktransfer", BANK, "银行转账 (Bank transfer)",
                     {"payee": "示例科技有限公司", "bank": "示例银行上海分行", "account": "6200 0000 0000 0000"})
    seed_catalogue(admin, SANDBOX, categories)
    seed_customer(admin, customer, login)
