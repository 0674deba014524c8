import {
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { OTLPTraceExporter as HttpExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtoExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  NodeTracerProvider,
} from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ServiceEdge } from "../../src/query/service_edge.ts";
import type { ServiceMap } from "../../src/query/service_map.ts";
import { HttpSink } from "../harness/http_sink.ts";
import { type Service, startService } from "../harness/service.ts";
import { askMap } from "../truth/ask.ts";
import { COMPLETE_WITHIN_MS, settle } from "../truth/settle.ts";

const ORDERS = 40;
const DECLINED = 4;

let service: Service;
let tempo: HttpSink;
let map: ServiceMap;

beforeAll(async () => {
  tempo = await HttpSink.start();
  service = await startService({ env: { TEMPO_URL: tempo.url } });
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", service.url);
  vi.stubEnv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip");
  await takeOrders();
  const { differences } = await settle(async () => {
    map = await askMap(service.url, {});
    return map.edges.length === 6 ? [] : [`${map.edges.length} edges`];
  }, { untilMs: Date.now() + COMPLETE_WITHIN_MS });
  expect(differences).toEqual([]);
}, 60_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  trace.disable();
  context.disable();
  propagation.disable();
  await service.stop();
  await tempo.stop();
});

test("POST /v1/traces takes gzip from exporter-trace-otlp-proto and -http", () => {
  const sent = tempo.requests.map(({ headers }) =>
    `${headers["content-type"]} ${headers["content-encoding"]}`
  );
  expect(new Set(sent)).toEqual(
    new Set(["application/x-protobuf gzip", "application/json gzip"]),
  );
});

test("GET /api/v1/servicemap shows what Node's SDKs exported", () => {
  const edges = map.edges.map((edge) =>
    `${edge.from} -[${edge.connection_type}]-> ${edge.to}: ` +
    `${edge.request_count}, ${edge.error_count} failed`
  );
  expect(edges.sort()).toEqual([
    `node-mailer -[virtual_node]-> smtp.example: ${ORDERS}, 0 failed`,
    `node-orders -[database]-> postgres.example: ${ORDERS}, 0 failed`,
    `node-orders -[messaging_system]-> node-mailer: ${ORDERS}, 0 failed`,
    `node-orders -[virtual_node]-> bank.example: ${ORDERS}, ${DECLINED} failed`,
    `node-shop -[]-> node-orders: ${ORDERS}, ${DECLINED} failed`,
    `user -[virtual_node]-> node-shop: ${ORDERS}, 0 failed`,
  ]);
});

test("GET /api/v1/servicemap takes the server's duration, and keeps the client's", () => {
  const edge = edgeBetween("node-shop", "node-orders");
  expect(edge.latency_p50).toBeGreaterThan(0);
  expect(edge.client_latency_p50).toBeGreaterThanOrEqual(edge.latency_p50);
});

test("GET /api/v1/servicemap names the broker that a link went through", () => {
  const { messaging } = edgeBetween("node-orders", "node-mailer");
  expect(messaging).toMatchObject({ system: "kafka", destination: "mails" });
});

function edgeBetween(from: string, to: string): ServiceEdge {
  const edge = map.edges.find((other) =>
    other.from === from && other.to === to
  );
  if (edge === undefined) throw new Error(`No edge from ${from} to ${to}`);
  return edge;
}

function provider(
  name: string,
  exporter: HttpExporter | ProtoExporter,
): NodeTracerProvider {
  return new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": name }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
}

/** Three services: two export protobuf, one JSON. */
async function takeOrders(): Promise<void> {
  const providers = {
    shop: provider("node-shop", new ProtoExporter()),
    orders: provider("node-orders", new HttpExporter()),
    mailer: provider("node-mailer", new ProtoExporter()),
  };
  // The context manager and the W3C propagator of the whole process.
  providers.shop.register();
  const shop = providers.shop.getTracer("shop");
  const orders = providers.orders.getTracer("orders");
  const mailer = providers.mailer.getTracer("mailer");
  for (let order = 0; order < ORDERS; order++) {
    const mail = sell(shop, orders, order < DECLINED);
    sendMail(mailer, mail);
  }
  for (const each of Object.values(providers)) await each.shutdown();
}

/** Returns what is written into the message that asks for a mail. */
function sell(
  shop: Tracer,
  orders: Tracer,
  declined: boolean,
): Record<string, string> {
  return inSpan(
    shop,
    "POST /buy",
    { kind: SpanKind.SERVER },
    () =>
      inSpan(shop, "POST", { kind: SpanKind.CLIENT }, () => {
        const headers: Record<string, string> = {};
        propagation.inject(context.active(), headers);
        const received = propagation.extract(ROOT_CONTEXT, headers);
        return context.with(received, () => takeOrder(orders, declined));
      }),
  );
}

function takeOrder(orders: Tracer, declined: boolean): Record<string, string> {
  return inSpan(orders, "POST /orders", { kind: SpanKind.SERVER }, (span) => {
    if (declined) span.setStatus({ code: SpanStatusCode.ERROR });
    inSpan(orders, "INSERT", {
      kind: SpanKind.CLIENT,
      attributes: {
        "db.system.name": "postgresql",
        "server.address": "postgres.example",
      },
    }, () => {});
    inSpan(orders, "POST", {
      kind: SpanKind.CLIENT,
      attributes: { "url.full": "https://bank.example/charge" },
    }, (charge) => {
      if (declined) charge.setStatus({ code: SpanStatusCode.ERROR });
    });
    const message: Record<string, string> = {};
    inSpan(orders, "mails publish", {
      kind: SpanKind.PRODUCER,
      attributes: messaging,
    }, () => propagation.inject(context.active(), message));
    return message;
  });
}

const messaging = {
  "messaging.system": "kafka",
  "messaging.destination.name": "mails",
};

/** A trace of its own, that links to the one the message came from. */
function sendMail(mailer: Tracer, message: Record<string, string>): void {
  const sender = trace.getSpanContext(
    propagation.extract(ROOT_CONTEXT, message),
  );
  if (sender === undefined) throw new Error("The message has no context");
  inSpan(mailer, "mails process", {
    kind: SpanKind.CONSUMER,
    root: true,
    links: [{ context: sender }],
    attributes: messaging,
  }, () => {
    inSpan(mailer, "SEND", {
      kind: SpanKind.CLIENT,
      attributes: { "peer.service": "smtp.example" },
    }, () => {});
  });
}

type SpanOptions = Parameters<Tracer["startSpan"]>[1];

function inSpan<T>(
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  work: (span: Span) => T,
): T {
  return tracer.startActiveSpan(name, options ?? {}, (span) => {
    try {
      return work(span);
    } finally {
      span.end();
    }
  });
}
