"""Calls RPCs of a server as curl would: the Connect protocol's unary JSON, standard library only."""

import http.client
import json


class CallError(Exception):
    """The server's answer was an error: `code` as the Connect protocol spells it, and its sentence."""

    def __init__(self, method, code, message):
        super().__init__(f"{method}: {code}: {message}")
        self.code = code
        self.message = message


class ConnectClient:
    """One caller. Remembers the session cookie or token that signing in gave."""

    def __init__(self, host, port):
        self.connection = http.client.HTTPConnection(host, port, timeout=60)
        self.credential = {}

    def close(self):
        self.connection.close()

    def call(self, method, **request):
        """`method` is "order.OrderService/PayOrder"; fields are named as in the proto files."""
        headers = {"Content-Type": "application/json", **self.credential}
        self.connection.request("POST", f"/rustbill.{method}", json.dumps(request), headers)
        answer = self.connection.getresponse()
        body = answer.read()
        try:
            message = json.loads(body or b"{}")
        except ValueError:
            raise CallError(method, f"http {answer.status}", body[:200].decode("utf-8", "replace")) from None
        if answer.status != 200:
            raise CallError(method, message.get("code", f"http {answer.status}"), message.get("message", ""))
        cookie = answer.getheader("Set-Cookie")
        if cookie:
            self.credential = {"Cookie": cookie.split(";")[0]}
        return message

    def sign_in(self, username, password, user_type):
        answer = self.call("identity.IdentityService/Login", username=username, password=password,
                           user_type=user_type)
        if user_type == "customer":
            self.credential = {"Authorization": f"Bearer {answer['accessToken']}"}
        return answer
