import { virtualNode } from "../../src/map/node_identity.ts";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import {
  durationNs,
  type ShopRequest,
  type ShopSpan,
} from "../../src/local/shop_span.ts";

/**
 * The requests that spans show, by the words of the contract and nothing
 * else: every span is compared with every other.
 */
export function bruteForceRequests(spans: readonly ShopSpan[]): ShopRequest[] {
  const paired = new Set<ShopSpan>();
  const requests: ShopRequest[] = [];
  for (const server of spans) {
    if (!isServer(server)) continue;
    for (const client of spans) {
      if (!isPair(client, server)) continue;
      paired.add(client).add(server);
      requests.push(pairRequest(client, server));
    }
  }
  for (const span of spans) {
    if (!paired.has(span)) requests.push(...loneRequests(span));
  }
  return requests;
}

function isServer({ kind }: ShopSpan): boolean {
  return kind === SpanKind.SERVER || kind === SpanKind.CONSUMER;
}

function isPair(client: ShopSpan, server: ShopSpan): boolean {
  const isChild = client.traceId === server.traceId &&
    client.spanId === server.parentSpanId;
  if (server.kind === SpanKind.SERVER) {
    return client.kind === SpanKind.CLIENT && isChild;
  }
  return client.kind === SpanKind.PRODUCER && (isChild ||
    server.links.some(({ traceId, spanId }) =>
      client.traceId === traceId && client.spanId === spanId
    ));
}

function pairRequest(client: ShopSpan, server: ShopSpan): ShopRequest {
  const messaging = server.kind === SpanKind.CONSUMER;
  return {
    from: client.service.node,
    to: server.service.node,
    connectionType: messaging ? "messaging_system" : "",
    messagingSystem: text(client, "messaging.system"),
    messagingDestination: text(client, "messaging.destination.name"),
    failed: hasFailed(client) || hasFailed(server),
    serverNs: durationNs(server),
    clientNs: durationNs(client),
    queueNs: messaging ? Number(server.startNs - client.endNs) : null,
    endNs: server.endNs,
  };
}

function loneRequests(span: ShopSpan): ShopRequest[] {
  const alone = {
    messagingSystem: "",
    messagingDestination: "",
    failed: hasFailed(span),
    queueNs: null,
    endNs: span.endNs,
  };
  if (span.kind === SpanKind.SERVER && span.parentSpanId === "") {
    return [{
      ...alone,
      from: virtualNode(text(span, "peer.service") || "user"),
      to: span.service.node,
      connectionType: "virtual_node",
      serverNs: durationNs(span),
      clientNs: null,
    }];
  }
  if (span.kind !== SpanKind.CLIENT && span.kind !== SpanKind.PRODUCER) {
    return [];
  }
  const database = databaseName(span);
  const name = database || peerName(span);
  return name === "" ? [] : [{
    ...alone,
    from: span.service.node,
    to: virtualNode(name),
    connectionType: database === "" ? "virtual_node" : "database",
    serverNs: null,
    clientNs: durationNs(span),
  }];
}

function databaseName(span: ShopSpan): string {
  const name = firstOf(span, [
    "db.namespace",
    "db.name",
    "db.system",
    "db.system.name",
  ]);
  if (span.kind !== SpanKind.CLIENT || name === "") return "";
  const port = text(span, "network.peer.port");
  const address = text(span, "network.peer.address");
  return firstOf(span, ["peer.service", "server.address"]) ||
    (address !== "" && port !== "" ? `${address}:${port}` : address) || name;
}

function peerName(span: ShopSpan): string {
  const url = firstOf(span, ["url.full", "http.url"]);
  return firstOf(span, ["peer.service", "server.address"]) ||
    (url === "" ? "" : new URL(url).hostname) ||
    firstOf(span, ["rpc.service", "messaging.destination.name"]);
}

function firstOf(span: ShopSpan, keys: readonly string[]): string {
  return keys.map((key) => text(span, key)).find((value) => value !== "") ?? "";
}

function text(span: ShopSpan, key: string): string {
  return `${span.attributes[key] ?? ""}`;
}

function hasFailed(span: ShopSpan): boolean {
  return span.status === StatusCode.ERROR;
}
