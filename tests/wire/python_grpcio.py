#!/usr/bin/python3
"""The transport against python grpcio: every kind of call, and what surrounds them."""

import queue
import sys
import threading
import time

from wire_server import WireServer, echo_messages, wait_until

import stories
from child_process import Unavailable

try:
    import grpc
except ImportError:
    print("SKIPPED python grpcio: python3-grpcio is not installed (make test-setup installs it)")
    sys.exit(77)

pb = echo_messages()
SERVER = WireServer()
SERVICE = "/rustbill.wiretest.Echo/"
Code = grpc.StatusCode


def channel(**options):
    return grpc.insecure_channel(SERVER.address, options=list(options.pop("options", [])), **options)


def method(kind, name, on=None):
    return getattr(on or CHANNEL, kind)(SERVICE + name, request_serializer=pb.EchoRequest.SerializeToString,
                                        response_deserializer=pb.EchoResponse.FromString)


CHANNEL = channel()
UNARY = method("unary_unary", "Unary")
FAST = method("unary_unary", "Fast")
SERVER_STREAM = method("unary_stream", "ServerStream")
CLIENT_STREAM = method("stream_unary", "ClientStream")
BIDI = method("stream_stream", "Bidi")


def failure(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call succeeded")


def unary_calls_answer_on_a_worker_and_on_the_io_thread():
    for call in (UNARY, FAST):
        answer = call(pb.EchoRequest(text="hé", number=-5, payload=b"\0\xff"))
        assert (answer.text, answer.number, answer.payload) == ("hé", -5, b"\0\xff")
    assert UNARY(pb.EchoRequest()).text == ""


def server_streams_arrive_in_order():
    answers = list(SERVER_STREAM(pb.EchoRequest(text="a", count=1000)))
    assert [answer.index for answer in answers] == list(range(1000))
    assert list(SERVER_STREAM(pb.EchoRequest(count=0))) == []


def client_streams_are_collected():
    answer = CLIENT_STREAM(pb.EchoRequest(text=str(i), payload=b"x" * 1000) for i in range(500))
    assert answer.index == 500 and answer.number == 500_000
    assert answer.text == "".join(str(i) for i in range(500))
    assert CLIENT_STREAM(iter([])).index == 0


def bidirectional_streams_alternate():
    asked = threading.Semaphore(1)

    def questions():
        for i in range(200):
            asked.acquire()
            yield pb.EchoRequest(text=str(i))

    for i, answer in enumerate(BIDI(questions())):
        assert answer.text == str(i) and answer.index == i
        asked.release()
    assert i == 199


def errors_carry_code_message_and_reason():
    for call in (UNARY, FAST):
        error = failure(lambda: call(pb.EchoRequest(fail_with="order.not_payable", fail_message="100% 余\n")))
        assert error.code() == Code.FAILED_PRECONDITION
        assert error.details() == "100% 余\n"
        trailers = dict(error.trailing_metadata())
        assert trailers["rb-reason"] == "order.not_payable"


def every_code_arrives_as_itself():
    expected = {"invalid_argument": Code.INVALID_ARGUMENT, "not_found": Code.NOT_FOUND,
                "already_exists": Code.ALREADY_EXISTS, "unauthenticated": Code.UNAUTHENTICATED,
                "permission_denied": Code.PERMISSION_DENIED, "too_many_requests": Code.RESOURCE_EXHAUSTED,
                "unsupported": Code.UNIMPLEMENTED, "conflict": Code.ABORTED, "cancelled": Code.CANCELLED,
                "unavailable": Code.UNAVAILABLE, "data_loss": Code.DATA_LOSS}
    for reason, code in expected.items():
        assert failure(lambda: UNARY(pb.EchoRequest(fail_with=reason, fail_message="m"))).code() == code


def internal_errors_tell_nothing():
    error = failure(lambda: UNARY(pb.EchoRequest(fail_with="internal", fail_message="secret")))
    assert error.code() == Code.INTERNAL
    assert "secret" not in error.details() and "detail" not in error.details()
    assert dict(error.initial_metadata() + error.trailing_metadata())["x-request-id"] in error.details()


def a_stream_may_fail_after_its_messages():
    stream = SERVER_STREAM(pb.EchoRequest(count=3, fail_with="conflict", fail_message="late"))
    seen = []

    def read():
        for answer in stream:
            seen.append(answer.index)

    error = failure(read)
    assert seen == [0, 1, 2] and error.code() == Code.ABORTED and error.details() == "late"


def metadata_travels_both_ways():
    sent = (("x-echo-a", "1"), ("x-echo-bin", b"\0\xff\1"), ("x-trail-b", "2"), ("x-trail-bin", b"\xfe"))
    answer, call = UNARY.with_call(pb.EchoRequest(), metadata=sent)
    initial, trailing = dict(call.initial_metadata()), dict(call.trailing_metadata())
    assert initial["x-echo-a"] == "1" and initial["x-echo-bin"] == b"\0\xff\1"
    assert trailing["x-trail-b"] == "2" and trailing["x-trail-bin"] == b"\xfe"
    call = BIDI(iter([pb.EchoRequest()]), metadata=sent)
    assert len(list(call)) == 1
    assert dict(call.initial_metadata())["x-echo-bin"] == b"\0\xff\1"
    assert dict(call.trailing_metadata())["x-trail-b"] == "2"


def deadlines_end_calls_and_reach_the_handler():
    before = SERVER.counters()["cancelled"]
    began = time.monotonic()
    error = failure(lambda: UNARY(pb.EchoRequest(delay_ms=20_000), timeout=0.2))
    assert error.code() == Code.DEADLINE_EXCEEDED
    assert time.monotonic() - began < 5
    wait_until(lambda: SERVER.counters()["cancelled"] == before + 1, "the handler sees it")
    error = failure(lambda: list(SERVER_STREAM(pb.EchoRequest(count=100, delay_ms=1000), timeout=0.2)))
    assert error.code() == Code.DEADLINE_EXCEEDED
    wait_until(lambda: SERVER.counters()["running"] == 0, "the streaming handler ends")


def cancelled_calls_reach_the_handler():
    before = SERVER.counters()["cancelled"]
    future = UNARY.future(pb.EchoRequest(delay_ms=20_000))
    wait_until(lambda: SERVER.counters()["running"] == 1, "the handler runs")
    future.cancel()
    wait_until(lambda: SERVER.counters()["cancelled"] == before + 1, "the handler sees it")
    stream = BIDI(iter_until_cancelled())
    next(stream)
    stream.cancel()
    wait_until(lambda: SERVER.counters()["cancelled"] == before + 2, "the stream's handler sees it")


def iter_until_cancelled():
    yield pb.EchoRequest(text="one")
    threading.Event().wait(30)


def compressed_messages_are_read_and_answered():
    with channel(compression=grpc.Compression.Gzip) as compressed:
        call = method("unary_unary", "Unary", on=compressed)
        payload = bytes(range(256)) * 1000
        assert call(pb.EchoRequest(payload=payload)).payload == payload
        stream = method("stream_stream", "Bidi", on=compressed)
        answers = list(stream(pb.EchoRequest(payload=payload) for _ in range(3)))
        assert [answer.payload for answer in answers] == [payload] * 3
    with channel(compression=grpc.Compression.Deflate) as deflated:
        assert method("unary_unary", "Unary", on=deflated)(pb.EchoRequest(payload=payload)).payload == payload


def large_messages_pass_up_to_the_limit():
    payload = b"x" * (4 * 1024 * 1024 - 100)
    assert UNARY(pb.EchoRequest(payload=payload)).payload == payload
    assert sum(len(a.payload) for a in SERVER_STREAM(
        pb.EchoRequest(count=20, payload_bytes=1_000_000))) == 20_000_000
    error = failure(lambda: UNARY(pb.EchoRequest(payload=payload + b"y" * 100)))
    assert error.code() == Code.RESOURCE_EXHAUSTED, error
    error = failure(lambda: CLIENT_STREAM(iter([pb.EchoRequest(payload=payload + b"y" * 100)])))
    assert error.code() == Code.RESOURCE_EXHAUSTED, error


def a_reader_that_is_slow_does_not_fill_our_memory():
    before = SERVER.memory_kib()
    stream = SERVER_STREAM(pb.EchoRequest(count=300, payload_bytes=1_000_000))
    next(stream)
    grown = max(SERVER.memory_kib() - before for _ in range(100) if SERVER.counters())
    assert grown < 64 * 1024, f"{grown} KiB"
    assert sum(1 for _ in stream) == 299


def unknown_methods_are_unimplemented():
    error = failure(lambda: method("unary_unary", "Nothing")(pb.EchoRequest()))
    assert error.code() == Code.UNIMPLEMENTED and "/rustbill.wiretest.Echo/Nothing" in error.details()


def what_is_no_message_is_refused():
    raw = CHANNEL.unary_unary(SERVICE + "Unary")
    error = failure(lambda: raw(b"\xff\xff\xff"))
    assert error.code() == Code.INVALID_ARGUMENT and "EchoRequest" in error.details()


def health_answers_and_watches():
    check = CHANNEL.unary_unary("/grpc.health.v1.Health/Check")
    assert check(b"") == b"\x08\x01"
    assert check(b"\n\x16rustbill.wiretest.Echo") == b"\x08\x01"
    assert failure(lambda: check(b"\n\x01x")).code() == Code.NOT_FOUND
    watch = CHANNEL.unary_stream("/grpc.health.v1.Health/Watch")(b"")
    assert next(watch) == b"\x08\x01"
    watch.cancel()


def many_calls_share_one_connection():
    futures = [UNARY.future(pb.EchoRequest(number=i)) for i in range(2000)]
    assert [future.result().number for future in futures] == list(range(2000))


def reflection_lists_and_describes():
    try:
        from google.protobuf import descriptor_pb2
    except ImportError as error:
        raise Unavailable("python3-protobuf is not installed") from error
    for version in ("v1", "v1alpha"):
        ask = CHANNEL.stream_stream(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")
        symbol = b"rustbill.wiretest.Echo"
        listed, file = ask(iter([b"\x3a\x01*", b"\x22" + bytes([len(symbol)]) + symbol]))
        assert b"rustbill.wiretest.Echo" in listed and b"grpc.health.v1.Health" in listed
        start = file.index(b"\n\necho.proto")
        described = descriptor_pb2.FileDescriptorProto.FromString(file[start:])
        assert described.service[0].name == "Echo"


def a_drain_finishes_what_runs_and_ends_what_would_last():
    questions = queue.Queue()
    questions.put(b"\x3a\x01*")
    idle = CHANNEL.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")(
        iter(questions.get, None))
    assert b"rustbill.wiretest.Echo" in next(idle)
    running = UNARY.future(pb.EchoRequest(text="last", delay_ms=700))
    wait_until(lambda: SERVER.counters()["running"] == 1, "the handler runs")
    SERVER.ends_well()
    assert running.result(timeout=5).text == "last"
    assert failure(lambda: next(idle)).code() == Code.UNAVAILABLE
    questions.put(None)


if __name__ == "__main__":
    stories.run([
        unary_calls_answer_on_a_worker_and_on_the_io_thread, server_streams_arrive_in_order,
        client_streams_are_collected, bidirectional_streams_alternate, errors_carry_code_message_and_reason,
        every_code_arrives_as_itself, internal_errors_tell_nothing, a_stream_may_fail_after_its_messages,
        metadata_travels_both_ways, deadlines_end_calls_and_reach_the_handler,
        cancelled_calls_reach_the_handler, compressed_messages_are_read_and_answered,
        large_messages_pass_up_to_the_limit, a_reader_that_is_slow_does_not_fill_our_memory,
        unknown_methods_are_unimplemented, what_is_no_message_is_refused, health_answers_and_watches,
        many_calls_share_one_connection, reflection_lists_and_describes, a_drain_finishes_what_runs_and_ends_what_would_last])
