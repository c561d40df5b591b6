#!/usr/bin/python3
"""A merchant service of the EPay protocol for tests: one merchant (1000, key k3y), kept in memory.

    with EpayPeer() as peer: … peer.url …     in a test
    tests/plugins/epay_peer.py 7788           by hand, to record a cassette against it

Requests are believed with the right signature or key only, as the real services do. Payments whose
number begins with P1 are paid.
"""

import hashlib
import hmac
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

MERCHANT = "1000"
KEY = "k3y"


def sign(fields):
    named = sorted((name, value) for name, value in fields.items() if value and name not in ("sign", "sign_type"))
    return hashlib.md5(("&".join(f"{name}={value}" for name, value in named) + KEY).encode()).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def answer(self, body):
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def handle_call(self):
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        fields = dict(parse_qsl(url.query) + parse_qsl(self.rfile.read(length).decode()))
        if url.path == "/mapi.php":
            self.answer(self.mapi(fields))
        elif url.path == "/api.php":
            self.answer(self.api(fields))
        else:
            self.send_error(404)

    do_GET = do_POST = handle_call

    def mapi(self, fields):
        if not hmac.compare_digest(sign(fields), fields.get("sign", "")):
            return {"code": -1, "msg": "sign"}
        return {"code": 1, "trade_no": "T1", "qrcode": "https://qr.example/T1"}

    def api(self, fields):
        if fields.get("pid") != MERCHANT or fields.get("key") != KEY:
            return {"code": -1, "msg": "merchant"}
        if fields["act"] == "query":
            return {"code": 1, "pid": int(MERCHANT)}
        number = fields.get("out_trade_no", "")
        if not number.startswith("P1"):
            return {"code": -1, "msg": "no such order"}
        if fields["act"] == "refund":
            return {"code": 1, "msg": "ok"}
        return {"code": 1, "pid": int(MERCHANT), "trade_no": "T1", "out_trade_no": number, "money": "29.00", "status": 1}

    def log_message(self, *_):
        pass


class EpayPeer:
    def __init__(self, port=0):
        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


if __name__ == "__main__":
    EpayPeer(int(sys.argv[1])).server.serve_forever()
