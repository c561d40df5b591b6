#!/usr/bin/python3
"""The administrators' page of a whole server, in Chromium, in both languages. Its screenshots stay in
BUILD/test-results/admin-page.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../support"), os.path.join(HERE, "../wire")]

from child_process import BUILD, Postgres, wait_until  # noqa: E402
from node_clients import prepare, run_node, skip  # noqa: E402
from shop import ADMIN_PASSWORD, Shop  # noqa: E402


def main():
    if not os.path.exists("/usr/bin/chromium"):
        skip("Chromium is not installed (make test-setup installs it)")
    prepare()
    shop = Shop(Postgres())
    server = shop.add_server()
    admin = shop.admin()
    shop.interface(admin, "provider-sandbox", "sandbox")
    shop.interface(admin, "gateway-banktransfer", "bank", '{"payee": "示例科技有限公司", "bank": "示例银行", "account": "6200"}')
    # Asked how it is as soon as it is there, not at the next round of questions a minute later.
    wait_until(lambda: all(one.is_healthy for one in admin("integration.IntegrationService/ListProviders").providers)
               and all(one.is_healthy for one in admin("integration.IntegrationService/ListGateways").gateways),
               "what was just set up is known to work", 10)
    # What waits for people, as a worker and the sweep leave it.
    shop.postgres.rows("""
        INSERT INTO events (id, kind, subject_id, attempts, last_error, dead)
            VALUES (gen_random_uuid(), 'provision_order', gen_random_uuid(), 10, '<b>no room</b>', true);
        INSERT INTO provider_orphans (provider_id, provider_instance_id, state, ip_address, first_seen_at, last_seen_at)
            VALUES ('sandbox', 'lost-1', 'running', '192.0.2.7', now() - interval '2 days', now() + interval '1 hour')""")
    pictures = os.path.join(BUILD, "test-results/admin-page")
    os.makedirs(pictures, exist_ok=True)
    _, failed = run_node("admin_page.mjs", f"http://127.0.0.1:{server.port}", ADMIN_PASSWORD, pictures)
    shop.stop()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
