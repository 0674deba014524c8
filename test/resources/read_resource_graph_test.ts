import { expect, test } from "vitest";
import {
  MAX_GRAPH_PROBLEMS,
  readResourceGraph,
} from "../../src/resources/read_resource_graph.ts";
import {
  MAX_GRAPH_EDGES,
  MAX_GRAPH_NODES,
  MAX_GRAPH_TEXT_LENGTH,
} from "../../src/resources/resource_graph.ts";

const NODE = {
  id: "aws:ec2:i-1",
  type: "ec2",
  provider: "aws",
  region: "eu-west-1",
  name: "web-1",
  metadata: { private_ip: "10.0.0.1", security_groups: ["sg-1"] },
  tags: { team: "shop" },
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-02T00:00:00Z",
};

function problems(body: unknown): readonly string[] {
  const read = readResourceGraph(body);
  return read.ok ? [] : read.problems.map(({ parameter }) => parameter);
}

test("readResourceGraph() reads SkyGraph's answer", () => {
  const body = {
    nodes: [
      NODE,
      { id: "k8s:pod:web-7", type: "k8s_pod", metadata: null },
    ],
    edges: [
      {
        from: NODE.id,
        to: "k8s:pod:web-7",
        type: "ownership",
        weight: 0.5,
        metadata: {},
      },
      { from: "k8s:pod:web-7", to: NODE.id, type: "call" },
      { from: NODE.id, to: "aws:ec2:gone", type: "network" },
    ],
  };
  expect(readResourceGraph(body)).toEqual({
    ok: true,
    looseEdges: 1,
    graph: {
      nodes: [
        {
          id: "aws:ec2:i-1",
          type: "ec2",
          provider: "aws",
          region: "eu-west-1",
          name: "web-1",
          metadata: { private_ip: "10.0.0.1", security_groups: ["sg-1"] },
          tags: { team: "shop" },
          createdAt: "2026-01-01T00:00:00Z",
          updatedAt: "2026-01-02T00:00:00Z",
        },
        {
          id: "k8s:pod:web-7",
          type: "k8s_pod",
          provider: "k8s",
          region: "",
          name: "",
          metadata: {},
          tags: {},
          createdAt: "",
          updatedAt: "",
        },
      ],
      edges: [
        { from: NODE.id, to: "k8s:pod:web-7", type: "ownership", weight: 0.5 },
        { from: "k8s:pod:web-7", to: NODE.id, type: "call", weight: 1 },
      ],
    },
  });
});

test("readResourceGraph() takes a node that comes twice at its last word", () => {
  const read = readResourceGraph({
    nodes: [NODE, { ...NODE, name: "renamed" }],
    edges: null,
  });
  expect(read).toMatchObject({ ok: true, graph: { edges: [] } });
  if (!read.ok) return;
  expect(read.graph.nodes.map(({ name }) => name)).toEqual(["renamed"]);
});

test("readResourceGraph() names the field that is wrong", () => {
  expect(problems(null)).toEqual(["body"]);
  expect(problems({})).toEqual(["nodes", "edges"]);
  expect(problems({ nodes: {}, edges: [] })).toEqual(["nodes"]);
  expect(problems({
    nodes: [NODE, { id: "", type: "x" }, { id: "x" }, 7, {
      ...NODE,
      metadata: [],
    }],
    edges: [{ from: "x", to: "y", type: "z", weight: -1 }, {
      from: "x",
      to: 1,
      type: "z",
    }],
  })).toEqual([
    "nodes[1].id",
    "nodes[2].type",
    "nodes[3]",
    "nodes[4].metadata",
    "edges[0].weight",
    "edges[1].to",
  ]);
  const wrong = Array.from({ length: MAX_GRAPH_PROBLEMS + 1 }, () => 7);
  expect(problems({ nodes: wrong, edges: [] })).toHaveLength(
    MAX_GRAPH_PROBLEMS,
  );
});

test("readResourceGraph() takes as much as its limits say", () => {
  const nodes = Array.from(
    { length: MAX_GRAPH_NODES },
    (_, at) => ({ id: `n${at}`, type: "ec2" }),
  );
  const edge = { from: "n0", to: "n1", type: "network" };
  const edges = Array.from({ length: MAX_GRAPH_EDGES }, () => edge);
  expect(problems({ nodes, edges })).toEqual([]);
  expect(problems({ nodes: [...nodes, { id: "more", type: "x" }], edges }))
    .toEqual(["nodes"]);
  expect(problems({ nodes, edges: [...edges, edge] })).toEqual(["edges"]);
  for (const field of ["id", "type", "name", "region", "provider"]) {
    const long = "x".repeat(MAX_GRAPH_TEXT_LENGTH);
    const one = { ...NODE, [field]: long };
    expect(problems({ nodes: [one], edges: [] })).toEqual([]);
    const more = { ...NODE, [field]: `${long}x` };
    expect(problems({ nodes: [more], edges: [] })).toEqual([
      `nodes[0].${field}`,
    ]);
  }
});
