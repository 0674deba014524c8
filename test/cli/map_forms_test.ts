import { expect, test } from "vitest";
import { mapDot } from "../../src/cli/map_dot.ts";
import { mapGraphml } from "../../src/cli/map_graphml.ts";
import { mapMermaid } from "../../src/cli/map_mermaid.ts";
import { mapText, type ServiceMap } from "../../src/cli/map_text.ts";
import { styleOf } from "../../src/cli/style.ts";

const HOSTILE = 'a"b\\c<d>&e#f]\n-->|';

const map: ServiceMap = {
  nodes: [node("web"), node(HOSTILE), { ...node("db"), type: "database" }],
  edges: [edge("web", HOSTILE), { ...edge(HOSTILE, "db"), error_count: 1 }],
  window_start: "2026-01-31T12:00:00.000Z",
  window_end: "2026-01-31T12:05:00.000Z",
  timestamp: "2026-01-31T12:05:00.000Z",
  warnings: [],
};

test("mapGraphml() escapes what XML takes for its own", () => {
  const text = mapGraphml(map);
  const escaped = "a&quot;b\\c&lt;d&gt;&amp;e#f]\n--&gt;|";
  expect(text).toContain(`<edge id="e0" source="web" target="${escaped}">`);
  expect(text).toContain('<data key="latency_p95">120000000</data>');
  expect(mapGraphml({ ...map, nodes: [node("a\u0001b")], edges: [] }))
    .toContain('<node id="a\ufffdb">');
});

test("mapDot() quotes names as Graphviz reads them", () => {
  const text = mapDot(map);
  const quoted = '"a\\"b\\\\c<d>&e#f]\\n-->|"';
  expect(text).toContain(`  "web" -> ${quoted} [label=`);
  expect(text).toContain(
    `  ${quoted} -> "db" [label="2/s, p95 120 ms, 0% failed", color=red];`,
  );
  expect(text).toContain('"db" [label="db\\ndatabase", shape=cylinder];');
});

test("mapMermaid() names nodes by numbers, and writes names as entities", () => {
  expect(mapMermaid(map).split("\n")).toEqual([
    "flowchart LR",
    '  n0["web"]',
    '  n1["a#34;b\\c#60;d#62;#38;e#35;f]#10;--#62;|"]',
    '  n2[("db")]',
    '  n0 -->|"2/s, p95 120 ms, 0% failed"| n1',
    '  n1 -->|"2/s, p95 120 ms, 0% failed"| n2',
    "",
  ]);
});

test("mapText() tells services of one name apart", () => {
  const two = ["shop/cart", "staging/cart"].map((id) => ({
    ...node("cart"),
    id,
  }));
  const edges = [{ ...edge("web", "cart"), to_id: "shop/cart" }];
  const nodes = [node("web"), ...two];
  expect(mapText({ ...map, nodes, edges }, styleOf(false)))
    .toMatch(/\nweb +shop\/cart +/);
});

test("mapText() tells of nodes without a call, and of an empty map", () => {
  const style = styleOf(false);
  const { nodes } = map;
  expect(mapText({ ...map, edges: [], nodes: nodes.slice(0, 1) }, style))
    .toBe("web (web) calls nobody, and nobody calls it\n");
  expect(mapText({ ...map, edges: [], nodes: [] }, style))
    .toBe("Nothing is on the map in this window.\n");
});

function node(name: string): ServiceMap["nodes"][number] {
  return {
    name,
    id: name,
    namespace: "",
    environment: "",
    type: "web",
    endpoints: [],
    first_seen: "2026-01-31T12:00:00.000Z",
    last_seen: "2026-01-31T12:00:00.000Z",
    metadata: {
      reported: true,
      request_count: 0,
      error_count: 0,
      error_rate: 0,
      request_rate: 0,
      latency: 0,
      latency_p50: 0,
      latency_p95: 0,
      latency_p99: 0,
    },
  };
}

function edge(from: string, to: string): ServiceMap["edges"][number] {
  return {
    from,
    to,
    from_id: from,
    to_id: to,
    window_start: "2026-01-31T12:00:00.000Z",
    window_end: "2026-01-31T12:05:00.000Z",
    latency: 100e6,
    latency_p50: 100e6,
    latency_p95: 120e6,
    latency_p99: 130e6,
    request_count: 600,
    error_count: 0,
    error_rate: 0,
    request_rate: 2,
    connection_type: "",
    unpaired: 0,
    sample_traces: [],
  };
}
