import type {
  ResourceGraph,
  ResourceNode,
} from "../../src/resources/resource_graph.ts";
import { kindOfId } from "../../src/resources/resource_identity.ts";

/** A node that says no more than it is told to. */
export function makeNode(
  id: string,
  fields: Partial<ResourceNode> = {},
): ResourceNode {
  return {
    id,
    type: kindOfId(id).type,
    provider: kindOfId(id).provider,
    region: "",
    name: "",
    metadata: {},
    tags: {},
    createdAt: "",
    updatedAt: "",
    ...fields,
  };
}

/** A graph of so many instances, each in one of ten subnets. */
export function largeGraph(nodes: number): ResourceGraph {
  const subnets = Array.from(
    { length: 10 },
    (_, at) => makeNode(`aws:subnet:subnet-${at}`),
  );
  const instances = Array.from({ length: nodes - subnets.length }, (_, at) => {
    const instance = `i-${at.toString(16).padStart(17, "0")}`;
    return makeNode(`aws:ec2:${instance}`, {
      name: `node-${at}`,
      region: "eu-west-1",
      metadata: {
        instance_id: instance,
        vpc_id: "vpc-1",
        subnet_id: `subnet-${at % 10}`,
        private_ip: `10.${at >> 16}.${at >> 8 & 255}.${at & 255}`,
        security_groups: [`sg-${at % 50}`, `sg-${at % 7}`],
        image: "ami-0123456789abcdef0",
        launched: "2026-01-01T00:00:00Z",
      },
      tags: { team: `team-${at % 20}`, environment: "production" },
      createdAt: "2026-01-01T00:00:00Z",
      updatedAt: "2026-01-02T00:00:00Z",
    });
  });
  return {
    nodes: [...subnets, ...instances],
    edges: instances.flatMap(({ id }, at) =>
      ["network", "ownership", "dependency"].map((type, step) => ({
        from: id,
        to: subnets[(at + step) % 10]?.id ?? "",
        type,
        weight: 1,
      }))
    ),
  };
}
