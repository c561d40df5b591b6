#!/usr/bin/python3
"""curl over HTTP/1.1 and h2c: JSON, plain HTTP, CORS, compression, keep-alive."""

import json
import shutil
import subprocess
import sys

from wire_server import WireServer

import stories

if not shutil.which("curl"):
    print("SKIPPED curl: curl is not installed (make test-setup installs it)")
    sys.exit(77)

SERVER = WireServer()
UNARY = SERVER.url + "/rustbill.wiretest.Echo/Unary"
VERSIONS = ("--http1.1", "--http2-prior-knowledge", "--http2")
JSON = ("-H", "Content-Type: application/json")


def curl(*arguments):
    return subprocess.run(["curl", "-sS", "--max-time", "20", *arguments], check=True,
                          stdout=subprocess.PIPE).stdout.decode()


def json_calls_answer_json():
    for version in VERSIONS:
        answer = json.loads(curl(version, "-d", '{"text":"hé","number":"-5","payload":"AP8="}', *JSON, UNARY))
        assert answer == {"text": "hé", "number": "-5", "payload": "AP8="}, answer
        assert curl(version, "-d", "{}", *JSON, UNARY) == "{}"


def json_errors_name_what_is_wrong():
    for version in VERSIONS:
        answer = curl(version, "-w", " %{http_code}", "-d", '{"tetx":1}', *JSON, UNARY)
        body, status = answer.rsplit(" ", 1)
        assert status == "400" and "tetx" in json.loads(body)["message"], answer
        answer = curl(version, "-w", " %{http_code}", "-d", '{"failWith":"not_found","failMessage":"no"}', *JSON, UNARY)
        body, status = answer.rsplit(" ", 1)
        assert status == "404" and json.loads(body) == {
            "code": "not_found", "message": "no", "reason": "not_found"}, answer


def timeouts_are_kept():
    for version in VERSIONS:
        answer = curl(version, "-w", " %{http_code}", "-H", "Connect-Timeout-Ms: 100", "-d", '{"delayMs":20000}',
                      *JSON, UNARY)
        assert answer.endswith(" 504") and "deadline_exceeded" in answer, answer
        answer = curl(version, "-H", "Connect-Timeout-Ms: soon", "-d", "{}", *JSON, UNARY)
        assert "connect-timeout-ms" in answer, answer


def bodies_are_compressed_both_ways():
    for version in VERSIONS:
        answer = curl(version, "--compressed", "-D", "-", f"{SERVER.url}/bytes?n=100000")
        assert "content-encoding: gzip" in answer.lower() and answer.endswith("x" * 100_000)
        packed = subprocess.run(["gzip", "-c"], input=b'{"text":"packed"}', check=True,
                                stdout=subprocess.PIPE).stdout
        answer = subprocess.run(["curl", "-sS", version, "-H", "Content-Encoding: gzip", *JSON,
                                 "--data-binary", "@-", UNARY], input=packed, check=True,
                                stdout=subprocess.PIPE).stdout
        assert json.loads(answer) == {"text": "packed"}, answer


def plain_http_answers():
    for version in VERSIONS:
        assert curl(version, SERVER.url + "/health") == "ok"
        head = curl(version, "-I", SERVER.url + "/health")
        assert "content-length: 2" in head.lower(), head
        assert curl(version, "-o", "/dev/null", "-w", "%{http_code}", SERVER.url + "/nothing") == "404"
        answer = curl(version, "-i", "-X", "DELETE", SERVER.url + "/health")
        assert " 405" in answer.splitlines()[0] and "allow: GET, HEAD, OPTIONS" in answer.lower().replace(
            "get, head, options", "GET, HEAD, OPTIONS"), answer
        assert curl(version, "-H", "Expect: 100-continue", "-d", "x" * 50_000,
                    SERVER.url + "/callbacks/pay") == "/callbacks/pay 50000"
        assert curl(version, "-H", "Transfer-Encoding: chunked", "-d", "abc",
                    SERVER.url + "/callbacks/pay") == "/callbacks/pay 3"


def preflights_are_answered_and_answers_exposed():
    for version in VERSIONS:
        head = curl(version, "-i", "-X", "OPTIONS", "-H", "Origin: https://shop.example",
                    "-H", "Access-Control-Request-Method: POST",
                    "-H", "Access-Control-Request-Headers: authorization,content-type,x-grpc-web", UNARY).lower()
        assert " 204" in head.splitlines()[0] and "access-control-allow-origin: *" in head, head
        assert "access-control-allow-headers: authorization,content-type,x-grpc-web" in head, head
        for url, *more in ((UNARY, *JSON, "-d", "{}"), (SERVER.url + "/health",),
                           (SERVER.url + "/rustbill.wiretest.Echo/Nope", *JSON, "-d", "{}")):
            head = curl(version, "-i", "-H", "Origin: https://shop.example", *more, url).lower()
            assert "access-control-allow-origin: *" in head, head
            assert "grpc-status, grpc-message" in head, head


def connections_are_kept():
    # Not by prior knowledge: Debian's curl 7.88 fails on its second request to any server, nghttpd too.
    for version in ("--http1.1", "--http2"):
        told = curl(version, "-o", "/dev/null", "-o", "/dev/null", "-o", "/dev/null", "-w", "%{num_connects} ",
                    SERVER.url + "/health", SERVER.url + "/ready", SERVER.url + "/nothing")
        assert told.split() == ["1", "0", "0"], told


def h2load_counts_no_failure():
    if not shutil.which("h2load"):
        raise stories.Unavailable("h2load is not installed (make test-setup installs it)")
    for extra in ([], ["--h1"]):
        told = subprocess.run(["h2load", *extra, "-n20000", "-c20", "-m10", SERVER.url + "/ready"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        assert "20000 succeeded, 0 failed, 0 errored, 0 timeout" in told, told


if __name__ == "__main__":
    stories.run([json_calls_answer_json, json_errors_name_what_is_wrong, timeouts_are_kept,
                 bodies_are_compressed_both_ways, plain_http_answers,
                 preflights_are_answered_and_answers_exposed, connections_are_kept, h2load_counts_no_failure])
