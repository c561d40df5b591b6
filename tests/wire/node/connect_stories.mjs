// What every Connect client must see, whatever carries it: Node over HTTP/1.1 and h2c, Chromium.
import { Code, ConnectError, createClient } from "@connectrpc/connect";

import { Echo } from "./gen/echo_pb.js";
import { check, failure, run, same } from "./stories.mjs";

// `kind`: "grpc-web" streams too; "connect" is unary.
export async function connectStories(label, transport, { kind }) {
  const client = createClient(Echo, transport);
  const stories = {
    "unary calls answer": async () => {
      for (const method of ["unary", "fast"]) {
        const answer = await client[method]({ text: "hé", number: -5n, payload: new Uint8Array([0, 255]) });
        same([answer.text, answer.number, [...answer.payload]], ["hé", -5n, [0, 255]]);
      }
    },
    "errors carry code and message": async () => {
      const error = ConnectError.from(
        await failure(client.unary({ failWith: "order.not_payable", failMessage: "100% 余" })),
      );
      same([error.code, error.rawMessage], [Code.FailedPrecondition, "100% 余"]);
      same(error.metadata.get("rb-reason"), "order.not_payable");
    },
    "metadata travels both ways": async () => {
      let header;
      let trailer;
      await client.unary({}, {
        headers: { "x-echo-a": "1", "x-trail-b": "2" },
        onHeader: (headers) => (header = headers),
        onTrailer: (trailers) => (trailer = trailers),
      });
      // A page of another origin reads exposed headers only, and Connect's trailers are headers.
      const in_page = Boolean(globalThis.document);
      if (!in_page) same(header.get("x-echo-a"), "1");
      if (!in_page || kind === "grpc-web") same(trailer.get("x-trail-b"), "2");
    },
    "deadlines end calls": async () => {
      const error = ConnectError.from(await failure(client.unary({ delayMs: 20000 }, { timeoutMs: 200 })));
      same(error.code, Code.DeadlineExceeded);
    },
    "large answers arrive": async () => {
      const answer = await client.unary({ payloadBytes: 3000000 });
      same(answer.payload.length, 3000000);
    },
    "messages past the limit are refused": async () => {
      const error = ConnectError.from(await failure(client.unary({ payload: new Uint8Array(4 * 1024 * 1024) })));
      same(error.code, Code.ResourceExhausted);
    },
    "unauthenticated stays unauthenticated": async () => {
      const error = ConnectError.from(await failure(client.fast({ failWith: "unauthenticated", failMessage: "who?" })));
      same([error.code, error.rawMessage], [Code.Unauthenticated, "who?"]);
    },
    "many calls at once all answer": async () => {
      const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => client.unary({ number: BigInt(i) })));
      check(answers.every((answer, i) => answer.number === BigInt(i)), "each its own answer");
    },
  };
  if (kind === "grpc-web") {
    stories["server streams arrive in order"] = async () => {
      const seen = [];
      for await (const answer of client.serverStream({ count: 100, payloadBytes: 5000 })) seen.push(answer.index);
      same(seen, Array.from({ length: 100 }, (_, i) => i));
    };
    stories["a stream may fail after its messages"] = async () => {
      const seen = [];
      const error = ConnectError.from(await failure((async () => {
        for await (const answer of client.serverStream({ count: 2, failWith: "conflict", failMessage: "late" })) {
          seen.push(answer.index);
        }
      })()));
      same([seen, error.code, error.rawMessage], [[0, 1], Code.Aborted, "late"]);
    };
  }
  return run(Object.fromEntries(Object.entries(stories).map(([name, story]) => [`${label}: ${name}`, story])));
}
