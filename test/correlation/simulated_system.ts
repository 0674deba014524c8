import type {
  ResourceLink,
  ServiceOnResource,
} from "../../src/correlation/blast_radius.ts";
import type { SeededRandom } from "../../src/local/seeded_random.ts";

/** A node of the simulated map; a store sends no spans. */
export interface SimulatedNode {
  readonly id: string;
  readonly layer: number;
  readonly isStore: boolean;
  /** Median of its own time, ns. */
  readonly selfNs: number;
  /** The resource that it runs on. */
  readonly resource: string;
  readonly subnet: string;
  readonly securityGroup: string;
}

/** Calls that each request of a node makes to another. */
export interface SimulatedCall {
  readonly from: number;
  readonly to: number;
  /** Calls by requests. */
  readonly share: number;
  readonly networkNs: number;
}

/** Services, what they call, and what they run on. */
export interface SimulatedSystem {
  /** Callers before callees. */
  readonly nodes: readonly SimulatedNode[];
  readonly calls: readonly SimulatedCall[];
  readonly links: readonly ResourceLink[];
  readonly mappings: readonly ServiceOnResource[];
}

const LAYERS = [2, 6, 10, 12] as const;
const SUBNETS = 6;
const MS = 1e6;

/** 30 services and 8 stores on some 60 resources, times `scale`. */
export function simulatedSystem(
  random: SeededRandom,
  scale = 1,
): SimulatedSystem {
  const nodes: SimulatedNode[] = [];
  const calls: SimulatedCall[] = [];
  function add(layer: number, isStore: boolean): void {
    const at = nodes.length;
    nodes.push({
      id: isStore ? `store-${at}` : `service-${at}`,
      layer,
      isStore,
      selfNs: random.logNormal(isStore ? 12 * MS : 15 * MS, 0.5),
      resource: isStore ? `aws:rds:db-${at}` : `aws:ec2:i-${at}`,
      subnet: `aws:subnet:subnet-${random.below(SUBNETS * scale)}`,
      securityGroup: `aws:sg:sg-${at}`,
    });
  }
  LAYERS.forEach((size, layer) => {
    for (let at = 0; at < size * scale; at++) add(layer, false);
  });
  for (let at = 0; at < 8 * scale; at++) add(LAYERS.length, true);
  nodes.forEach((node, from) => {
    if (node.isStore) return;
    const below = nodes.flatMap(({ layer }, to) =>
      layer === node.layer + 1 || (layer === node.layer + 2 && from % 3 === 0)
        ? [to]
        : []
    );
    const wanted = 1 + random.below(3);
    for (const to of random.shuffled(below).slice(0, wanted)) {
      calls.push({
        from,
        to,
        share: 0.3 + 0.7 * random.fraction(),
        networkNs: random.logNormal(1.5 * MS, 0.3),
      });
    }
  });
  // Who is called by nobody is called by one of the layer above.
  nodes.forEach(({ layer }, to) => {
    if (layer === 0 || calls.some((call) => call.to === to)) return;
    const above = nodes.flatMap((node, from) =>
      node.layer === layer - 1 ? [from] : []
    );
    const from = above[random.below(above.length)] ?? 0;
    calls.push({ from, to, share: 0.6, networkNs: 1.5 * MS });
  });
  const links = nodes.flatMap((node): ResourceLink[] => [
    { from: node.securityGroup, to: node.resource },
    { from: node.resource, to: node.subnet },
    { from: node.subnet, to: "aws:vpc:vpc-1" },
  ]);
  const mappings = nodes.map(({ id, resource, isStore }) => ({
    service: id,
    resourceId: resource,
    confidence: isStore ? 0.8 : 0.9,
  }));
  return { nodes, calls, links, mappings };
}
