#!/usr/bin/python3
"""Pain 22 (no MFA), from outside: an authenticator app and recovery codes over gRPC-Web, on two servers
of one database, and the operator's two commands. What a browser does is in second_factors_page.py.
"""

import base64
import concurrent.futures
import hashlib
import hmac
import os
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))

import stories  # noqa: E402
from child_process import Postgres, wait_until  # noqa: E402
from grpc_web import RpcError  # noqa: E402
from shop import ADMIN_PASSWORD, CUSTOMER_PASSWORD, Shop  # noqa: E402

SHOP = Shop(Postgres())
STEP = 30


def code_of(secret, step):
    """RFC 6238 with its defaults, as apps have it."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7fffffff) % 10 ** 6:06d}"


class App:
    """An authenticator app that never shows a code twice: after the current step comes the next, which
    the server takes early."""

    def __init__(self, secret):
        self.secret = secret
        self.last = 0

    def code(self):
        wait_until(lambda: self.last <= int(time.time()) // STEP, "a new code", 2 * STEP)
        self.last = max(self.last + 1, int(time.time()) // STEP)
        return code_of(self.secret, self.last)


def refused(status, call, *arguments, **fields):
    try:
        call(*arguments, **fields)
    except RpcError as error:
        assert error.code == status, f"{error.code}: {error.message}"
        return error
    raise AssertionError(f"was not refused with {status}")


def enrol(client, password):
    begun = client("identity.IdentityService/BeginTotp", password=password)
    assert begun.uri.startswith("otpauth://totp/") and begun.qr_code.startswith("data:image/svg+xml;base64,"), begun
    app = App(begun.secret)
    confirmed = client("identity.IdentityService/ConfirmTotp", enrolment=begun.enrolment, code=app.code())
    return app, list(confirmed.recovery_codes)


def login(client, username, password, user_type="customer", code=""):
    return client("identity.IdentityService/Login", username=username, password=password, user_type=user_type, code=code)


def a_customer_needs_the_app_from_then_on_and_his_old_client_hears_why():
    customer = SHOP.customer()
    app, codes = enrol(customer, CUSTOMER_PASSWORD)
    assert len(codes) == 10, codes
    assert customer("identity.IdentityService/GetMe").user.username == customer.username, "who enrols stays signed in"
    stranger = SHOP.client(1)
    error = refused("UNAUTHENTICATED", login, stranger, customer.username, CUSTOMER_PASSWORD)
    assert error.message.startswith("code:"), error.message
    refused("UNAUTHENTICATED", login, stranger, customer.username, CUSTOMER_PASSWORD, code="000000")
    assert login(stranger, customer.username, CUSTOMER_PASSWORD, code=app.code()).access_token


def a_code_shown_to_two_servers_at_the_same_moment_lets_one_in():
    customer = SHOP.customer()
    app, codes = enrol(customer, CUSTOMER_PASSWORD)
    for code in (app.code(), codes[0]):
        def attempt(number, code=code):
            try:
                login(SHOP.client(number % 2), customer.username, CUSTOMER_PASSWORD, code=code)
                return 1
            except RpcError as error:
                assert error.code == "UNAUTHENTICATED", error
                return 0
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(attempt, range(6))) == 1


def the_secret_is_readable_after_a_restart_and_nowhere_in_the_logs():
    customer = SHOP.customer()
    app, codes = enrol(customer, CUSTOMER_PASSWORD)
    SHOP.servers[1].stop()
    SHOP.servers[1].start()
    SHOP.servers[1].wait_ready()
    assert login(SHOP.client(1), customer.username, CUSTOMER_PASSWORD, code=app.code()).access_token
    # Who is refused is told of at WARN, by what is known of him and never by what he typed.
    refused("UNAUTHENTICATED", login, SHOP.client(), customer.username, "a wrong password")
    refused("UNAUTHENTICATED", login, SHOP.client(), customer.username, CUSTOMER_PASSWORD, code="000000")
    with open(SHOP.servers[0].log, encoding="utf-8") as log:
        *_, password, code = [line for line in log if "sign-in refused" in line]
    assert "WARN" in password and "wrong password of" in password and "a wrong password" not in password, password
    assert "WARN" in code and "wrong code 1 of" in code and "000000" not in code, code
    for server in SHOP.servers:
        with open(server.log, encoding="utf-8") as log:
            text = log.read()
        assert app.secret not in text and not any(code in text for code in codes)
    (sealed,), = SHOP.postgres.rows("SELECT sealed_secret FROM user_totp_secrets ORDER BY created_at DESC LIMIT 1")
    assert sealed.startswith("sealed:v1:"), sealed


def an_operator_can_require_one_of_administrators():
    admin = SHOP.admin()
    hidden = SHOP.product(admin, "sandbox", {"cpu_cores": "1"})
    admin("product.ProductService/UpdateProduct", id=hidden.id, active=False)
    code, said = SHOP.cli("user", "factors", "require", "on")
    assert code == 0, said
    try:
        refused("PERMISSION_DENIED", admin, "order.OrderService/ListOrders")
        fresh = SHOP.admin(1)
        assert fresh("identity.IdentityService/ListSecondFactors").is_required
        refused("PERMISSION_DENIED", fresh, "customer.CustomerService/ListCustomers")
        # Of what everybody may ask he sees no more than everybody.
        refused("NOT_FOUND", fresh, "product.ProductService/GetProduct", id=hidden.id)
        app, _ = enrol(fresh, ADMIN_PASSWORD)
        fresh("customer.CustomerService/ListCustomers")
        assert not fresh("product.ProductService/GetProduct", id=hidden.id).product.active
        refused("UNAUTHENTICATED", login, SHOP.client(), "admin", ADMIN_PASSWORD, "admin")
        again = SHOP.client()
        login(again, "admin", ADMIN_PASSWORD, "admin", app.code())
    finally:
        SHOP.cli("user", "factors", "require", "off")
    # He has lost his phone.
    code, said = SHOP.cli("user", "factors", "clear", "--username", "admin")
    assert code == 0 and "totp_removed" in said, said
    refused("UNAUTHENTICATED", fresh, "identity.IdentityService/GetMe")
    SHOP.admin()
    code, said = SHOP.cli("user", "factors", "clear", "--username", "nobody")
    assert code == 2 and "no such admin" in said, said
    assert SHOP.cli("user", "factors", "require", "maybe")[0] == 2
    actions = [action for action, in SHOP.postgres.rows(
        "SELECT action FROM operation_logs WHERE actor_kind = 'cli' ORDER BY created_at, id")]
    assert actions == ["sign_in_policy.update", "sign_in_policy.update", "user.clear_second_factors"], actions


def main():
    SHOP.add_server()
    SHOP.add_server()
    stories.run([
        a_customer_needs_the_app_from_then_on_and_his_old_client_hears_why,
        a_code_shown_to_two_servers_at_the_same_moment_lets_one_in,
        the_secret_is_readable_after_a_restart_and_nowhere_in_the_logs,
        an_operator_can_require_one_of_administrators,
    ])


if __name__ == "__main__":
    main()
