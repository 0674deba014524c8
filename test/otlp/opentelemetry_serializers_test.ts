import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import {
  JsonTraceSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { expect, test } from "vitest";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { readTracesProtobuf } from "../../src/otlp/traces_protobuf.ts";
import { batchOf, type PlainBatch, plainBatch } from "./plain_batch.ts";

/** Spans of two services, as the SDK makes them. */
function sdkSpans(): ReadableSpan[] {
  const spans: ReadableSpan[] = [];
  for (const name of ["web", "cart-サービス"]) {
    const exporter = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({
      resource: resourceFromAttributes({
        "service.name": name,
        "service.namespace": "shop",
        "telemetry.sdk.language": "nodejs",
        "process.pid": 7,
      }),
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    const tracer = provider.getTracer("shop", "1.0");
    const root = tracer.startSpan("GET /cart", {
      kind: SpanKind.SERVER,
      startTime: [1_700_000_000, 123_456_789],
      attributes: {
        "http.route": "/cart",
        "http.request.method": "GET",
        "server.address": "shop.example",
        "network.peer.port": 443,
        "sampling.rate": 0.25,
        "url.full": ["not", "a", "string"],
        "http.request.resend_count": 0,
        "shop.member": true,
      },
    });
    root.addEvent("exception", { "exception.type": "TypeError" });
    root.setStatus({ code: SpanStatusCode.ERROR, message: "it failed" });
    const within: Context = trace.setSpan(ROOT_CONTEXT, root);
    const link: Link = {
      context: {
        traceId: "5b8efff798038103d269b633813fc60c",
        spanId: "eee19b7ec3c1b174",
        traceFlags: TraceFlags.SAMPLED,
      },
      attributes: { "link.kind": "batch" },
    };
    const child = tracer.startSpan("publish orders", {
      kind: SpanKind.PRODUCER,
      startTime: [1_700_000_000, 200_000_000],
      attributes: {
        "messaging.system": "kafka",
        "messaging.destination.name": "orders",
      },
      links: [link, link],
    }, within);
    child.end([1_700_000_000, 200_000_007]);
    root.end([1_700_000_001, 0]);
    spans.push(...exporter.getFinishedSpans());
  }
  return spans;
}

/** What they are, from the SDK's own view of them. */
function expectedBatch(spans: readonly ReadableSpan[]): PlainBatch {
  return {
    rejected: 0,
    rejection: "",
    rejectedSpans: [],
    rejections: {},
    droppedLinks: 0,
    spans: spans.map((span) => {
      const isRoot = span.kind === SpanKind.SERVER;
      const [seconds, nanos] = span.startTime;
      return {
        traceId: span.spanContext().traceId,
        spanId: span.spanContext().spanId,
        parentId: span.parentSpanContext?.spanId ?? "",
        // The API's kinds start at INTERNAL = 0, OTLP's at UNSPECIFIED = 0.
        kind: span.kind + 1,
        status: isRoot ? 2 : 0,
        start: BigInt(seconds) * 1_000_000_000n + BigInt(nanos),
        durationNs: isRoot ? 876_543_211 : 7,
        name: span.name,
        traceState: "",
        resource: {
          serviceName: String(span.resource.attributes["service.name"]),
          serviceNamespace: "shop",
          sdkLanguage: "nodejs",
        },
        attributes: isRoot
          ? {
            httpRoute: "/cart",
            httpRequestMethod: "GET",
            serverAddress: "shop.example",
            networkPeerPort: "443",
            sampling: "0.25",
          }
          : {
            messagingSystem: "kafka",
            messagingDestinationName: "orders",
          },
        links: isRoot
          ? null
          : span.links.map(({ context }) =>
            `${context.traceId}:${context.spanId}`
          ),
      };
    }),
  };
}

const options = { samplingAttribute: "sampling.rate" };

test("readTracesProtobuf() and readTracesJson() read what OpenTelemetry's serializers write", () => {
  const spans = sdkSpans();
  const protobuf = ProtobufTraceSerializer.serializeRequest(spans);
  const json = JsonTraceSerializer.serializeRequest(spans);
  if (protobuf === undefined || json === undefined) {
    throw new TypeError("Cannot serialize the spans");
  }
  const expected = expectedBatch(spans);
  expect(spans.length).toBe(4);
  expect(plainBatch(batchOf(readTracesProtobuf(protobuf, options))))
    .toEqual(expected);
  expect(plainBatch(batchOf(readTracesJson(json, options)))).toEqual(expected);
});
