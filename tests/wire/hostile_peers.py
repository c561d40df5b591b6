#!/usr/bin/python3
"""Peers that break the rules: each gets the right error or is closed, memory stays bounded, and a
well-behaved connection beside it notices nothing."""

import gzip
import http.client
import json
import os
import re
import resource
import socket
import struct
import threading

from wire_server import WireServer, wait_until

import stories

SERVER = WireServer("--workers", 4, "--queue", 8)
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST, SETTINGS, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
ECHO = "/rustbill.wiretest.Echo/"


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def field(name, value):
    def text(raw):
        if len(raw) < 127:
            return bytes([len(raw)]) + raw
        rest, out = len(raw) - 127, b"\x7f"
        while rest >= 128:
            out += bytes([rest % 128 + 128])
            rest //= 128
        return out + bytes([rest]) + raw
    return b"\0" + text(name.encode()) + text(value if isinstance(value, bytes) else value.encode())


def call_head(path, content_type="application/grpc", **more):
    head = (field(":method", "POST") + field(":scheme", "http") + field(":path", path)
            + field(":authority", "x") + field("content-type", content_type) + field("te", "trailers"))
    for name, value in more.items():
        head += field(name.replace("_", "-"), value)
    return head


def prefixed(message, compressed=0):
    return bytes([compressed]) + struct.pack(">I", len(message)) + message


class Raw:
    """A TCP connection to a server, byte by byte."""

    def __init__(self, server=None, hello=b""):
        self.socket = socket.create_connection(("127.0.0.1", (server or SERVER).port), timeout=20)
        self.buffer = b""
        self.send(hello)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False when the server has closed on us."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def read_to_end(self):
        while True:
            try:
                piece = self.socket.recv(65536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                return self.buffer
            self.buffer += piece

    def frame(self):
        """The next frame as (type, flags, stream, payload); None at the end of the connection."""
        while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3], "big"):
            try:
                piece = self.socket.recv(65536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                return None
            self.buffer += piece
        length = int.from_bytes(self.buffer[:3], "big")
        head, payload = self.buffer[:9], self.buffer[9:9 + length]
        self.buffer = self.buffer[9 + length:]
        return head[3], head[4], int.from_bytes(head[5:9], "big"), payload

    def until(self, kind, stream=None):
        """Frames until one of the kind comes (returned), None at the end."""
        while True:
            found = self.frame()
            if found is None or (found[0] == kind and stream in (None, found[2])):
                return found

    def answer(self, stream):
        """All bytes of the frames of a stream's answer, to END_STREAM."""
        all_bytes = b""
        while True:
            found = self.frame()
            assert found is not None, "the connection ended before the answer"
            if found[2] != stream or found[0] not in (HEADERS, DATA):
                assert not (found[0] == RST and found[2] == stream), f"reset: {found[3]}"
                continue
            all_bytes += found[3]
            if found[1] & END_STREAM:
                return all_bytes


def http2(server=None):
    return Raw(server, PREFACE + frame(SETTINGS, 0, 0))


def http1(request, server=None):
    with Raw(server, request) as raw:
        answer = raw.read_to_end().decode("latin-1")
    return int(answer.split(" ")[1]) if answer else None, answer


def neighbour_is_well(server=None):
    """A call on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", (server or SERVER).port, timeout=20)
    connection.request("POST", ECHO + "Fast", '{"text":"well"}', {"Content-Type": "application/json"})
    assert json.load(connection.getresponse()) == {"text": "well"}
    connection.close()


def closed_for(reason, act, server=None):
    """Runs act() and waits until the server has counted one more connection closed for `reason`."""
    server = server or SERVER
    before = server.counters()[reason]
    act()
    wait_until(lambda: server.counters()[reason] > before, f"the server counts {reason}")
    neighbour_is_well(server)


# --- HTTP/1.1 -------------------------------------------------------------------------------------

def bad_requests_over_http1_get_their_status():
    for request, status in ((b"nonsense\r\n\r\n", 400), (b"GET / HTTP/1.1\r\n\r\n", 400),
                            (b"GET / HTTP/3.0\r\n\r\n", 505), (b"\0\0\0\0\0\0\r\n\r\n", 400),
                            (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000, 431),
                            (b"GET /" + b"x" * 20_000, 431),
                            (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
                            (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;"
                             + b"e" * 20_000, 400)):
        got, answer = http1(request)
        assert got == status, (request[:60], answer)
    neighbour_is_well()


def a_huge_body_to_a_route_is_refused():
    body = b"x" * 1_048_577
    head = f"POST /callbacks/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    assert http1(head.encode() + body)[0] == 413
    head = f"POST /callbacks/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body) - 1}\r\n\r\n"
    assert http1(head.encode() + body[1:])[0] == 200


def an_endless_chunked_body_is_cut_off():
    with Raw(hello=b"POST /callbacks/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n") as raw:
        sent = 0
        while sent < 200_000_000 and raw.send(b"10000\r\n" + b"x" * 65536 + b"\r\n"):
            sent += 65536
        assert sent < 64_000_000, sent
    assert SERVER.memory_kib() < 200 * 1024
    neighbour_is_well()


def a_truncated_body_is_dropped():
    def truncate():
        with Raw(hello=b"POST /callbacks/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"):
            pass
    closed_for("protocol_errors", truncate)


def a_half_closed_peer_still_gets_its_answer():
    with Raw(hello=b"GET /sleep?ms=100 HTTP/1.1\r\nHost: x\r\n\r\n") as raw:
        raw.socket.shutdown(socket.SHUT_WR)
        assert raw.read_to_end().endswith(b"slept")


def wrong_content_types_are_refused():
    for content_type, status in (("text/plain", 415), ("application/xml", 415),
                                 ("application/grpc-web+thrift", 415), ("application/grpc+json", 415),
                                 ("application/connect+json", 415), ("application/grpc", 505)):
        request = (f"POST {ECHO}Unary HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n"
                   f"Content-Type: {content_type}\r\n\r\n{{}}")
        got, answer = http1(request.encode())
        assert got == status, (content_type, answer)
    got, answer = http1(f"GET {ECHO}Unary HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert got == 405 and "allow: POST" in answer, answer
    assert http1(f"POST {ECHO}Bidi HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n"
                 "Content-Type: application/json\r\n\r\n{}".encode())[0] == 415


def grpc_web_refuses_bodies_that_are_not_frames():
    def status_of(body, kind="application/grpc-web+proto"):
        request = (f"POST {ECHO}Unary HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                   f"Content-Length: {len(body)}\r\nContent-Type: {kind}\r\n\r\n").encode() + body
        got, answer = http1(request)
        assert got == 200, answer
        return int(re.search(r"grpc-status: (\d+)", answer).group(1))
    assert status_of(b"") == 12
    assert status_of(prefixed(b"") + prefixed(b"")) == 12
    assert status_of(prefixed(b"abc")[:-1]) == 3
    assert status_of(b"\x80\0\0\0\0") == 3
    assert status_of(b"\0\xff\xff\xff\xff") == 8
    assert status_of(prefixed(b"\xff\xff")) == 3
    assert status_of(prefixed(b"not gzip", 1)) == 3
    assert status_of(b"***", "application/grpc-web-text") == 3


def a_compressed_bomb_stays_small():
    bomb = prefixed(gzip.compress(b"\0" * 100_000_000, 9), 1)
    before = SERVER.memory_kib()
    request = (f"POST {ECHO}Unary HTTP/1.1\r\nHost: x\r\nConnection: close\r\ngrpc-encoding: gzip\r\n"
               f"Content-Length: {len(bomb)}\r\nContent-Type: application/grpc-web+proto\r\n\r\n").encode()
    for _ in range(20):
        _, answer = http1(request + bomb)
        assert "grpc-status: 8" in answer and "decompresses to more than" in answer, answer
    # Each of the four workers may hold what it made up to the limit, and its buffer's growth.
    assert SERVER.memory_kib() - before < 64 * 1024, SERVER.memory_kib() - before
    neighbour_is_well()


# --- HTTP/2 ---------------------------------------------------------------------------------------

def flood(frames, per_write=50):
    """Sends frames until the server stops us; the code of its GOAWAY."""
    with http2() as raw:
        batch = []
        for one in frames:
            batch.append(one)
            if len(batch) == per_write:
                if not raw.send(b"".join(batch)):
                    break
                batch = []
        goaway = raw.until(GOAWAY)
        assert goaway is not None, "no GOAWAY came"
        return int.from_bytes(goaway[3][4:8], "big")


def floods_are_calmed():
    head = call_head(ECHO + "Unary")
    rapid_reset = (frame(HEADERS, END_HEADERS, 2 * i + 1, head) + frame(RST, 0, 2 * i + 1, b"\0\0\0\x08")
                   for i in range(2000))
    cases = {"rapid reset": rapid_reset,
             "ping": (frame(PING, 0, 0, b"12345678") for _ in range(2000)),
             "settings": (frame(SETTINGS, 0, 0) for _ in range(2000)),
             "empty data": (frame(HEADERS, END_HEADERS, 1, head) if i == 0 else frame(DATA, 0, 1)
                            for i in range(2000)),
             "priority": (frame(PRIORITY, 0, 1, b"\0\0\0\0\0") for _ in range(2000))}
    for name, frames in cases.items():
        def act(frames=frames, name=name):
            assert flood(frames) == 11, name
        closed_for("calmed", act)
    wait_until(lambda: SERVER.counters()["active"] == 1, "no call is left behind")


def continuation_floods_end_the_connection():
    with http2() as raw:
        raw.send(frame(HEADERS, 0, 1, call_head(ECHO + "Unary")))
        for _ in range(10_000):
            if not raw.send(frame(CONTINUATION, 0, 1, field("a", "b" * 1000))):
                break
        raw.read_to_end()
    neighbour_is_well()


def giant_header_lists_get_431():
    with http2() as raw:
        raw.send(frame(HEADERS, END_STREAM, 1, call_head(ECHO + "Unary", "text/plain", x="y" * 10_000))
                 + frame(CONTINUATION, END_HEADERS, 1, field("z", "y" * 10_000)))
        answer = raw.answer(1)
        assert b"431" in answer and b'"reason":"too_large"' in answer, answer
        raw.send(frame(HEADERS, END_HEADERS | END_STREAM, 3, call_head(ECHO + "Unary")))
        assert len(raw.answer(3)) > 0, "the connection goes on"
    # The same small indexed field over and over: small on the wire, large in memory.
    with http2() as raw:
        bomb = b"\x40" + field("bomb", "z" * 3000)[1:] + b"\xbe" * 12_000
        raw.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, call_head(ECHO + "Unary") + bomb))
        raw.until(HEADERS, 1)
    assert SERVER.memory_kib() < 200 * 1024
    neighbour_is_well()


def bad_frames_end_only_their_connection():
    for name, bad in {"data without a stream": frame(DATA, 0, 0, b"x"),
                      "data on an idle stream": frame(DATA, 0, 7, b"x"),
                      "even stream": frame(HEADERS, END_HEADERS, 2, call_head("/")),
                      "broken header block": frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff\xff"),
                      "push promise": frame(5, END_HEADERS, 1, b"\0\0\0\2"),
                      "ping of 7 bytes": frame(PING, 0, 0, b"1234567"),
                      "settings of 5 bytes": frame(SETTINGS, 0, 0, b"12345"),
                      "too large": frame(DATA, 0, 1, b"x" * 20_000),
                      "window overflow": frame(WINDOW, 0, 0, b"\x7f\xff\xff\xff") * 2}.items():
        def act(bad=bad, name=name):
            with http2() as raw:
                raw.send(bad)
                assert raw.until(GOAWAY) is not None, name
                raw.read_to_end()
        closed_for("protocol_errors", act)


def a_preface_that_turns_bad_is_closed():
    for hello in (PREFACE + b"garbage that is no frame at all, really", PREFACE + frame(PING, 0, 0, b"12345678")):
        with Raw(hello=hello) as raw:
            raw.read_to_end()
    neighbour_is_well()


def many_unfinished_uploads_share_a_budget():
    before = SERVER.memory_kib()
    streams = range(1, 2 * 80, 2)
    with http2() as raw:
        for stream in streams:
            raw.send(frame(HEADERS, END_HEADERS, stream, call_head(ECHO + "Unary", "application/json")))
            for _ in range(15):  # within the stream's window of 256 KiB
                raw.send(frame(DATA, 0, stream, b" " * 16_384))
        neighbour_is_well()
        assert SERVER.memory_kib() - before < 64 * 1024
        refused = 0
        for stream in streams:
            raw.send(frame(DATA, END_STREAM, stream))
            refused += b"too many unfinished requests" in raw.answer(stream)
        # 80 uploads of 240 KiB do not fit 16 MiB.
        assert 10 <= refused <= 14, refused
    wait_until(lambda: SERVER.counters()["body_bytes"] == 0, "the budget is given back")


def a_peer_that_never_reads_holds_little():
    before = SERVER.memory_kib()
    raws = []
    for _ in range(20):
        raw = Raw(hello=b"GET /bytes?n=4000000 HTTP/1.1\r\nHost: x\r\n\r\n")
        raws.append(raw)
    wait_until(lambda: SERVER.counters()["active"] <= 2, "the answers are made")
    # What the answers themselves need, and the sockets' buffers are not ours.
    assert SERVER.memory_kib() - before < 20 * 4_000 + 32 * 1024
    for raw in raws:
        raw.socket.close()
    neighbour_is_well()


def a_pipeline_that_is_not_read_holds_little():
    before = SERVER.memory_kib()
    one = b"GET /bytes?n=1000000 HTTP/1.1\r\nHost: x\r\n"
    with Raw(hello=(one + b"\r\n") * 199 + one + b"Connection: close\r\n\r\n") as raw:
        for _ in range(50):
            neighbour_is_well()
        wait_until(lambda: SERVER.counters()["active"] == 1, "no more is made")
        assert SERVER.memory_kib() - before < 32 * 1024, SERVER.memory_kib() - before
        taken = 0
        while piece := raw.socket.recv(1 << 20):
            taken += len(piece)
        assert taken > 200 * 1_000_000, taken


# --- the whole server -----------------------------------------------------------------------------

def health_answers_while_every_worker_is_busy_and_the_queue_is_full():
    sleeping = [Raw(hello=b"GET /sleep?ms=20000 HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(4)]
    wait_until(lambda: SERVER.counters()["running"] == 4, "four workers are busy")
    waiting = [Raw(hello=b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(8)]
    wait_until(lambda: SERVER.counters()["active"] == 13, "eight more wait")
    got, answer = http1(b"GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert got == 503 and '"code":"unavailable"' in answer, answer
    got, answer = http1(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert got == 200 and answer.endswith("ok"), answer
    neighbour_is_well()
    for raw in sleeping:
        raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.socket.close()
    for raw in waiting:
        raw.socket.close()
    wait_until(lambda: SERVER.counters()["active"] == 1, "all is over")


def slow_and_silent_peers_are_timed_out():
    server = WireServer("--timeouts-ms", 300)
    cases = {"says nothing": b"", "half a preface": PREFACE[:10], "half a head": b"GET / HT",
             "half a body": b"POST /callbacks/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
             "half a frame": PREFACE + frame(SETTINGS, 0, 0) + b"\0\0\x20",
             "no answer to pings": PREFACE + frame(SETTINGS, 0, 0),
             "never reads": b"GET /bytes?n=20000000 HTTP/1.1\r\nHost: x\r\n\r\n"}
    for name, hello in cases.items():
        def act(hello=hello, name=name):
            with Raw(server, hello):
                wait_until(lambda: server.counters()["open"] == 1, name)
        closed_for("timed_out", act, server)
    server.ends_well()


def a_stream_whose_caller_says_nothing_gives_its_worker_back():
    server = WireServer("--stream-idle-ms", 100)
    with http2(server) as raw:
        raw.send(frame(HEADERS, END_HEADERS, 1, call_head(ECHO + "Bidi", "application/grpc-web+proto")))
        raw.answer(1)
    # The handler counts a read that failed.
    assert server.counters()["cancelled"] == 1
    neighbour_is_well(server)
    server.ends_well()


def connections_past_the_limit_are_closed_at_once():
    server = WireServer("--connections", 3)
    held = [Raw(server, PREFACE) for _ in range(3)]
    wait_until(lambda: held[-1].frame() is not None, "the third connection is served")
    with Raw(server) as fourth:
        assert fourth.read_to_end() == b""
    held.pop().socket.close()
    wait_until(lambda: http1(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", server)[0] == 200,
               "there is room again")
    for raw in held:
        raw.socket.close()
    server.ends_well()


def connections_leave_the_process_descriptors_for_other_things():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, hard))
    server = WireServer()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    reports = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)

    def counters():
        reports.request("GET", "/counters")
        return json.load(reports.getresponse())
    counters()
    held = [Raw(server) for _ in range(400)]
    wait_until(lambda: counters()["refused"] >= 200, "those past what leaves room are refused")
    assert len(os.listdir(f"/proc/{server.child.process.pid}/fd")) < 200
    for raw in held:
        raw.socket.close()
    wait_until(lambda: counters()["open"] == 1, "all are closed")
    server.ends_well()


def dripping_peers_do_not_delay_others():
    drips = [Raw(hello=b"G") for _ in range(200)]
    done = threading.Event()

    def drip():
        while not done.wait(0.01):
            for raw in drips:
                raw.send(b"E")

    thread = threading.Thread(target=drip)
    thread.start()
    for _ in range(50):
        neighbour_is_well()
    done.set()
    thread.join()
    for raw in drips:
        raw.socket.close()


def connections_that_come_and_go_leave_nothing():
    before = SERVER.memory_kib()
    for i in range(3000):
        with Raw(hello=(b"", PREFACE, b"GET / HTTP", PREFACE + frame(SETTINGS, 0, 0))[i % 4]):
            pass
    wait_until(lambda: SERVER.counters()["open"] == 1, "all are closed")
    assert SERVER.memory_kib() - before < 16 * 1024
    assert SERVER.counters()["active"] == 1


def the_server_still_drains_cleanly():
    SERVER.ends_well()


if __name__ == "__main__":
    stories.run([
        bad_requests_over_http1_get_their_status, a_huge_body_to_a_route_is_refused,
        an_endless_chunked_body_is_cut_off, a_truncated_body_is_dropped,
        a_half_closed_peer_still_gets_its_answer, wrong_content_types_are_refused,
        grpc_web_refuses_bodies_that_are_not_frames, a_compressed_bomb_stays_small, floods_are_calmed,
        continuation_floods_end_the_connection, giant_header_lists_get_431,
        bad_frames_end_only_their_connection, a_preface_that_turns_bad_is_closed,
        many_unfinished_uploads_share_a_budget, a_peer_that_never_reads_holds_little,
        a_pipeline_that_is_not_read_holds_little,
        health_answers_while_every_worker_is_busy_and_the_queue_is_full, slow_and_silent_peers_are_timed_out,
        a_stream_whose_caller_says_nothing_gives_its_worker_back,
        connections_past_the_limit_are_closed_at_once,
        connections_leave_the_process_descriptors_for_other_things,
        dripping_peers_do_not_delay_others, connections_that_come_and_go_leave_nothing,
        the_server_still_drains_cleanly])
