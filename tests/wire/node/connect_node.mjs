// Connect's clients in Node against the transport, direct or behind a proxy:
//   node connect_node.mjs URL [--http1-only]
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";

import { connectStories } from "./connect_stories.mjs";

const [baseUrl, limit] = process.argv.slice(2);
const transports = [
  ["gRPC-Web over HTTP/1.1", createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }), "grpc-web"],
  ["Connect over HTTP/1.1", createConnectTransport({ baseUrl, httpVersion: "1.1" }), "connect"],
];
if (limit !== "--http1-only") {
  transports.push(
    ["gRPC-Web over h2c", createGrpcWebTransport({ baseUrl, httpVersion: "2" }), "grpc-web"],
    ["Connect JSON over h2c", createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: false }), "connect"],
    ["Connect proto over h2c", createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: true }), "connect"],
    ["gRPC over h2c", createGrpcTransport({ baseUrl }), "grpc-web"],
  );
}
let passed = 0;
let failed = 0;
for (const [label, transport, kind] of transports) {
  const result = await connectStories(label, transport, { kind });
  passed += result.passed;
  failed += result.failed;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
