// @grpc/grpc-js against the transport: node grpc_js.mjs ADDRESS ECHO_PROTO
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

import { check, run, same } from "./stories.mjs";

const [address, proto] = process.argv.slice(2);
const { Echo } = grpc.loadPackageDefinition(loader.loadSync(proto, { longs: String, defaults: true }))
  .rustbill.wiretest;
const client = new Echo(address, grpc.credentials.createInsecure());

function unary(method, request, { metadata = new grpc.Metadata(), options = {}, on = client } = {}) {
  return new Promise((resolve) => {
    const result = {};
    const call = on[method](request, metadata, options, (error, answer) => Object.assign(result, { error, answer }));
    call.on("metadata", (initial) => (result.initial = initial));
    call.on("status", (status) => resolve(Object.assign(result, { status })));
  });
}

function drained(stream) {
  return new Promise((resolve) => {
    const answers = [];
    stream.on("data", (answer) => answers.push(answer));
    stream.on("error", () => {});
    stream.on("status", (status) => resolve({ answers, status }));
  });
}

const result = await run({
  "unary calls answer on a worker and on the I/O thread": async () => {
    for (const method of ["unary", "fast"]) {
      const { answer } = await unary(method, { text: "hé", number: "-5", payload: Buffer.from([0, 255]) });
      same([answer.text, answer.number, [...answer.payload]], ["hé", "-5", [0, 255]]);
    }
  },
  "server streams arrive in order": async () => {
    const { answers, status } = await drained(client.serverStream({ count: 500 }));
    same(answers.map((answer) => answer.index), Array.from({ length: 500 }, (_, i) => i));
    same(status.code, grpc.status.OK);
  },
  "client streams are collected": async () => {
    const answer = await new Promise((resolve, reject) => {
      const call = client.clientStream((error, value) => (error ? reject(error) : resolve(value)));
      for (let i = 0; i < 100; i += 1) call.write({ text: "a", payload: Buffer.alloc(1000) });
      call.end();
    });
    same([answer.index, answer.number], [100, "100000"]);
  },
  "bidirectional streams alternate": async () => {
    const call = client.bidi();
    for (let i = 0; i < 50; i += 1) {
      const answer = new Promise((resolve) => call.once("data", resolve));
      call.write({ text: String(i) });
      same((await answer).text, String(i));
    }
    const end = new Promise((resolve) => call.on("status", resolve));
    call.end();
    same((await end).code, grpc.status.OK);
  },
  "errors carry code, message and reason": async () => {
    const { error } = await unary("unary", { failWith: "order.not_payable", failMessage: "100% 余" });
    same([error.code, error.details], [grpc.status.FAILED_PRECONDITION, "100% 余"]);
    same(error.metadata.get("rb-reason"), ["order.not_payable"]);
  },
  "metadata travels both ways": async () => {
    const metadata = new grpc.Metadata();
    metadata.set("x-echo-a", "1");
    metadata.set("x-echo-bin", Buffer.from([0, 255]));
    metadata.set("x-trail-bin", Buffer.from([254]));
    const { initial, status } = await unary("unary", {}, { metadata });
    same(initial.get("x-echo-a"), ["1"]);
    same([...initial.get("x-echo-bin")[0]], [0, 255]);
    same([...status.metadata.get("x-trail-bin")[0]], [254]);
  },
  "deadlines end calls": async () => {
    const { error } = await unary("unary", { delayMs: 20000 }, { options: { deadline: Date.now() + 200 } });
    same(error.code, grpc.status.DEADLINE_EXCEEDED);
  },
  "a cancelled call ends as cancelled": async () => {
    const call = client.serverStream({ count: 1000000, delayMs: 5 });
    call.once("data", () => call.cancel());
    same((await drained(call)).status.code, grpc.status.CANCELLED);
  },
  "compressed messages are read and answered": async () => {
    const gzip = new Echo(address, grpc.credentials.createInsecure(), {
      "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip,
    });
    const payload = Buffer.alloc(200000, "abc");
    const { answer } = await unary("unary", { payload }, { on: gzip });
    check(payload.equals(answer.payload), "the payload came back");
    gzip.close();
  },
  "messages past the limit are refused": async () => {
    const { error } = await unary("unary", { payload: Buffer.alloc(4 * 1024 * 1024) });
    same(error.code, grpc.status.RESOURCE_EXHAUSTED);
  },
  "a thousand calls at once all answer": async () => {
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => unary("unary", { number: String(i) })));
    same(answers.map(({ answer }) => answer.number), Array.from({ length: 1000 }, (_, i) => String(i)));
  },
});
client.close();
console.log(`${result.passed} passed, ${result.failed} failed`);
process.exit(result.failed ? 1 : 0);
