"""A collector's end of OTLP/HTTP, for tests: takes POST /v1/metrics and decodes the body.

The messages are built here from the specification's names and numbers (opentelemetry-proto, metrics/v1),
and not from the .proto of this tree, so that a field we have wrong is not decoded wrong the same way.
"""

import http.server
import threading
import time

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Field = descriptor_pb2.FieldDescriptorProto
PACKAGE = "spec"

# message -> [(name, number, type or message, repeated)]
MESSAGES = {
    "Request": [("resource_metrics", 1, "ResourceMetrics", True)],
    "ResourceMetrics": [("resource", 1, "Resource", False), ("scope_metrics", 2, "ScopeMetrics", True)],
    "Resource": [("attributes", 1, "KeyValue", True)],
    "ScopeMetrics": [("scope", 1, "Scope", False), ("metrics", 2, "Metric", True)],
    "Scope": [("name", 1, Field.TYPE_STRING, False), ("version", 2, Field.TYPE_STRING, False)],
    "KeyValue": [("key", 1, Field.TYPE_STRING, False), ("value", 2, "AnyValue", False)],
    "AnyValue": [("string_value", 1, Field.TYPE_STRING, False), ("int_value", 3, Field.TYPE_INT64, False)],
    "Metric": [("name", 1, Field.TYPE_STRING, False), ("description", 2, Field.TYPE_STRING, False),
               ("unit", 3, Field.TYPE_STRING, False), ("gauge", 5, "Gauge", False), ("sum", 7, "Sum", False),
               ("histogram", 9, "Histogram", False)],
    "Gauge": [("data_points", 1, "NumberDataPoint", True)],
    "Sum": [("data_points", 1, "NumberDataPoint", True), ("aggregation_temporality", 2, Field.TYPE_INT32, False),
            ("is_monotonic", 3, Field.TYPE_BOOL, False)],
    "Histogram": [("data_points", 1, "HistogramDataPoint", True),
                  ("aggregation_temporality", 2, Field.TYPE_INT32, False)],
    "NumberDataPoint": [("start_time_unix_nano", 2, Field.TYPE_FIXED64, False),
                        ("time_unix_nano", 3, Field.TYPE_FIXED64, False),
                        ("as_int", 6, Field.TYPE_SFIXED64, False), ("attributes", 7, "KeyValue", True)],
    "HistogramDataPoint": [("start_time_unix_nano", 2, Field.TYPE_FIXED64, False),
                           ("time_unix_nano", 3, Field.TYPE_FIXED64, False),
                           ("count", 4, Field.TYPE_FIXED64, False), ("sum", 5, Field.TYPE_DOUBLE, False),
                           ("bucket_counts", 6, Field.TYPE_FIXED64, True),
                           ("explicit_bounds", 7, Field.TYPE_DOUBLE, True), ("attributes", 9, "KeyValue", True)],
}
CUMULATIVE = 2


def request_class():
    file = descriptor_pb2.FileDescriptorProto(name="spec.proto", package=PACKAGE, syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind, repeated in fields:
            added = message.field.add(name=field, number=number,
                                      label=Field.LABEL_REPEATED if repeated else Field.LABEL_OPTIONAL)
            if isinstance(kind, str):
                added.type, added.type_name = Field.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
            else:
                added.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName(f"{PACKAGE}.Request"))


REQUEST = request_class()


def attributes(point):
    return {one.key: one.value.string_value for one in point.attributes}


class Export:
    """One decoded push."""

    def __init__(self, body, headers):
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.message = REQUEST.FromString(body)
        self.resource = attributes(self.message.resource_metrics[0].resource)
        self.metrics = {metric.name: metric for scope in self.message.resource_metrics[0].scope_metrics
                        for metric in scope.metrics}

    def points(self, name, **wanted):
        """The data points of a metric whose attributes are as wanted ("__" stands for ".")."""
        metric = self.metrics[name]
        data = getattr(metric, next(kind for kind in ("gauge", "sum", "histogram") if metric.HasField(kind)))
        wanted = {key.replace("__", "."): value for key, value in wanted.items()}
        return [point for point in data.data_points if wanted.items() <= attributes(point).items()]

    def number(self, name, **wanted):
        return sum(point.as_int for point in self.points(name, **wanted))


class Collector:
    """Listens on 127.0.0.1. `status`: what it answers; `silent`: it answers nothing until it is let go."""

    def __init__(self, port=0):
        self.exports, self.connections, self.status = [], 0, 200
        self.silent = threading.Event()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.connections += 1
                while collector.silent.is_set():
                    time.sleep(0.01)
                if self.path == "/v1/metrics" and collector.status == 200:
                    collector.exports.append(Export(body, self.headers))
                self.send_response(collector.status if self.path == "/v1/metrics" else 404)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a peer that gave up waiting

        self.server = Listener(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
