import type { ResourceFacts } from "../ingest/cut_by_shard.ts";
import { nodeId, virtualNode } from "../map/node_identity.ts";
import { isServerSide, SpanKind } from "../map/span_kind.ts";
import { OVERFLOW_NAME } from "../map/window_entries.ts";
import type { ResourceAttributes, SpanBatch } from "../otlp/span_batch.ts";
import { MAX_VALUE_CHARS } from "../otlp/text_limits.ts";
import type { MappingBook } from "./mapping_book.ts";
import type { MappingSource } from "./mapping.ts";

/** The fields that name a resource, by the attribute. */
const FIELDS = [
  ["cloud.resource_id", "cloudResourceId"],
  ["cloud.resource.id", "cloudResourceIdOld"],
  ["aws.ecs.task.arn", "ecsTaskArn"],
  ["aws.ecs.container.arn", "ecsContainerArn"],
  ["k8s.pod.uid", "podUid"],
  ["k8s.pod.name", "podName"],
  ["host.id", "hostId"],
  ["faas.name", "faasName"],
  ["host.name", "hostName"],
] as const satisfies readonly (readonly [
  MappingSource,
  keyof ResourceAttributes,
])[];

/**
 * Notes which resources the services of a batch name, once for each resource of
 * OTLP in it, and of how many traces a request's entry is among the spans: in
 * whatever batches a trace comes, its entry into a service comes in one. And the
 * addresses of what is called by a name.
 *
 * @returns How many pairs there was no room for.
 */
export function learnMappings(
  batch: SpanBatch,
  resources: ResourceFacts,
  { tenant, book, nowMs, named }: {
    readonly tenant: string;
    readonly book: MappingBook;
    readonly nowMs: number;
    /** Whether the sender may say where what it names is. */
    readonly named: boolean;
  },
): number {
  let refused = 0;
  const seen = { tenant, lastSeenMs: nowMs };
  for (const [service, addresses] of named ? peersOf(batch) : []) {
    for (const address of addresses) {
      const added = book.add({
        ...seen,
        service,
        source: "server.address",
        resource: address,
        traces: 0,
      });
      if (!added) refused++;
    }
  }
  const entries = entriesOf(batch, resources);
  for (const [resource, { service }] of resources) {
    if (service.name === OVERFLOW_NAME) continue;
    for (const [source, field] of FIELDS) {
      const value = valueOf(resource, field);
      if (value === "") continue;
      const added = book.add({
        ...seen,
        service: nodeId(service),
        source,
        resource: value,
        traces: entries.get(resource)?.size ?? 0,
      });
      if (!added) refused++;
    }
  }
  return refused;
}

/**
 * The addresses of what callers call by a name (`peer.service`): the map knows
 * the name alone. By the `nodeId` of the name.
 */
function peersOf(batch: SpanBatch): ReadonlyMap<string, ReadonlySet<string>> {
  const peers = new Map<string, Set<string>>();
  for (const { kind, attributes } of batch.spans) {
    if (kind !== SpanKind.CLIENT && kind !== SpanKind.PRODUCER) continue;
    const name = attributes?.peerService ?? "";
    const address = attributes?.serverAddress || attributes?.netPeerName ||
      attributes?.networkPeerAddress || "";
    if (name === "" || name === address || address === "") continue;
    if (address.length >= MAX_VALUE_CHARS) continue;
    const known = peers.get(name);
    if (known === undefined) peers.set(name, new Set([address]));
    else known.add(address);
  }
  return new Map(
    Array.from(peers, ([name, set]) => [nodeId(virtualNode(name)), set]),
  );
}

/** The traces that enter a resource's service in this batch. */
function entriesOf(
  batch: SpanBatch,
  resources: ResourceFacts,
): ReadonlyMap<ResourceAttributes, ReadonlySet<number>> {
  const naming = new Map<ResourceAttributes, Set<number>>();
  for (const resource of resources.keys()) {
    if (FIELDS.some(([, field]) => valueOf(resource, field) !== "")) {
      naming.set(resource, new Set());
    }
  }
  if (naming.size === 0) return naming;
  const { ids } = batch;
  const view = new DataView(ids.buffer, ids.byteOffset, ids.byteLength);
  for (const { resource, kind, parentAt, traceAt } of batch.spans) {
    if (parentAt >= 0 && !isServerSide(kind)) continue;
    // The last 48 bits of the id are random, and enough for one batch.
    naming.get(resource)?.add(
      view.getUint16(traceAt + 10) * 2 ** 32 + view.getUint32(traceAt + 12),
    );
  }
  return naming;
}

/** "" where it names nothing; a value that was cut is no id. */
function valueOf(
  resource: ResourceAttributes,
  field: (typeof FIELDS)[number][1],
): string {
  const value = resource[field] ?? "";
  if (value.length >= MAX_VALUE_CHARS) return "";
  const { podNamespace = "" } = resource;
  return field === "podName" && value !== "" && podNamespace !== ""
    ? `${podNamespace}/${value}`
    : value;
}
