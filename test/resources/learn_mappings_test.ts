import { expect, test } from "vitest";
import { resourceFacts } from "../../src/ingest/cut_by_shard.ts";
import { OVERFLOW_NAME } from "../../src/map/window_entries.ts";
import { MAX_VALUE_CHARS } from "../../src/otlp/text_limits.ts";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { learnMappings } from "../../src/resources/learn_mappings.ts";
import { MAPPING_CONFIDENCE } from "../../src/resources/mapping.ts";
import { MappingBook } from "../../src/resources/mapping_book.ts";
import { MAX_MAPPINGS_PER_SERVICE } from "../../src/resources/mapping_limits.ts";
import { otlpRequest, type RequestSpan } from "./otlp_request.ts";

const NOW_MS = 1_700_000_000_000;
const CLIENT = 3;

function span(trace: number, at: number, fields: object = {}): RequestSpan {
  return {
    traceId: trace.toString(16).padStart(32, "0"),
    spanId: (trace * 100 + at).toString(16).padStart(16, "0"),
    ...fields,
  };
}

function learned(
  resources: Parameters<typeof otlpRequest>[0],
  book = new MappingBook(),
  named = true,
) {
  const body = JSON.stringify(otlpRequest(resources, NOW_MS));
  const read = readTracesJson(new TextEncoder().encode(body));
  if (!read.ok) throw new Error(read.reason);
  const facts = resourceFacts(read.batch);
  const options = { tenant: "default", book, nowMs: NOW_MS, named };
  const refused = learnMappings(read.batch, facts, options);
  const rows = book.takeDue(NOW_MS).flatMap((taken) => taken.rows);
  return { refused, rows };
}

test("learnMappings() notes every attribute that names a resource", () => {
  const told = {
    "cloud.resource_id": "arn:aws:ec2:eu-west-1:1:instance/i-1",
    "cloud.resource.id": "i-1",
    "aws.ecs.task.arn": "arn:aws:ecs:eu-west-1:1:task/c/0f",
    "aws.ecs.container.arn": "arn:aws:ecs:eu-west-1:1:container/c/0f",
    "k8s.pod.uid": "uid-7",
    "k8s.pod.name": "web-7",
    "host.id": "i-1",
    "faas.name": "resize",
    "host.name": "ip-10-0-0-1",
  };
  const attributes = {
    "service.name": "cart",
    "service.namespace": "shop",
    "k8s.namespace.name": "prod",
    ...told,
  };
  const { rows } = learned([{ attributes, spans: [span(1, 1)] }]);
  expect(Object.fromEntries(rows.map((row) => [row.source, row.resource])))
    .toEqual({ ...told, "k8s.pod.name": "prod/web-7" });
  expect(rows.every(({ source }) => source in MAPPING_CONFIDENCE)).toBe(true);
  for (const { service, firstSeenMs, lastSeenMs, traces } of rows) {
    expect({ service, firstSeenMs, lastSeenMs, traces }).toEqual({
      service: "shop/cart",
      firstSeenMs: NOW_MS,
      lastSeenMs: NOW_MS,
      traces: 1,
    });
  }
});

test("learnMappings() counts a trace once, where it enters the service", () => {
  const parentSpanId = "00000000000000ff";
  const attributes = { "service.name": "cart", "host.id": "i-1" };
  const spans = [
    span(1, 1),
    span(1, 2),
    span(2, 1, { parentSpanId }),
    // Neither a request that it serves nor a root.
    span(3, 1, { parentSpanId, kind: CLIENT }),
    span(4, 1, { kind: CLIENT }),
  ];
  const elsewhere = { "service.name": "cart", "host.id": "i-2" };
  const nowhere = { "service.name": "cart" };
  const { rows } = learned([
    { attributes, spans },
    { attributes: elsewhere, spans: [span(1, 7)] },
    { attributes: nowhere, spans: [span(9, 1)] },
  ]);
  expect(rows.map(({ resource, traces }) => [resource, traces]))
    .toEqual([["i-1", 3], ["i-2", 1]]);
});

test("learnMappings() notes the addresses of what is called by a name", () => {
  function call(at: number, attributes: Readonly<Record<string, string>>) {
    return span(1, at, { kind: CLIENT, attributes });
  }
  const resources = [{
    attributes: { "service.name": "cart" },
    spans: [
      call(1, { "peer.service": "orders-db", "server.address": "10.0.0.9" }),
      call(2, { "peer.service": "orders-db", "server.address": "10.0.0.9" }),
      call(3, {
        "peer.service": "orders-db",
        "network.peer.address": "10.0.0.10",
      }),
      call(4, { "peer.service": "10.0.0.9", "server.address": "10.0.0.9" }),
      call(5, { "server.address": "10.0.0.11" }),
      call(6, { "peer.service": "queue" }),
      span(1, 7, {
        attributes: { "peer.service": "x", "server.address": "10.0.0.12" },
      }),
    ],
  }];
  expect(learned(resources, new MappingBook(), false).rows).toEqual([]);
  const { rows } = learned(resources);
  expect(rows.map((row) => [row.service, row.source, row.resource])).toEqual([
    ["orders-db", "server.address", "10.0.0.9"],
    ["orders-db", "server.address", "10.0.0.10"],
  ]);
});

test("learnMappings() takes no id that was cut, none of an overflowed service, and counts what has no room", () => {
  const cut = "x".repeat(MAX_VALUE_CHARS);
  function of(name: string, id: string) {
    const attributes = { "service.name": name, "host.id": id };
    return { attributes, spans: [span(1, 1)] };
  }
  expect(learned([of("cart", cut), of(OVERFLOW_NAME, "i-1")]).rows).toEqual([]);
  const whole = cut.slice(1);
  expect(learned([of("cart", whole)]).rows).toHaveLength(1);
  const most = Array.from(
    { length: MAX_MAPPINGS_PER_SERVICE },
    (_, at) => of("cart", `i-${at}`),
  );
  const book = new MappingBook();
  expect(learned(most, book).refused).toBe(0);
  expect(learned([of("cart", "one"), of("cart", "more")], book).refused)
    .toBe(2);
});
