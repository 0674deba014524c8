import { expect, test } from "vitest";
import { GraphIndex } from "../../src/resources/graph_index.ts";
import {
  bareId,
  isQualified,
  sameResource,
} from "../../src/resources/resource_identity.ts";
import { referencesOf } from "../../src/resources/references.ts";
import { makeNode } from "./make_node.ts";

const ARN = "arn:aws:ec2:eu-west-1:1:instance/i-1";
const INSTANCE = makeNode("aws:ec2:i-1", {
  name: "web-1",
  metadata: {
    instance_id: "i-1",
    private_ip: "10.0.0.1",
    private_dns_name: "ip-10-0-0-1.ec2.internal",
    security_groups: ["sg-1", "sg-1", "sg-gone"],
    subnet_id: "subnet-1",
    vpc_id: "vpc-1",
  },
});
const GROUP = makeNode("aws:sg:sg-1");
const SUBNET = makeNode("aws:subnet:subnet-1", {
  metadata: { vpc_id: "vpc-1" },
});
const DATABASE = makeNode("aws:rds:orders", {
  name: "orders-db",
  metadata: { endpoint: { Address: "orders.abc.rds.example", Port: 5432 } },
});
const FUNCTION = makeNode("aws:lambda:orders", {
  metadata: {
    function_arn: "x",
    arn: "arn:aws:lambda:eu-west-1:1:function:orders",
  },
});
const POD = makeNode("k8s:pod:web-7", {
  type: "k8s_pod",
  metadata: { namespace: "shop", uid: "pod-uid-7", pod_ip: "10.2.0.7" },
});
const TWIN = makeNode("k8s:pod:other/web-7", {
  type: "k8s_pod",
  metadata: { namespace: "other", pod_ip: "10.2.0.7" },
});

const EDGE = { from: INSTANCE.id, to: SUBNET.id, type: "network", weight: 1 };
const LOOP = { from: GROUP.id, to: GROUP.id, type: "network", weight: 1 };
const INDEX = new GraphIndex({
  nodes: [INSTANCE, GROUP, SUBNET, DATABASE, FUNCTION, POD, TWIN],
  edges: [EDGE, LOOP],
});

test.each([
  ["sg-1", "sg-1", false],
  ["aws:sg:sg-1", "sg-1", true],
  [ARN, "i-1", false],
  ["arn:aws:lambda:eu-west-1:1:function:orders", "orders", false],
  ["arn:aws:ecs:eu-west-1:1:task/cluster/0f", "0f", false],
  ["k8s:pod:shop/web-7", "web-7", true],
  ["shop/web-7", "web-7", false],
  ["host:8080", "host:8080", false],
  ["", "", false],
  ["a/", "a/", false],
])("bareId() of %s is %s", (id, bare, qualified) => {
  expect(bareId(id)).toBe(bare);
  expect(isQualified(id)).toBe(qualified);
  expect(sameResource(id, bare)).toBe(true);
});

test("sameResource() tells two resources of one name apart where both ids are AirDig's", () => {
  expect(sameResource("aws:rds:orders", "aws:lambda:orders")).toBe(false);
  expect(sameResource(ARN, "aws:ec2:i-1")).toBe(true);
  expect(sameResource("i-1", "i-2")).toBe(false);
});

test("GraphIndex.named() finds a node by AirDig's id, bare, and an ARN", () => {
  for (const id of ["aws:ec2:i-1", "i-1", ARN]) {
    expect(INDEX.named(id)).toEqual([INSTANCE]);
  }
  expect(INDEX.named("aws:rds:orders")).toEqual([DATABASE]);
  expect(INDEX.named("orders")).toEqual([DATABASE, FUNCTION]);
  expect(INDEX.named("arn:aws:rds:eu-west-1:1:db:orders")).toEqual([DATABASE]);
  expect(INDEX.named("aws:sqs:orders")).toEqual([]);
  expect(INDEX.named("nothing")).toEqual([]);
});

test.each(
  [
    ["cloud.resource_id", ARN, INSTANCE],
    [
      "cloud.resource_id",
      "arn:aws:lambda:eu-west-1:1:function:orders",
      FUNCTION,
    ],
    ["host.id", "i-1", INSTANCE],
    ["host.id", "sg-gone", undefined],
    ["host.name", "ip-10-0-0-1.ec2.internal", INSTANCE],
    ["host.name", "WEB-1", INSTANCE],
    ["faas.name", "orders", FUNCTION],
    ["k8s.pod.uid", "pod-uid-7", POD],
    ["k8s.pod.name", "shop/web-7", POD],
    ["k8s.pod.name", "other/web-7", TWIN],
    // Of two pods it could be either.
    ["k8s.pod.name", "web-7", undefined],
  ] as const,
)("GraphIndex.ofAttribute() finds the node of %s %s", (source, value, node) => {
  expect(INDEX.ofAttribute(source, value)).toBe(node);
});

test.each(
  [
    ["10.0.0.1:8080", { node: INSTANCE, from: "private_ip" }],
    ["Orders.abc.rds.example:5432", { node: DATABASE, from: "endpoint" }],
    ["orders-db", { node: DATABASE, from: "name" }],
    ["sg-1", { node: GROUP, from: "name" }],
    // Two nodes have it, or the name.
    ["10.2.0.7", undefined],
    ["orders", undefined],
    ["8.8.8.8", undefined],
    ["", undefined],
  ] as const,
)("GraphIndex.atAddress() finds what is at %s", (address, found) => {
  expect(INDEX.atAddress(address)).toEqual(found);
});

test("GraphIndex.edgesAt() has the edges of both directions, each once", () => {
  expect(INDEX.edgesAt(INSTANCE.id)).toEqual([EDGE]);
  expect(INDEX.edgesAt(SUBNET.id)).toEqual([EDGE]);
  expect(INDEX.edgesAt(GROUP.id)).toEqual([LOOP]);
  expect(INDEX.edgesAt("nothing")).toEqual([]);
});

test("referencesOf() has the nodes that metadata names, each once", () => {
  expect(referencesOf(INSTANCE, INDEX)).toEqual([
    { key: "security_groups", node: GROUP },
    { key: "subnet_id", node: SUBNET },
  ]);
});
