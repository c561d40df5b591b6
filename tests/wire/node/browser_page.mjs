// Bundled for the browser: Connect's web clients call the server from another origin.
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

import { connectStories } from "./connect_stories.mjs";

globalThis.runStories = async (baseUrl) => {
  const results = [
    await connectStories("gRPC-Web in Chromium", createGrpcWebTransport({ baseUrl }), { kind: "grpc-web" }),
    await connectStories("Connect in Chromium", createConnectTransport({ baseUrl }), { kind: "connect" }),
  ];
  // The consumer page pings /health of each endpoint cross-origin to choose the nearest.
  const health = await fetch(`${baseUrl}/health`);
  results.push({ passed: health.ok ? 1 : 0, failed: health.ok ? 0 : 1 });
  return results;
};
