import { expect, test } from "vitest";
import {
  askedIds,
  MAX_RESOURCE_ID_LENGTH,
  MAX_RESOURCE_IDS,
  resourceIds,
} from "../../src/search/resource_ids.ts";

const TASK = "arn:aws:ecs:us-east-1:123456789012:task/shop/0f9d";
const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:checkout";

function idsOf(attributes: Record<string, string>): readonly string[] {
  return resourceIds(new Map(Object.entries(attributes))).map(({ id }) => id);
}

test.each([
  [{ "cloud.resource_id": LAMBDA }, [LAMBDA, "checkout"]],
  [{ "cloud.resource.id": TASK }, [TASK, "0f9d"]],
  [{ "aws.ecs.task.arn": TASK }, [TASK, "0f9d"]],
  [{ "aws.ecs.container.arn": TASK }, [TASK, "0f9d"]],
  [{ "k8s.pod.uid": "275ecb36" }, ["275ecb36"]],
  [{ "k8s.pod.name": "cart-7d8f9" }, ["cart-7d8f9"]],
  [
    { "k8s.pod.name": "cart-7d8f9", "k8s.namespace.name": "shop" },
    ["shop/cart-7d8f9", "cart-7d8f9"],
  ],
  [{ "k8s.namespace.name": "shop" }, []],
  [{ "host.id": "i-123456" }, ["i-123456"]],
  [{ "faas.name": "checkout" }, ["checkout"]],
  [{ "host.name": "ip-10-0-0-1" }, ["ip-10-0-0-1"]],
  [
    { "cloud.resource_id": "/subscriptions/1/virtualMachines/vm" },
    ["/subscriptions/1/virtualMachines/vm"],
  ],
  [{ "cloud.resource_id": "arn:" }, ["arn:"]],
  [{ "host.id": "" }, []],
])("resourceIds() of %j", (attributes, ids) => {
  expect(idsOf(attributes)).toEqual(ids);
});

test("resourceIds() gives the best first, and each id once, by its best way", () => {
  expect(resourceIds(
    new Map([
      ["host.name", "ip-10-0-0-1"],
      ["host.id", "i-1"],
      ["cloud.resource_id", "arn:aws:ec2:us-east-1:1:instance/i-1"],
    ]),
  )).toEqual([
    {
      id: "arn:aws:ec2:us-east-1:1:instance/i-1",
      from: "cloud.resource_id",
    },
    { id: "i-1", from: "cloud.resource_id" },
    { id: "ip-10-0-0-1", from: "host.name" },
  ]);
});

test("resourceIds() passes over what is no text", () => {
  expect(resourceIds(new Map([["host.id", 7n]]))).toEqual([]);
});

test("resourceIds() gives MAX_RESOURCE_IDS, and leaves out the worst of more", () => {
  const attributes = {
    "cloud.resource_id": "arn:a/1",
    "cloud.resource.id": "arn:b/2",
    "aws.ecs.task.arn": "arn:c/3",
    "aws.ecs.container.arn": "arn:d/4",
    "k8s.pod.uid": "5",
    "k8s.pod.name": "6",
    "host.id": "7",
    "faas.name": "8",
  };
  expect(idsOf(attributes)).toHaveLength(MAX_RESOURCE_IDS);
  expect(idsOf(attributes)).toContain("8");
  const more = idsOf({ ...attributes, "host.name": "9" });
  expect(more).toHaveLength(MAX_RESOURCE_IDS);
  expect(more).not.toContain("9");
});

test("resourceIds() takes an id of MAX_RESOURCE_ID_LENGTH, no longer one", () => {
  const longest = "i".repeat(MAX_RESOURCE_ID_LENGTH);
  expect(idsOf({ "host.id": longest })).toEqual([longest]);
  expect(idsOf({ "host.id": `${longest}i` })).toEqual([]);
});

test.each([
  ["i-123456", ["i-123456"]],
  ["aws:ec2:i-123456", ["aws:ec2:i-123456", "i-123456"]],
  ["k8s:pod:shop/cart", ["k8s:pod:shop/cart", "shop/cart"]],
  [LAMBDA, [LAMBDA, "checkout"]],
  [TASK, [TASK, "0f9d"]],
  ["shop:8080", ["shop:8080"]],
  ["fe80::1", ["fe80::1"]],
  ["aws:ec2:", ["aws:ec2:"]],
])("askedIds() of %s", (id, ids) => {
  expect(askedIds(id)).toEqual(ids);
});
