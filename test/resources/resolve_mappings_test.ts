import { expect, test } from "vitest";
import { GraphIndex } from "../../src/resources/graph_index.ts";
import type { MappingRow } from "../../src/resources/mapping_row.ts";
import { resolveMappings } from "../../src/resources/resolve_mappings.ts";
import { makeNode } from "./make_node.ts";

const NONE = new GraphIndex({ nodes: [], edges: [] });

function row(fields: Partial<MappingRow>): MappingRow {
  return {
    service: "cart",
    source: "host.id",
    resource: "i-1",
    firstSeenMs: 1000,
    lastSeenMs: 2000,
    traces: 3,
    ...fields,
  };
}

test("resolveMappings() calls a resource as the graph does, once, as sure as the surest attribute", () => {
  const node = makeNode("aws:ec2:i-1", { metadata: { hostname: "web-1" } });
  const index = new GraphIndex({ nodes: [node], edges: [] });
  const rows = [
    row({
      source: "host.name",
      resource: "web-1",
      firstSeenMs: 500,
      traces: 9,
    }),
    row({ lastSeenMs: 5000 }),
    row({
      source: "cloud.resource_id",
      resource: "arn:aws:ec2:eu-west-1:1:instance/i-1",
    }),
    row({ service: "shop/web@prod" }),
  ];
  expect(resolveMappings(rows, index)).toEqual([
    {
      resourceId: "aws:ec2:i-1",
      resourceType: "ec2",
      service: "cart",
      serviceName: "cart",
      confidence: 0.99,
      firstSeenMs: 500,
      lastSeenMs: 5000,
      traceCount: 9,
      from: "cloud.resource_id",
    },
    expect.objectContaining({
      service: "shop/web@prod",
      serviceName: "web",
      confidence: 0.9,
    }),
  ]);
});

test.each(
  [
    ["host.id", "i-0f", "aws:ec2:i-0f", "ec2"],
    ["host.id", "1234", "1234", "host"],
    ["k8s.pod.name", "shop/web-7", "k8s:pod:web-7", "k8s_pod"],
    ["k8s.pod.uid", "0f-0f", "0f-0f", "k8s_pod"],
    ["faas.name", "resize", "resize", "function"],
    [
      "cloud.resource_id",
      "arn:aws:ec2:eu-west-1:1:security-group/sg-1",
      "aws:sg:sg-1",
      "sg",
    ],
    [
      "cloud.resource_id",
      "arn:aws:rds:eu-west-1:1:db:orders",
      "aws:rds:orders",
      "rds",
    ],
    [
      "cloud.resource_id",
      "/subscriptions/1/vm/web",
      "/subscriptions/1/vm/web",
      "",
    ],
    [
      "aws.ecs.task.arn",
      "arn:aws:ecs:eu-west-1:1:task/cluster/0f",
      "aws:ecs:0f",
      "ecs",
    ],
  ] as const,
)(
  "resolveMappings() calls %s %s as AirDig would where no graph knows it",
  (source, resource, resourceId, resourceType) => {
    expect(resolveMappings([row({ source, resource })], NONE))
      .toMatchObject([{ resourceId, resourceType }]);
  },
);

test("resolveMappings() finds what is at an address, and takes no other address for a resource", () => {
  const node = makeNode("aws:rds:orders", {
    metadata: { private_ip: "10.0.0.9" },
  });
  const index = new GraphIndex({ nodes: [node], edges: [] });
  const rows = ["10.0.0.9", "10.0.0.10"].map((resource) =>
    row({ service: "orders-db", source: "server.address", resource })
  );
  expect(resolveMappings(rows, index)).toMatchObject([
    { service: "orders-db", resourceId: "aws:rds:orders", confidence: 0.75 },
  ]);
});

test("resolveMappings() has the surest first, and no second name of what nobody knows", () => {
  const rows = [
    row({ source: "host.name", resource: "ip-10-0-0-1" }),
    row({ source: "host.id", resource: "i-1" }),
    row({ source: "k8s.pod.uid", resource: "uid-7" }),
    row({ source: "k8s.pod.name", resource: "web-7" }),
    row({ service: "alone", source: "host.name", resource: "laptop" }),
  ];
  expect(resolveMappings(rows, NONE).map((one) => one.resourceId))
    .toEqual(["laptop", "k8s:pod:web-7", "aws:ec2:i-1"]);
});
