import { nodeId, virtualNode } from "../../src/map/node_identity.ts";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import { gapNs, type SpanFacts } from "../../src/trace/span_facts.ts";

/** A span with the spans it links to. */
export interface GeneratedSpan {
  readonly span: SpanFacts;
  readonly links: readonly { traceId: string; spanId: string }[];
}

/** What is expected of one edge. */
export interface ExpectedEdge {
  count: number;
  failed: number;
  latencyNs: number;
  clientNs: number;
  queueNs: number;
}

/** The whole map of spans, worked out without order, time or windows. */
export interface ExpectedMap {
  readonly edges: Map<string, ExpectedEdge>;
  readonly unpairedClients: Map<string, number>;
  readonly unpairedServers: Map<string, number>;
  readonly spans: Map<string, number>;
}

/** The text by which tests name an edge. */
export function edgeText(from: string, to: string, type: string): string {
  return `${from} -> ${to} (${type})`;
}

/** Looks at every pair of spans, as the contract words it. */
export function bruteForceMap(all: readonly GeneratedSpan[]): ExpectedMap {
  const map: ExpectedMap = {
    edges: new Map(),
    unpairedClients: new Map(),
    unpairedServers: new Map(),
    spans: new Map(),
  };
  const paired = new Set<GeneratedSpan>();
  for (const server of all.filter(({ span }) => isServer(span))) {
    const targets = targetsOf(server);
    for (const { traceId, spanId, judged } of targets) {
      const client = all.find(({ span }) =>
        isClient(span) && span.traceId === traceId && span.spanId === spanId
      );
      if (client !== undefined) {
        paired.add(client);
        call(map, client.span, server.span);
      } else if (judged) {
        add(map.unpairedServers, nodeId(server.span.service));
      }
    }
    if (server.span.parentId !== "") continue;
    if (server.span.kind === SpanKind.SERVER) root(map, server.span);
    else if (!server.span.linked) {
      add(map.unpairedServers, nodeId(server.span.service));
    }
  }
  for (const client of all.filter(({ span }) => isClient(span))) {
    if (!paired.has(client)) lone(map, client.span);
  }
  for (const { span } of all) add(map.spans, nodeId(span.service));
  return map;
}

function targetsOf(
  { span, links }: GeneratedSpan,
): { traceId: string; spanId: string; judged: boolean }[] {
  const targets = new Map(
    links.map((
      link,
    ) => [link.traceId + link.spanId, { ...link, judged: true }]),
  );
  if (span.parentId !== "") {
    const parent = { traceId: span.traceId, spanId: span.parentId };
    targets.set(span.traceId + span.parentId, {
      ...parent,
      judged: !span.linked,
    });
  }
  return [...targets.values()];
}

function call(map: ExpectedMap, client: SpanFacts, server: SpanFacts): void {
  const messaging = [client, server].some(({ kind }) =>
    kind === SpanKind.PRODUCER || kind === SpanKind.CONSUMER
  );
  const weight = Math.max(client.weight, server.weight);
  const gap = gapNs(client, server);
  const failed = [client, server].some(({ status }) =>
    status === StatusCode.ERROR
  );
  count(map, {
    id: edgeText(
      nodeId(client.service),
      nodeId(server.service),
      messaging ? "messaging_system" : "",
    ),
    count: weight,
    failed: failed ? weight : 0,
    latencyNs: server.durationNs * weight,
    clientNs: client.durationNs * weight,
    queueNs: messaging && gap > 0 ? gap * weight : 0,
  });
}

function lone(map: ExpectedMap, span: SpanFacts): void {
  if (span.peer === "") {
    add(map.unpairedClients, nodeId(span.service));
    return;
  }
  count(map, {
    id: edgeText(
      nodeId(span.service),
      nodeId(virtualNode(span.peer)),
      span.database ? "database" : "virtual_node",
    ),
    count: span.weight,
    failed: span.status === StatusCode.ERROR ? span.weight : 0,
    latencyNs: span.durationNs * span.weight,
    clientNs: span.durationNs * span.weight,
    queueNs: 0,
  });
}

function root(map: ExpectedMap, span: SpanFacts): void {
  count(map, {
    id: edgeText(
      nodeId(virtualNode(span.peer || "user")),
      nodeId(span.service),
      "virtual_node",
    ),
    count: span.weight,
    failed: span.status === StatusCode.ERROR ? span.weight : 0,
    latencyNs: span.durationNs * span.weight,
    clientNs: 0,
    queueNs: 0,
  });
}

function count(map: ExpectedMap, edge: ExpectedEdge & { id: string }): void {
  const { id, ...added } = edge;
  const known = map.edges.get(id);
  if (known === undefined) {
    map.edges.set(id, added);
    return;
  }
  known.count += added.count;
  known.failed += added.failed;
  known.latencyNs += added.latencyNs;
  known.clientNs += added.clientNs;
  known.queueNs += added.queueNs;
}

function add(counts: Map<string, number>, id: string): void {
  counts.set(id, (counts.get(id) ?? 0) + 1);
}

function isClient({ kind }: SpanFacts): boolean {
  return kind === SpanKind.CLIENT || kind === SpanKind.PRODUCER;
}

function isServer({ kind }: SpanFacts): boolean {
  return kind === SpanKind.SERVER || kind === SpanKind.CONSUMER;
}
