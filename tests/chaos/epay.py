"""A payment provider of the EPay protocol, as gateway-yipay speaks with it: it reports what was paid by
a signed query string, and answers when it is asked.
"""

import hashlib
import http.server
import json
import threading
import urllib.parse

MERCHANT, KEY = "1001", "the key that the shop and its gateway share"


def signed(fields):
    """EPay: MD5 over the sorted non-empty fields and the key."""
    text = "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if value != "")
    return {**fields, "sign": hashlib.md5((text + KEY).encode()).hexdigest(), "sign_type": "MD5"}


def callback_path(interface, trade_no, out_trade_no, amount):
    fields = signed({"pid": MERCHANT, "trade_no": trade_no, "out_trade_no": out_trade_no, "type": "alipay",
                     "name": "order", "money": amount, "trade_status": "TRADE_SUCCESS"})
    return f"/callbacks/{interface}?" + urllib.parse.urlencode(fields)


def interface_config(endpoint):
    return json.dumps({"endpoint": endpoint, "pid": MERCHANT, "key": KEY, "mode": "submit", "allow_private": True})


class EPay:
    """The provider's own server. It knows what its payers have paid and nothing else."""

    def __init__(self):
        self.paid = {}  # out_trade_no: amount
        provider = self

        class Api(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                body = json.dumps(provider.look_up(asked.get("out_trade_no", ""))).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                try:
                    self.end_headers()
                    self.wfile.write(body)
                except BrokenPipeError:
                    pass  # who asked was killed meanwhile

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def look_up(self, out_trade_no):
        amount = self.paid.get(out_trade_no)
        if amount is None:
            return {"code": -1, "msg": "no such order"}
        return {"code": 1, "out_trade_no": out_trade_no, "trade_no": "epay-" + out_trade_no, "status": 1,
                "money": amount}

    def pay(self, interface, payment_url, amount):
        """What the payer does with the address he was given; the path of the callback that reports it."""
        out_trade_no = urllib.parse.parse_qs(urllib.parse.urlsplit(payment_url).query)["out_trade_no"][0]
        self.paid[out_trade_no] = amount
        return callback_path(interface, "epay-" + out_trade_no, out_trade_no, amount)
