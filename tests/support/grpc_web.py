"""A gRPC-Web client as deployed ones are: binary, over HTTP/1.1, errors read from the headers.

    call = GrpcWebClient("127.0.0.1", 50051)
    products = call("product.ProductService/ListProducts").products

Messages come from proto/ by protoc, into the build folder. What the wire contract fixes about the
transport is asserted on every answer.
"""

import fcntl
import glob
import http.client
import importlib
import os
import select
import struct
import subprocess
import sys
import urllib.parse

from child_process import BUILD, ROOT

CODES = ("OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED "
         "RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE "
         "DATA_LOSS UNAUTHENTICATED").split()

try:
    from google.protobuf import symbol_database
except ImportError:
    # Nothing a test that imports us claims can be tried: ctest's word for that.
    print("python3-protobuf is not installed (make test-setup installs it)")
    sys.exit(77)


def generate():
    """Compiles proto/rustbill into Python, once, and imports it."""
    folder = os.path.join(BUILD, "tests", "python-proto")
    os.makedirs(folder, exist_ok=True)
    sources = sorted(glob.glob(os.path.join(ROOT, "proto/rustbill/*.proto")))
    with open(os.path.join(folder, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        newest = max(map(os.path.getmtime, sources))
        done = os.path.join(folder, "done")
        if not os.path.exists(done) or os.path.getmtime(done) < newest:
            subprocess.run(["protoc", f"--python_out={folder}", "-I", os.path.join(ROOT, "proto"), *sources], check=True)
            with open(done, "w", encoding="ascii"):
                pass
    sys.path.insert(0, folder)
    for source in sources:
        importlib.import_module("rustbill." + os.path.basename(source)[:-len(".proto")] + "_pb2")


generate()
SYMBOLS = symbol_database.Default()


class RpcError(Exception):
    """The status of a failed call: its code's name and its message."""

    def __init__(self, method, code, message):
        super().__init__(f"{method}: {code}: {message}")
        self.code = code
        self.message = message


def method_types(method):
    service, _, name = method.partition("/")
    descriptor = SYMBOLS.pool.FindServiceByName(f"rustbill.{service}").methods_by_name[name]
    return SYMBOLS.GetPrototype(descriptor.input_type), SYMBOLS.GetPrototype(descriptor.output_type)


def frames(body):
    while body:
        flag, size = struct.unpack(">BI", body[:5])
        assert len(body) >= 5 + size, "a frame is cut short"
        yield flag, body[5:5 + size]
        body = body[5 + size:]


class GrpcWebClient:
    """One caller on one connection; not for several threads. A lost connection is made anew by the
    next call, never silently by the same one: the call may have been done. One that the server ended while
    it was idle is made anew too: nothing had been asked on it."""

    def __init__(self, host, port, timeout=60):
        self.connection = http.client.HTTPConnection(host, port, timeout=timeout)
        self.metadata = {}

    def __call__(self, method, extra_metadata=None, **fields):
        request_type, response_type = method_types(method)
        message = request_type(**fields).SerializeToString()
        headers = {"Content-Type": "application/grpc-web+proto", "X-Grpc-Web": "1",
                   **self.metadata, **(extra_metadata or {})}
        if self.ended_while_idle():
            self.connection.close()
        try:
            self.connection.request("POST", f"/rustbill.{method}", struct.pack(">BI", 0, len(message)) + message, headers)
            answer = self.connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise
        assert answer.status == 200, f"{method}: HTTP {answer.status}"
        cookie = answer.getheader("Set-Cookie")
        if cookie:
            self.metadata["Cookie"] = cookie.split(";")[0]
        return self.read(method, answer, body, response_type)

    def ended_while_idle(self):
        """Between two calls a server has nothing to say but the end."""
        return self.connection.sock is not None and bool(select.select([self.connection.sock], [], [], 0)[0])

    @staticmethod
    def read(method, answer, body, response_type):
        status = answer.getheader("grpc-status")
        if status is not None:
            assert status != "0" and not body, "trailers-only is for errors, and has no body"
            raise RpcError(method, CODES[int(status)], urllib.parse.unquote(answer.getheader("grpc-message") or ""))
        parts = list(frames(body))
        assert [flag for flag, _ in parts] == [0x00, 0x80], f"{method}: data frame, then trailer frame"
        trailers = dict(line.split(":", 1) for line in parts[1][1].decode("ascii").split("\r\n") if line)
        assert trailers["grpc-status"].strip() == "0", trailers
        return response_type.FromString(parts[0][1])

    def sign_in(self, username, password, user_type="customer"):
        answer = self("identity.IdentityService/Login", username=username, password=password, user_type=user_type)
        if user_type == "customer":
            self.metadata["Authorization"] = f"Bearer {answer.access_token}"
        return answer
