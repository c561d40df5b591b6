// Whether the server, its database, its providers and its gateways work, and what waits for people.

import { call } from "./calls.js";
import { element, fill, state_cell } from "./page.js";
import { local_time, text } from "./texts.js";

// A list that not every administrator may read; the heading counts what the first page has no room for.
async function fill_if_allowed(name, method, rows_of) {
  let answer;
  try {
    answer = await call(method);
  } catch (error) {
    if (error.code !== "permission_denied") throw error;
  }
  element(`${name}-part`).hidden = answer === undefined;
  if (answer === undefined) return;
  element(`${name}-total`).textContent = answer.meta?.total ?? 0;
  fill(element(name), rows_of(answer).map((texts) => ({ texts })));
}

async function probe(path) {
  try {
    return (await fetch(path, { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

export async function refresh_overview() {
  const [alive, ready, providers, gateways] = await Promise.all([
    probe("/health"), probe("/ready"),
    call("integration.IntegrationService/ListProviders"),
    call("integration.IntegrationService/ListGateways"),
  ]);
  state_cell(element("health"), alive);
  state_cell(element("ready"), ready);
  fill(element("providers"), (providers.providers ?? []).map((provider) => ({
    texts: [provider.providerId, provider.providerName, provider.providerType],
    works: provider.isHealthy === true,
    addition: provider.isSandbox ? text("sandbox") : "",
  })));
  fill(element("gateways"), (gateways.gateways ?? []).map((gateway) => ({
    texts: [gateway.gatewayId, gateway.gatewayName],
    works: gateway.isHealthy === true,
  })));
  await fill_if_allowed("events", "integration.EventService/ListDeadEvents", (answer) => (answer.events ?? [])
    .map((event) => [event.kind, event.lastError, event.attempts, local_time(event.createdAt)]));
  await fill_if_allowed("orphans", "instance.InstanceService/ListOrphanServers", (answer) => (answer.servers ?? [])
    .map((server) => [`${server.providerId}: ${server.providerInstanceId}`, server.ipAddress,
      server.openedForInstanceId, local_time(server.firstSeenAt)]));
}
