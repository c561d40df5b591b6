#!/usr/bin/python3
"""Metrics as a collector gets them (operations manual 7.4): pushed over OTLP/HTTP, decoded with python's
protobuf. And what becomes of a server whose collector is down, slow or says no: nothing."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))

import stories  # noqa: E402
from child_process import Postgres, free_port, wait_until  # noqa: E402
from grpc_web import RpcError  # noqa: E402
from otlp import CUMULATIVE, Collector, attributes  # noqa: E402
from shop import Shop  # noqa: E402

POSTGRES = Postgres()
SERVICE = "rustbill.product.ProductService"


def environment(port, **more):
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}", "OTEL_METRIC_EXPORT_INTERVAL": "200",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20hunter2", "OTEL_SERVICE_NAME": "shop-one", **more}


def log_lines(server, level, text):
    with open(server.log, encoding="utf-8") as log:
        lines = [json.loads(line) for line in log if line.startswith("{")]
    return [line for line in lines if line["level"] == level and text in json.dumps(line)]


def refused(call):
    try:
        call()
    except RpcError:
        return
    raise AssertionError("it was not refused")


def the_collector_hears_of_calls_pool_circuits_and_events():
    collector, shop = Collector(), Shop(POSTGRES)
    server = shop.add_server(environment(collector.port))
    client = shop.client()
    for _ in range(3):
        client("product.ProductService/ListProducts")
    refused(lambda: client("product.ProductService/GetProduct", id="x"))
    # A dead letter, so that the outbox has something to say.
    POSTGRES.rows("INSERT INTO events (id, kind, subject_id, dead) VALUES (gen_random_uuid(), 'notify', "
                  "gen_random_uuid(), true)")

    def complete():
        return next((one for one in collector.exports
                     if one.points("rpc.server.requests", rpc__method="GetProduct")
                     and one.number("rustbill.event.queue.depth", state="dead") == 1), None)
    export = wait_until(complete, "an export with all of it")
    assert export.headers["content-type"] == "application/x-protobuf", export.headers
    assert export.headers["authorization"] == "Bearer hunter2", export.headers
    assert export.resource["service.name"] == "shop-one", export.resource
    assert export.resource["service.instance.id"], export.resource

    requests = export.metrics["rpc.server.requests"]
    assert requests.sum.is_monotonic and requests.sum.aggregation_temporality == CUMULATIVE
    assert export.number("rpc.server.requests", rpc__service=SERVICE, rpc__method="ListProducts",
                         rpc__grpc__status_code="0") == 3
    assert export.number("rpc.server.requests", rpc__method="GetProduct", rpc__grpc__status_code="3") == 1
    point, = export.points("rpc.server.duration", rpc__method="ListProducts")
    assert point.count == sum(point.bucket_counts) == 3, point
    assert len(point.bucket_counts) == len(point.explicit_bounds) + 1, point
    assert 0 < point.sum < 60_000, point
    now = time.time_ns()
    assert now - 120 * 10**9 < point.start_time_unix_nano < point.time_unix_nano <= now, point

    assert export.number("db.client.connection.max") == 20
    assert export.number("db.client.connection.count") >= 2
    assert {attributes(one)["state"] for one in export.points("db.client.connection.count")} == {"idle", "used"}
    assert export.number("rustbill.event.queue.depth", state="due") >= 0
    assert "rustbill.circuit_breaker.state" in export.metrics
    assert export.number("rustbill.calls.refused") == 0
    # Totals only grow.
    later = wait_until(lambda: collector.exports[-1] if collector.exports[-1] is not export else None, "the next")
    assert later.number("rpc.server.requests") >= export.number("rpc.server.requests")
    assert not log_lines(server, "WARN", "metrics"), "nothing was wrong"
    POSTGRES.rows("DELETE FROM events WHERE dead")
    shop.stop()


def a_circuit_that_opens_is_seen():
    collector, shop = Collector(), Shop(POSTGRES)
    shop.add_server(environment(collector.port))
    admin = shop.admin()
    # Nobody listens there: five failures in a row open the circuit of that host.
    dead = f"127.0.0.1:{free_port()}"
    shop.interface(admin, "gateway-yipay", "dead", json.dumps({"endpoint": f"http://{dead}/", "pid": "1",
                                                               "key": "k" * 32, "allow_private": True}))
    for _ in range(6):
        assert not admin("integration.PluginService/CheckPluginHealth", id="dead").is_healthy

    def opened():
        return collector.exports and any(
            point.as_int == 2 and dead in attributes(point)["host"]
            for point in collector.exports[-1].points("rustbill.circuit_breaker.state"))
    wait_until(opened, "an open circuit")
    shop.stop()


def a_collector_that_is_down_is_told_of_once_and_taken_up_again():
    shop, port = Shop(POSTGRES), free_port()
    server = shop.add_server(environment(port))
    down = "metrics cannot be delivered"
    wait_until(lambda: log_lines(server, "WARN", down), "the warning")
    client = shop.client()
    client("product.ProductService/ListProducts")
    collector = Collector(port)
    export = wait_until(lambda: collector.exports[0] if collector.exports else None, "the first export")
    wait_until(lambda: log_lines(server, "INFO", "delivered again"), "the good news")
    # What was counted meanwhile is not lost.
    assert export.number("rpc.server.requests", rpc__method="ListProducts") == 1
    assert len(log_lines(server, "WARN", down)) == 1, log_lines(server, "WARN", down)
    collector.status = 500
    wait_until(lambda: len(log_lines(server, "WARN", down)) == 2, "the second warning")
    seen = collector.connections
    wait_until(lambda: collector.connections > seen + 3, "further attempts")
    assert len(log_lines(server, "WARN", down)) == 2
    with open(server.log, encoding="utf-8") as log:
        assert "hunter2" not in log.read(), "the credential is in the log"
    shop.stop()


def a_collector_that_never_answers_holds_nothing_up():
    collector, shop = Collector(), Shop(POSTGRES)
    collector.silent.set()
    server = shop.add_server(environment(collector.port, OTEL_EXPORTER_OTLP_TIMEOUT="60000"))
    wait_until(lambda: collector.connections > 0, "a push that hangs")
    client = shop.client()
    for _ in range(20):
        client("product.ProductService/ListProducts")
    began = time.monotonic()
    server.stop()
    took = time.monotonic() - began
    assert took < 10, f"stopping took {took:.1f} s: it waited for the collector"
    collector.silent.clear()


def what_was_counted_last_is_delivered_at_the_end():
    collector, shop = Collector(), Shop(POSTGRES)
    # The interval never comes: only the end exports.
    server = shop.add_server(environment(collector.port, OTEL_METRIC_EXPORT_INTERVAL="3600000"))
    client = shop.client()
    for _ in range(7):
        client("product.ProductService/ListProducts")
    assert not collector.exports
    server.stop()
    assert len(collector.exports) == 1, len(collector.exports)
    counted = collector.exports[0].number("rpc.server.requests", rpc__method="ListProducts")
    assert counted == 7, counted


def without_an_endpoint_nothing_is_sent():
    collector, shop = Collector(), Shop(POSTGRES)
    server = shop.add_server({"OTEL_METRIC_EXPORT_INTERVAL": "100"})
    shop.client()("product.ProductService/ListProducts")
    server.stop()
    assert collector.connections == 0


stories.run([the_collector_hears_of_calls_pool_circuits_and_events, a_circuit_that_opens_is_seen,
             a_collector_that_is_down_is_told_of_once_and_taken_up_again,
             a_collector_that_never_answers_holds_nothing_up, what_was_counted_last_is_delivered_at_the_end,
             without_an_endpoint_nothing_is_sent])
