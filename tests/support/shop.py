"""A shop under test: servers of ours on one database, an administrator, products, customers.

    shop = Shop(Postgres())
    shop.add_server()
    admin = shop.admin()
    product = shop.product(admin, "provider-sandbox", {"cpu_cores": "1"})
    customer = shop.customer()
"""

import http.client
import itertools
import os
import secrets
import subprocess

from child_process import BUILD, ROOT, ChildProcess, free_port, private_folder, wait_until
from grpc_web import GrpcWebClient

ADMIN_PASSWORD = "correct horse battery staple"
CUSTOMER_PASSWORD = "a customer's own words"
SERVER = os.path.join(BUILD, "bin/rustbill-server")
CLI = os.path.join(BUILD, "bin/rustbill-cli")


class Server:
    """One rustbill-server. `environment` is added to the process's own (kill points and the like)."""

    def __init__(self, config, port, log, environment=None):
        self.port = port
        self.config = config
        self.log = log
        self.environment = {**os.environ, "CONFIG_FILE": config, "LOCAL_CONFIG_FILE": config + ".local",
                            "RUST_LOG": os.environ.get("RUST_LOG", "info"), "RUST_LOG_FORMAT": "json",
                            **(environment or {})}
        self.child = None

    def start(self):
        self.child = ChildProcess([SERVER], self.log, env=self.environment)

    def is_ready(self):
        if not self.child.running():
            raise AssertionError(f"the server ended with {self.child.process.returncode}:\n{self.child.last_words()}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
            connection.request("GET", "/ready")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def wait_ready(self, seconds=30):
        wait_until(self.is_ready, f"server on port {self.port} ready", seconds)

    def stop(self):
        """Drains it; a clean end is exit code 0."""
        code = self.child.terminate()
        assert code == 0, f"the server ended with {code}:\n{self.child.last_words()}"


class Shop:
    def __init__(self, postgres, **sections):
        self.postgres = postgres
        self.folder = private_folder("shop")
        self.sections = {"workers": {}, **sections}
        self.servers = []
        self.secret = secrets.token_hex(32)
        self.names = itertools.count(1)

    def write_config(self, port):
        sections = {
            "server": {"port": port, "max_concurrency": 30},
            "db": {"url": self.postgres.url},
            "jwt": {"secret": self.secret},
            "bootstrap": {"admin_password": ADMIN_PASSWORD},
            "rate_limit": {"enabled": False},
            "plugins": {"plugins_dir": os.path.join(ROOT, "plugins")},
        }
        for section, values in self.sections.items():
            sections[section] = {**sections.get(section, {}), **values}
        path = os.path.join(self.folder, f"server-{port}.toml")
        with open(path, "w", encoding="utf-8") as config:
            for section, values in sections.items():
                config.write(f"[{section}]\n")
                for key, value in values.items():
                    text = str(value).lower() if isinstance(value, bool) else value if isinstance(value, int) else f'"{value}"'
                    config.write(f"{key} = {text}\n")
        os.chmod(path, 0o600)
        return path

    def add_server(self, environment=None, wait=True):
        port = free_port()
        server = Server(self.write_config(port), port, os.path.join(self.folder, f"server-{port}.log"), environment)
        server.start()
        self.servers.append(server)
        if wait:
            server.wait_ready()
        return server

    def client(self, number=0):
        return GrpcWebClient("127.0.0.1", self.servers[number].port)

    def admin(self, number=0):
        client = self.client(number)
        client.sign_in("admin", ADMIN_PASSWORD, "admin")
        return client

    def customer(self, number=0):
        """Registers somebody new and signs him in."""
        client = self.client(number)
        client.username = f"customer{next(self.names)}x{secrets.token_hex(3)}"
        registered = client("identity.IdentityService/Register", username=client.username,
                            email=f"{client.username}@example.com", display_name="客户", password=CUSTOMER_PASSWORD)
        client.customer_id = registered.customer_id
        client.sign_in(client.username, CUSTOMER_PASSWORD)
        return client

    @staticmethod
    def interface(admin, plugin_id, interface_id, config="{}"):
        return admin("integration.PluginService/CreatePluginInterface", plugin_id=plugin_id, id=interface_id,
                     name=interface_id, config=config, enabled=True).interface

    def product(self, admin, provider_id, specs, price="29.00"):
        number = next(self.names)
        category = admin("product.ProductCategoryService/CreateProductCategory", name=f"category {number}").category
        group = admin("product.ProductGroupService/CreateProductGroup", name=f"group {number}",
                      category_id=category.id).group
        return admin("product.ProductService/CreateProduct", name=f"server {number}", price=price,
                     provider_id=provider_id, group_id=group.id, specs=specs,
                     billing_cycles={"monthly": price}, currency="CNY", active=True).product

    def recharge(self, customer, admin, amount):
        """As a person does: asks for it, transfers it, the administrator confirms it."""
        payment = customer("balance.BalanceService/Recharge", amount=amount, gateway_id="bank").payment
        admin("payment.PaymentService/ConfirmPayment", id=payment.payment_id, amount=amount,
              reference=f"transfer {next(self.names)} {payment.payment_id}")

    def cli(self, *words):
        """(exit code, what rustbill-cli said)"""
        ran = subprocess.run([CLI, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, check=False, cwd=self.folder,
                             env={**os.environ, "CONFIG_FILE": self.servers[0].config, "DATABASE_URL": self.postgres.url})
        return ran.returncode, ran.stdout.strip()

    def ledger_verifies(self):
        """(verdict, what rustbill-cli said)"""
        code, said = self.cli("ledger", "verify")
        return code == 0, said

    def stop(self):
        for server in self.servers:
            if server.child.running():
                server.stop()
