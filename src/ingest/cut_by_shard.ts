import { byteString } from "../codec/byte_string.ts";
import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import type {
  ResourceAttributes,
  SpanBatch,
  SpanRow,
} from "../otlp/span_batch.ts";
import { shardOf } from "../trace/ownership.ts";
import type { SpanFacts } from "../trace/span_facts.ts";
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from "../trace/span_facts_codec.ts";
import { TraceMessageWriter } from "../trace/trace_message.ts";
import { classify, resourceTraits, serviceOf } from "./classify.ts";

/**
 * A message is closed at this size: a shard joins it at one go, and a large
 * request in several messages lets those of others in between.
 */
export const MAX_MESSAGE_BYTES = 250_000;

/** A message to one shard. */
export interface ShardMessage {
  /** Number of the shard, from 0. */
  readonly shard: number;
  readonly message: Uint8Array;
}

/** A resource's part in its spans' facts. */
export type ResourceFacts = ReadonlyMap<
  ResourceAttributes,
  { readonly service: NodeIdentity; readonly traits: number }
>;

/** The services of a batch; resources that name the same one share it. */
export function resourceFacts(batch: SpanBatch): ResourceFacts {
  const services = new Map<string, NodeIdentity>();
  const facts = new Map<
    ResourceAttributes,
    { service: NodeIdentity; traits: number }
  >();
  for (const { resource } of batch.spans) {
    if (facts.has(resource)) continue;
    const named = serviceOf(resource);
    const id = nodeId(named);
    const service = services.get(id) ?? named;
    services.set(id, service);
    facts.set(resource, { service, traits: resourceTraits(resource) });
  }
  return facts;
}

/**
 * Cuts a batch into messages, each for the shard of its spans' traces. A
 * consumer that links to producers goes to their traces' shards as well.
 */
export function cutByShard(
  batch: SpanBatch,
  options: { readonly shards: number; readonly resources: ResourceFacts },
): readonly ShardMessage[] {
  const cut = new Cut(options.shards);
  for (const row of batch.spans) {
    const resource = options.resources.get(row.resource);
    if (resource === undefined) continue;
    const span = factsOf(batch, row, resource);
    cut.writerFor(span.traceId).span(span);
    if (span.linked) cutLinks(cut, batch, { row, span });
  }
  return cut.finish();
}

function factsOf(
  batch: SpanBatch,
  row: SpanRow,
  resource: { readonly service: NodeIdentity; readonly traits: number },
): SpanFacts {
  return {
    // First: what comes before a spread makes it slow.
    ...classify(row, resource),
    traceId: byteString(batch.ids, row.traceAt, TRACE_ID_BYTES),
    spanId: byteString(batch.ids, row.spanAt, SPAN_ID_BYTES),
    parentId: row.parentAt < 0
      ? ""
      : byteString(batch.ids, row.parentAt, SPAN_ID_BYTES),
  };
}

function cutLinks(
  cut: Cut,
  batch: SpanBatch,
  consumer: { readonly row: SpanRow; readonly span: SpanFacts },
): void {
  const { span } = consumer;
  const links = consumer.row.links ?? [];
  const done = new Set([span.traceId + span.parentId]);
  for (let at = 0; at + 1 < links.length; at += 2) {
    const traceId = byteString(batch.ids, links[at] ?? 0, TRACE_ID_BYTES);
    const spanId = byteString(batch.ids, links[at + 1] ?? 0, SPAN_ID_BYTES);
    // The parent is joined as such, and a link said twice is one link.
    if (done.has(traceId + spanId)) continue;
    done.add(traceId + spanId);
    cut.writerFor(traceId)
      .link({ target: { traceId, spanId }, consumer: span });
  }
}

class Cut {
  readonly #shards: number;
  readonly #open: Map<number, TraceMessageWriter> = new Map();
  readonly #closed: ShardMessage[] = [];

  constructor(shards: number) {
    this.#shards = shards;
  }

  writerFor(traceId: string): TraceMessageWriter {
    const shard = shardOf(traceId, this.#shards);
    const open = this.#open.get(shard);
    if (open !== undefined && open.length < MAX_MESSAGE_BYTES) return open;
    if (open !== undefined) this.#close(shard, open);
    const writer = new TraceMessageWriter();
    this.#open.set(shard, writer);
    return writer;
  }

  #close(shard: number, writer: TraceMessageWriter): void {
    this.#closed.push({ shard, message: writer.finish() });
  }

  finish(): readonly ShardMessage[] {
    for (const [shard, writer] of this.#open) this.#close(shard, writer);
    return this.#closed;
  }
}
