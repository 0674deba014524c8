import { bytesField, concat, fixed64Field, varintField } from "../otlp/wire.ts";
import { hex } from "../otlp/plain_batch.ts";

/** The same spans in both encodings of OTLP. */
export interface ReadingPayload {
  readonly protobuf: Uint8Array;
  readonly json: Uint8Array;
  readonly spans: number;
}

const RESOURCES = 4;
const SPANS_PER_RESOURCE = 128;
const START = 1_700_000_000_000_000_000n;
const ROUTES = ["/cart", "/cart/{id}", "/checkout", "/products/{sku}/reviews"];
const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101";

/** 512 spans of 10 attributes, of 4 services, as an SDK or Collector posts. */
export function readingPayload(): ReadingPayload {
  const protobuf: Uint8Array[] = [];
  const resourceSpans: unknown[] = [];
  for (let resource = 0; resource < RESOURCES; resource++) {
    const attributes: Attribute[] = [
      ["service.name", `shop-service-${resource}`],
      ["service.namespace", "shop"],
      ["service.instance.id", `9b2f1c1e-6a4c-4a49-8c17-3c1d4c3e77${resource}0`],
      ["deployment.environment.name", "production"],
      ["telemetry.sdk.name", "opentelemetry"],
      ["telemetry.sdk.language", "nodejs"],
      ["telemetry.sdk.version", "2.12.0"],
      ["host.name", `node-${resource}.eu-west.shop.example`],
    ];
    const spanBytes: Uint8Array[] = [];
    const spans: unknown[] = [];
    for (let index = 0; index < SPANS_PER_RESOURCE; index++) {
      const span = spanOf(resource * SPANS_PER_RESOURCE + index);
      spanBytes.push(bytesField(2, span.protobuf));
      spans.push(span.json);
    }
    const scope = [bytesField(1, "@opentelemetry/http"), bytesField(2, "2.1")];
    protobuf.push(bytesField(1, [
      bytesField(1, attributes.map((pair) => bytesField(1, keyValue(pair)))),
      bytesField(2, [bytesField(1, scope), ...spanBytes]),
    ]));
    resourceSpans.push({
      resource: { attributes: attributes.map(jsonKeyValue) },
      scopeSpans: [{
        scope: { name: "@opentelemetry/http", version: "2.1" },
        spans,
      }],
    });
  }
  return {
    protobuf: concat(protobuf),
    json: new TextEncoder().encode(JSON.stringify({ resourceSpans })),
    spans: RESOURCES * SPANS_PER_RESOURCE,
  };
}

type Attribute = readonly [key: string, value: string | number];

function spanOf(index: number): { protobuf: Uint8Array[]; json: unknown } {
  const traceId = idOf(index >>> 3, 16);
  const spanId = idOf(index + 1000, 8);
  const parentId = idOf(index + 999, 8);
  const start = START + BigInt(index) * 1_234_567n;
  const end = start + BigInt(1 + index % 97) * 1_000_003n;
  const route = ROUTES[index % ROUTES.length] ?? "/";
  const kind = 1 + index % 5;
  const name = `GET ${route}`;
  const attributes = attributesOf(kind, index);
  return {
    protobuf: [
      bytesField(1, traceId),
      bytesField(2, spanId),
      bytesField(4, parentId),
      bytesField(5, name),
      varintField(6, kind),
      fixed64Field(7, start),
      fixed64Field(8, end),
      ...attributes.map((pair) => bytesField(9, keyValue(pair))),
      bytesField(15, [varintField(3, index % 20 === 0 ? 2 : 0)]),
    ],
    json: {
      traceId: hex(traceId),
      spanId: hex(spanId),
      parentSpanId: hex(parentId),
      name,
      kind,
      startTimeUnixNano: String(start),
      endTimeUnixNano: String(end),
      attributes: attributes.map(jsonKeyValue),
      status: { code: index % 20 === 0 ? 2 : 0 },
    },
  };
}

// What the semantic conventions ask of each kind, filled up to 10.
function attributesOf(kind: number, index: number): Attribute[] {
  const route = ROUTES[index % ROUTES.length] ?? "/";
  const client = `10.0.${index >>> 8}.${index & 255}`;
  const thread: Attribute[] = [["thread.id", index], ["thread.name", "main"]];
  const http: Attribute[] = [
    ["http.request.method", "GET"],
    ["http.response.status_code", 200],
    ["server.address", "shop.example"],
    ["server.port", 443],
    ["network.protocol.version", "1.1"],
    ["user_agent.original", USER_AGENT],
  ];
  switch (kind) {
    case 2:
      return [
        ...http,
        ["http.route", route],
        ["url.path", `/products/${index}`],
        ["url.scheme", "https"],
        ["client.address", client],
      ];
    case 3:
      return [
        ...http,
        ["url.full", `https://shop.example${route}?page=${index}`],
        ["network.peer.address", client],
        ...thread,
      ];
    default:
      return [
        ["messaging.system", "kafka"],
        ["messaging.destination.name", "orders"],
        ["messaging.operation.type", kind === 5 ? "process" : "send"],
        ["messaging.message.id", `message-${index}-of-the-orders-topic`],
        ["messaging.kafka.offset", 1_000_000 + index],
        ["messaging.destination.partition.id", "3"],
        ["code.function.name", "shop.orders.OrderPublisher.publish"],
        ["code.line.number", index],
        ...thread,
      ];
  }
}

function idOf(seed: number, size: number): Uint8Array {
  return Uint8Array.from(
    { length: size },
    (_, index) => (seed * 2654435761 + index * 40503 + 1) >>> (index % 13),
  );
}

function keyValue([key, value]: Attribute): Uint8Array[] {
  const any = typeof value === "string"
    ? bytesField(1, value)
    : varintField(3, value);
  return [bytesField(1, key), bytesField(2, [any])];
}

function jsonKeyValue([key, value]: Attribute): unknown {
  return typeof value === "string"
    ? { key, value: { stringValue: value } }
    : { key, value: { intValue: value } };
}
