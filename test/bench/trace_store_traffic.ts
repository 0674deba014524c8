import { byteString } from "../../src/codec/byte_string.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import type { NodeIdentity } from "../../src/map/node_identity.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import {
  TraceMessageWriter,
  withBlock,
} from "../../src/trace/trace_message.ts";
import { SpanBlockWriter } from "../../src/trace_store/span_block.ts";
import { bytesField, concat, fixed64Field, varintField } from "../otlp/wire.ts";

/** Spans of each trace. */
export const SPANS_PER_TRACE = 8;
const SERVICES = 30;
/** Of the spans of every service but the rare one, one in so many fails. */
const COMMON_ERRORS = 100;
/** Of all spans, one in so many is a failed one of the rare service. */
const RARE_ERRORS = 100_000;
const TRACE_AT = 2;
const SPAN_AT = TRACE_AT + 16 + 2;

/** A service whose spans fail often. */
export const COMMON_SERVICE = "shop-service-7";
/** A service whose spans hardly ever fail. */
export const RARE_SERVICE = "shop-service-0";

interface Template {
  readonly service: NodeIdentity;
  readonly operation: string;
  readonly kind: SpanKind;
  readonly resource: Uint8Array;
  readonly scope: Uint8Array;
  /** Its times are of no trace: nothing reads them. */
  readonly span: Uint8Array;
}

/** Makes messages of whole traces, of some 500 bytes a span. */
export class TraceStoreTraffic {
  readonly #random = new SeededRandom(17);
  readonly #templates: readonly Template[] = templates();
  #spans = 0;

  /** How many spans were made. */
  get spans(): number {
    return this.#spans;
  }

  /**
   * A message, as the Worker makes it.
   *
   * @param startMs When its traces start, ms since the epoch.
   */
  message(traces: number, startMs: number): Uint8Array {
    const facts = new TraceMessageWriter();
    const block = new SpanBlockWriter("protobuf");
    for (let trace = 0; trace < traces; trace++) {
      const startNs = BigInt(startMs) * 1_000_000n +
        BigInt(this.#random.below(1e9));
      this.#trace(startNs, { facts, block });
    }
    return withBlock(facts.finish(), block.finish());
  }

  #trace(startNs: bigint, { facts, block }: {
    readonly facts: TraceMessageWriter;
    readonly block: SpanBlockWriter;
  }): void {
    const traceBytes = this.#bytes(16);
    const traceId = byteString(traceBytes, 0, 16);
    let parentId = "";
    for (let at = 0; at < SPANS_PER_TRACE; at++) {
      const template = this.#template();
      const spanBytes = this.#bytes(8);
      const spanId = byteString(spanBytes, 0, 8);
      const span = template.span.slice();
      span.set(traceBytes, TRACE_AT);
      span.set(spanBytes, SPAN_AT);
      // What differs from span to span: an address, a message's id, a time.
      for (const byte of this.#bytes(24)) {
        span[span.length - 1 - byte % 128] = 97 + byte % 26;
      }
      const start = startNs + BigInt(at * 1_000_000);
      facts.span({
        traceId,
        spanId,
        parentId,
        kind: template.kind,
        status: this.#fails(template) ? 2 : 0,
        startHigh: Number(start >> 32n),
        startLow: Number(start & 0xffffffffn),
        durationNs: 1_000_000 + this.#random.below(50_000_000),
        service: template.service,
        traits: 0,
        operation: template.operation,
        weight: 1,
        peer: "",
        database: false,
        system: "",
        destination: "",
        endpoint: "",
        linked: false,
      });
      block.add({ ...template, span });
      parentId = spanId;
      this.#spans++;
    }
  }

  #fails({ service }: Template): boolean {
    if (service.name !== RARE_SERVICE) {
      return this.#random.chance(1 / COMMON_ERRORS);
    }
    return this.#random.chance(SERVICES / RARE_ERRORS);
  }

  #template(): Template {
    const { length } = this.#templates;
    const template = this.#templates[this.#random.below(length)];
    if (template === undefined) throw new Error("There are no templates");
    return template;
  }

  #bytes(count: number): Uint8Array {
    return Uint8Array.from(
      { length: count },
      () => this.#random.below(256),
    );
  }
}

function templates(): readonly Template[] {
  return Array.from({ length: SERVICES }, (_, at) => {
    const name = `shop-service-${at}`;
    const service = { namespace: "shop", name, environment: "production" };
    const resource = bytesField(1, [
      attribute("service.name", name, 1),
      attribute("service.namespace", "shop", 1),
      attribute("deployment.environment.name", "production", 1),
      attribute(
        "service.instance.id",
        `9b2f1c1e-6a4c-4a49-8c17-3c1d4c3e${at}`,
        1,
      ),
      attribute("telemetry.sdk.language", "nodejs", 1),
      attribute("host.name", `node-${at}.eu-west.shop.example`, 1),
    ]);
    const scope = bytesField(1, [bytesField(1, "@opentelemetry/http")]);
    return [SpanKind.SERVER, SpanKind.CLIENT, SpanKind.INTERNAL].map(
      (kind) => {
        const operation = `GET /${name}/{id}/${kind}`;
        const span = spanOf(operation, kind);
        return { service, operation, kind, resource, scope, span };
      },
    );
  }).flat();
}

function spanOf(operation: string, kind: SpanKind): Uint8Array {
  return concat([
    bytesField(1, new Uint8Array(16)),
    bytesField(2, new Uint8Array(8)),
    bytesField(4, new Uint8Array(8)),
    bytesField(5, operation),
    varintField(6, kind),
    fixed64Field(7, 1n),
    fixed64Field(8, 2n),
    attribute("http.request.method", "GET"),
    attribute("server.address", "shop.example"),
    attribute("network.protocol.version", "1.1"),
    attribute("url.scheme", "https"),
    attribute("http.route", operation),
    attribute(
      "user_agent.original",
      "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101",
    ),
    attribute("code.function.name", "shop.orders.OrderPublisher.publish"),
    // The end of it is what differs.
    attribute("url.full", `https://shop.example/${"a".repeat(140)}`),
  ]);
}

function attribute(key: string, value: string, field = 9): Uint8Array {
  return bytesField(field, [
    bytesField(1, key),
    bytesField(2, [bytesField(1, value)]),
  ]);
}
