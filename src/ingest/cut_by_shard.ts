import { byteString } from "../codec/byte_string.ts";
import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import type {
  ResourceAttributes,
  SpanBatch,
  SpanRow,
} from "../otlp/span_batch.ts";
import { shardOf } from "../trace/ownership.ts";
import type { LinkHalf, SpanFacts } from "../trace/span_facts.ts";
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from "../trace/span_facts_codec.ts";
import { TraceMessageWriter, withBlock } from "../trace/trace_message.ts";
import type { PieceEncoding } from "../spans/kept_span.ts";
import { SpanBlockWriter } from "../trace_store/span_block.ts";
import type { SpanPiece } from "../spans/span_pieces.ts";
import { classify, resourceTraits, serviceOf } from "./classify.ts";

/**
 * A message is closed at this size: a shard joins it at one go, and a large
 * request in several messages lets those of others in between.
 */
export const MAX_MESSAGE_BYTES = 250_000;
/** The same for the spans that it brings; a row of the platform has 2 MB. */
export const MAX_BLOCK_BYTES = 1_000_000;
/**
 * Messages of one request that are under way to shards at a time: with their
 * spans they are as large as the request, and need not all be in memory.
 */
export const MAX_MESSAGES_AT_ONCE = 8;

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

/** Spans as they were sent, to be kept. */
export interface SentSpans {
  readonly encoding: PieceEncoding;
  /** In the order of the batch's spans. */
  readonly pieces: readonly SpanPiece[];
}

/** How a batch is cut. */
export interface CutOptions {
  readonly shards: number;
  readonly resources: ResourceFacts;
  /** null: they are not to be kept. */
  readonly sent: SentSpans | null;
  /** Told how many spans are too large to be kept. */
  readonly notKept: (spans: number) => void;
}

/**
 * Cuts a batch into messages, each for the shard of its spans' traces. A
 * consumer that links to producers goes to their traces' shards as well. Each
 * message is made when it is asked for, so that they need not all be in memory.
 */
export function* cutByShard(
  batch: SpanBatch,
  options: CutOptions,
): Generator<ShardMessage> {
  const cut = new Cut(options);
  for (const [at, row] of batch.spans.entries()) {
    const resource = options.resources.get(row.resource);
    if (resource === undefined) continue;
    const span = factsOf(batch, row, resource);
    cut.span(span, options.sent?.pieces[at] ?? null);
    if (span.linked) cutLinks(cut, batch, { row, span });
    yield* cut.closed();
  }
  yield* cut.finish();
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
    cut.link({ target: { traceId, spanId }, consumer: span });
  }
}

class Cut {
  readonly #options: CutOptions;
  readonly #open: Map<number, OpenMessage> = new Map();
  #closed: ShardMessage[] = [];
  #notKept = 0;

  constructor(options: CutOptions) {
    this.#options = options;
  }

  span(span: SpanFacts, piece: SpanPiece | null): void {
    const { facts, block } = this.#messageFor(span.traceId);
    facts.span(span);
    if (block !== null && !block.add(piece)) this.#notKept++;
  }

  link(half: LinkHalf): void {
    this.#messageFor(half.target.traceId).facts.link(half);
  }

  #messageFor(traceId: string): OpenMessage {
    const { shards, sent } = this.#options;
    const shard = shardOf(traceId, shards);
    const open = this.#open.get(shard);
    if (open !== undefined && !isFull(open)) return open;
    if (open !== undefined) this.#closed.push(closedMessage(shard, open));
    const message = {
      facts: new TraceMessageWriter(),
      block: sent === null ? null : new SpanBlockWriter(sent.encoding),
    };
    this.#open.set(shard, message);
    return message;
  }

  /** The messages that are full; each once. */
  closed(): readonly ShardMessage[] {
    if (this.#closed.length === 0) return NO_MESSAGES;
    const closed = this.#closed;
    this.#closed = [];
    return closed;
  }

  *finish(): Generator<ShardMessage> {
    if (this.#notKept > 0) this.#options.notKept(this.#notKept);
    for (const [shard, open] of this.#open) yield closedMessage(shard, open);
  }
}

const NO_MESSAGES: readonly ShardMessage[] = [];

interface OpenMessage {
  readonly facts: TraceMessageWriter;
  readonly block: SpanBlockWriter | null;
}

function isFull({ facts, block }: OpenMessage): boolean {
  return facts.length >= MAX_MESSAGE_BYTES ||
    (block?.length ?? 0) >= MAX_BLOCK_BYTES;
}

function closedMessage(
  shard: number,
  { facts, block }: OpenMessage,
): ShardMessage {
  const sent = block?.finish() ?? null;
  const message = sent === null || sent.length === 0
    ? facts.finish()
    : withBlock(facts.finish(), sent);
  return { shard, message };
}
