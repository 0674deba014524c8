import { virtualNode } from "../map/node_identity.ts";
import type { ConnectionType } from "../map/service_window.ts";
import { SpanKind, StatusCode } from "../map/span_kind.ts";
import type { SeededRandom } from "./seeded_random.ts";
import type { ShopService } from "./shop_services.ts";
import {
  durationNs,
  type ShopSpan,
  type ShopSpanContext,
  type ShopTraffic,
} from "./shop_span.ts";

const NS_PER_MS = 1e6;
const NETWORK_MEDIAN_MS = 0.4;
const LATENCY_SIGMA = 0.7;
const FAILURE_RATE = 0.03;
// Most SDKs leave the status of what went well unset; a few say OK.
const OK_RATE = 0.1;

type Attributes = Readonly<Record<string, string | number>>;

/** What a span is opened with. */
export interface SpanOptions {
  readonly service: ShopService;
  readonly name: string;
  readonly kind: SpanKind;
  /** Time of its own, without what happens inside it, ms. */
  readonly medianMs: number;
  /** null or missing for a root. */
  readonly parent?: ShopSpanContext | null;
  readonly failed?: boolean;
  readonly attributes?: Attributes;
  readonly links?: readonly ShopSpanContext[];
}

/** A request from one service to others that have spans of their own. */
export interface CallOptions {
  readonly from: ShopService;
  /** More than one: each of them serves the same client span. */
  readonly to: readonly ShopService[];
  readonly name: string;
  readonly medianMs: number;
  readonly clientAttributes?: Attributes;
  readonly serverAttributes?: Attributes;
}

/** A CLIENT or PRODUCER span that no other service answers. */
export interface LoneOptions {
  readonly from: ShopService;
  readonly kind: SpanKind;
  readonly name: string;
  readonly medianMs: number;
  readonly attributes: Attributes;
  /** How the map shows it; null where it cannot tell who was called. */
  readonly shownAs: { type: ConnectionType; node: string } | null;
}

/** A message on its way: what is needed of its PRODUCER span. */
export interface Message {
  readonly producer: ShopSpan;
  readonly system: string;
  readonly destination: string;
}

/** How a CONSUMER span names the messages that it took. */
export type MessageReference = "link" | "parent" | "parent and link";

/** What takes messages. */
export interface ConsumeOptions {
  readonly to: ShopService;
  readonly messages: readonly [Message, ...Message[]];
  readonly by: MessageReference;
  readonly name: string;
  readonly medianMs: number;
}

/**
 * Tells one trace, step by step: each method adds the spans of what happened,
 * and what the map has to make of them, to the traffic.
 */
export class Journey {
  readonly #traffic: ShopTraffic;
  readonly #random: SeededRandom;
  readonly #traceId: string;
  #nowNs: bigint;

  constructor(
    traffic: ShopTraffic,
    random: SeededRandom,
    { startNs, traceId }: { startNs: bigint; traceId?: string },
  ) {
    this.#traffic = traffic;
    this.#random = random;
    this.#traceId = traceId ?? random.hex(16);
    this.#nowNs = startNs;
  }

  /** A span; `inside` happens in the middle of it. */
  span(
    options: SpanOptions,
    inside?: (context: ShopSpanContext) => void,
  ): ShopSpan {
    const context = { traceId: this.#traceId, spanId: this.#random.hex(8) };
    const startNs = this.#nowNs;
    this.#pass(options.medianMs / 2);
    inside?.(context);
    this.#pass(options.medianMs / 2);
    const span: ShopSpan = {
      ...context,
      service: options.service,
      parentSpanId: options.parent?.spanId ?? "",
      traceState: "",
      name: options.name,
      kind: options.kind,
      status: this.#status(options.failed ?? false),
      startNs,
      endNs: this.#nowNs,
      attributes: options.attributes ?? {},
      links: options.links ?? [],
    };
    this.#traffic.spans.push(span);
    return span;
  }

  /** Work within a service, which is no request. */
  work(parent: ShopSpanContext | null, options: Omit<SpanOptions, "kind">) {
    this.span({ ...options, kind: SpanKind.INTERNAL, parent });
  }

  /** A request that a service with spans answers. */
  call(
    parent: ShopSpanContext | null,
    options: CallOptions,
    inside?: (context: ShopSpanContext) => void,
  ): void {
    const servers: ShopSpan[] = [];
    const client = this.span({
      service: options.from,
      name: options.name,
      kind: SpanKind.CLIENT,
      medianMs: 2 * NETWORK_MEDIAN_MS,
      parent,
      failed: this.#fails(),
      attributes: options.clientAttributes ?? {},
    }, (context) => {
      for (const service of options.to) {
        servers.push(this.span({
          service,
          name: options.name,
          kind: SpanKind.SERVER,
          medianMs: options.medianMs,
          parent: context,
          failed: this.#fails(),
          attributes: options.serverAttributes ?? {},
        }, inside));
      }
    });
    for (const server of servers) {
      this.#traffic.requests.push({
        from: client.service.node,
        to: server.service.node,
        connectionType: "",
        messagingSystem: "",
        messagingDestination: "",
        failed: hasFailed(client) || hasFailed(server),
        serverNs: durationNs(server),
        clientNs: durationNs(client),
        queueNs: null,
        endNs: server.endNs,
      });
    }
  }

  /** A request to a database, an external host, a queue nobody reads. */
  lone(parent: ShopSpanContext | null, options: LoneOptions): void {
    const span = this.span({
      service: options.from,
      name: options.name,
      kind: options.kind,
      medianMs: options.medianMs,
      parent,
      failed: this.#fails(),
      attributes: options.attributes,
    });
    if (options.shownAs === null) {
      this.#traffic.unpaired.push({
        service: options.from,
        side: "client",
        endNs: span.endNs,
      });
      return;
    }
    this.#traffic.requests.push({
      from: options.from.node,
      to: virtualNode(options.shownAs.node),
      connectionType: options.shownAs.type,
      messagingSystem: "",
      messagingDestination: "",
      failed: hasFailed(span),
      serverNs: null,
      clientNs: durationNs(span),
      queueNs: null,
      endNs: span.endNs,
    });
  }

  /** A request that comes from outside: no service with spans sent it. */
  entry(
    options: Omit<SpanOptions, "kind" | "parent"> & { caller: string },
    inside: (context: ShopSpanContext) => void,
  ): void {
    const server = this.span({
      ...options,
      kind: SpanKind.SERVER,
      failed: this.#fails(),
    }, inside);
    this.#traffic.requests.push({
      from: virtualNode(options.caller),
      to: options.service.node,
      connectionType: "virtual_node",
      messagingSystem: "",
      messagingDestination: "",
      failed: hasFailed(server),
      serverNs: durationNs(server),
      clientNs: null,
      queueNs: null,
      endNs: server.endNs,
    });
  }

  /** A request whose client's span is never exported. */
  orphan(options: Omit<SpanOptions, "kind" | "parent">): void {
    const parent = { traceId: this.#traceId, spanId: this.#random.hex(8) };
    const server = this.span({ ...options, kind: SpanKind.SERVER, parent });
    this.#traffic.unpaired.push({
      service: options.service,
      side: "server",
      endNs: server.endNs,
    });
  }

  /** Puts a message into a queue. */
  produce(
    parent: ShopSpanContext | null,
    options: { from: ShopService; system: string; destination: string },
  ): Message {
    const { from, system, destination } = options;
    const producer = this.span({
      service: from,
      name: `${destination} publish`,
      kind: SpanKind.PRODUCER,
      medianMs: 2,
      parent,
      failed: this.#fails(),
      attributes: {
        ...messagingAttributes(options),
        "server.address": `${system}.shop.internal`,
      },
    });
    return { producer, system, destination };
  }

  /** Takes messages out of a queue, after some time in it. */
  consume(
    options: ConsumeOptions,
    inside?: (context: ShopSpanContext) => void,
  ): void {
    const { messages, to } = options;
    const [first] = messages;
    for (const { producer } of messages) {
      if (producer.endNs > this.#nowNs) this.#nowNs = producer.endNs;
    }
    this.#pass(20);
    const consumer = this.span({
      service: to,
      name: options.name,
      kind: SpanKind.CONSUMER,
      medianMs: options.medianMs,
      parent: options.by === "link" ? null : first.producer,
      failed: this.#fails(),
      attributes: messagingAttributes(first),
      links: options.by === "parent"
        ? []
        : messages.map(({ producer: { traceId, spanId } }) => ({
          traceId,
          spanId,
        })),
    }, inside);
    for (const message of messages) {
      this.#traffic.requests.push({
        from: message.producer.service.node,
        to: to.node,
        connectionType: "messaging_system",
        messagingSystem: message.system,
        messagingDestination: message.destination,
        failed: hasFailed(message.producer) || hasFailed(consumer),
        serverNs: durationNs(consumer),
        clientNs: durationNs(message.producer),
        queueNs: Number(consumer.startNs - message.producer.endNs),
        endNs: consumer.endNs,
      });
    }
  }

  #pass(medianMs: number): void {
    const ms = this.#random.logNormal(medianMs, LATENCY_SIGMA);
    this.#nowNs += BigInt(Math.max(1, Math.round(ms * NS_PER_MS)));
  }

  #fails(): boolean {
    return this.#random.chance(FAILURE_RATE);
  }

  #status(failed: boolean): StatusCode {
    if (failed) return StatusCode.ERROR;
    return this.#random.chance(OK_RATE) ? StatusCode.OK : StatusCode.UNSET;
  }
}

function hasFailed(span: ShopSpan): boolean {
  return span.status === StatusCode.ERROR;
}

function messagingAttributes(
  { system, destination }: { system: string; destination: string },
): Attributes {
  return {
    "messaging.system": system,
    "messaging.destination.name": destination,
  };
}
