import { expect, test } from "vitest";
import { GraphIndex } from "../../src/resources/graph_index.ts";
import { spanResources } from "../../src/resources/span_resources.ts";
import { resourceOf, spanOf } from "../clickhouse/sample_spans.ts";
import { makeNode } from "./make_node.ts";

const INDEX = new GraphIndex({
  nodes: [
    makeNode("aws:ec2:i-0a1b2c"),
    makeNode("aws:rds:orders", { metadata: { private_ip: "10.0.0.9" } }),
  ],
  edges: [],
});
const EC2 = {
  resource_id: "aws:ec2:i-0a1b2c",
  resource_type: "ec2",
  confidence: 0.99,
};
const RDS = {
  resource_id: "aws:rds:orders",
  resource_type: "rds",
  confidence: 0.75,
};

const ARN = "arn:aws:ec2:eu-west-1:1:instance/i-0a1b2c";
const resource = resourceOf(
  "cart",
  new Map([["host.id", "i-0a1b2c"], ["cloud.resource_id", ARN]]),
);
const address = new Map([["server.address", "10.0.0.9"]]);

test("spanResources() tells what a span ran on once, as surely as the surest attribute, and what it called by its address", () => {
  const linksOf = spanResources(INDEX);
  expect(linksOf(spanOf({ resource, kind: 2 }))).toEqual([EC2]);
  expect(linksOf(spanOf({ resource, kind: 3, attributes: address })))
    .toEqual([EC2, RDS]);
  // A server's own address is not what it called.
  expect(linksOf(spanOf({ resource, kind: 2, attributes: address })))
    .toEqual([EC2]);
});

test("spanResources() tells nothing where nothing is named, and of no address that the graph does not know", () => {
  const linksOf = spanResources(INDEX);
  const plain = resourceOf("cart", new Map());
  const nowhere = new Map([["server.address", "10.0.0.10"]]);
  expect(linksOf(spanOf({ resource: plain, kind: 3, attributes: nowhere })))
    .toEqual([]);
});
