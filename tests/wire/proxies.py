#!/usr/bin/python3
"""The transport behind real Caddy and real nginx, each with the site we ship.

Connect's gRPC-Web and Connect clients call through HTTP/1.1 as the deployed web pages do; python
grpcio calls through nginx's TLS port, where grpc_pass carries native gRPC; curl asks for the rest.
"""

import json
import subprocess

from node_clients import prepare, run_node
from wire_server import WireServer, echo_messages, wait_until

import stories
from child_process import Unavailable, start_peer

prepare()
SERVER = WireServer()


def peer(script):
    if script not in PEERS:
        PEERS[script] = start_peer(script, SERVER.port)
    return PEERS[script]


PEERS = {}


def curl(*arguments):
    return subprocess.run(["curl", "-sS", "--max-time", "20", *arguments], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def connect_clients_call_through(script):
    _, failed = run_node("connect_node.mjs", peer(script)["RB_PROXY_URL"], "--http1-only")
    assert failed == 0, f"{failed} stories failed"


def plain_http_passes(url, *more):
    assert curl(*more, f"{url}/health") == "ok"
    for path in ("/payment/callback/pay", "/callbacks/pay"):
        assert curl(*more, "-d", "x" * 1000, url + path) == path + " 1000", path
    answer = curl(*more, "-d", '{"text":"a"}', "-H", "Content-Type: application/json",
                  f"{url}/rustbill.wiretest.Echo/Unary")
    assert json.loads(answer) == {"text": "a"}, answer


def grpc_web_errors_stay_in_the_headers(url, *more):
    """Deployed clients read grpc-status from the response headers of a failed call."""
    answer = curl(*more, "-i", "-X", "POST", "-H", "Content-Type: application/grpc-web+proto",
                  "-H", "X-Grpc-Web: 1", "--data-binary", "@/dev/null", f"{url}/rustbill.wiretest.Echo/Nothing")
    head = answer.lower()
    assert " 200" in head.splitlines()[0], answer
    assert "grpc-status: 12" in head and "grpc-message: there is no method" in head, answer


def the_host_that_was_called_arrives(url, *more):
    """Whether a page is our own is told by comparing its origin with this."""
    answer = curl(*more, "-i", "-d", "{}", "-H", "Content-Type: application/json", "-H", "x-echo: 1",
                  f"{url}/rustbill.wiretest.Echo/Unary")
    assert f"x-echo-host: {url.partition('//')[2]}" in answer.lower().splitlines(), answer


def caddy_carries_grpc_web_and_connect():
    connect_clients_call_through("caddy-up")


def caddy_carries_plain_http_and_errors():
    url = peer("caddy-up")["RB_PROXY_URL"]
    plain_http_passes(url)
    grpc_web_errors_stay_in_the_headers(url)
    the_host_that_was_called_arrives(url)


def nginx_carries_grpc_web_and_connect():
    connect_clients_call_through("nginx-up")


def nginx_carries_plain_http_and_errors():
    nginx = peer("nginx-up")
    plain_http_passes(nginx["RB_PROXY_URL"])
    grpc_web_errors_stay_in_the_headers(nginx["RB_PROXY_URL"])
    the_host_that_was_called_arrives(nginx["RB_PROXY_URL"])
    by_tls = (nginx["RB_PROXY_TLS_URL"], "--http2", "--cacert", nginx["RB_PROXY_CA"])
    plain_http_passes(*by_tls)
    the_host_that_was_called_arrives(*by_tls)


def nginx_carries_native_grpc():
    try:
        import grpc
    except ImportError as error:
        raise Unavailable("python3-grpcio is not installed (make test-setup installs it)") from error
    pb = echo_messages()
    nginx = peer("nginx-up")
    with open(nginx["RB_PROXY_CA"], "rb") as file:
        credentials = grpc.ssl_channel_credentials(file.read())
    with grpc.secure_channel(nginx["RB_PROXY_TLS_URL"].removeprefix("https://"), credentials) as channel:
        def method(kind, name):
            return getattr(channel, kind)("/rustbill.wiretest.Echo/" + name,
                                          request_serializer=pb.EchoRequest.SerializeToString,
                                          response_deserializer=pb.EchoResponse.FromString)

        assert method("unary_unary", "Unary")(pb.EchoRequest(text="a")).text == "a"
        assert len(list(method("unary_stream", "ServerStream")(pb.EchoRequest(count=50)))) == 50
        assert method("stream_unary", "ClientStream")(pb.EchoRequest() for _ in range(50)).index == 50
        try:
            method("unary_unary", "Unary")(pb.EchoRequest(fail_with="conflict", fail_message="no"))
            raise AssertionError("the call succeeded")
        except grpc.RpcError as error:
            assert (error.code(), error.details()) == (grpc.StatusCode.ABORTED, "no")
        before = SERVER.counters()["cancelled"]
        future = method("unary_unary", "Unary").future(pb.EchoRequest(delay_ms=20_000))
        wait_until(lambda: SERVER.counters()["running"] == 1, "the handler runs")
        future.cancel()
        wait_until(lambda: SERVER.counters()["cancelled"] == before + 1, "the handler sees the cancel")


if __name__ == "__main__":
    stories.run([caddy_carries_grpc_web_and_connect, caddy_carries_plain_http_and_errors,
                 nginx_carries_grpc_web_and_connect, nginx_carries_plain_http_and_errors,
                 nginx_carries_native_grpc])
