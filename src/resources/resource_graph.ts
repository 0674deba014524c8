import type { Json } from "../drift/drift.ts";

/** Nodes of a graph; 10,000 are common in a large account. */
export const MAX_GRAPH_NODES = 20_000;
/** Edges of a graph. */
export const MAX_GRAPH_EDGES = 80_000;
/** Bytes of a graph as JSON: 8 MiB. */
export const MAX_GRAPH_BYTES = 8 * 1024 * 1024;
/** What reading a byte of it takes of an isolate's memory: texts and objects. */
export const GRAPH_MEMORY_PER_BYTE = 5;
/** UTF-16 units of an id, a type, a name. */
export const MAX_GRAPH_TEXT_LENGTH = 2048;

/** A cloud resource as SkyGraph knows it. */
export interface ResourceNode {
  /** AirDig's: `aws:ec2:i-123456`, `k8s:pod:frontend-7d8f9`. */
  readonly id: string;
  /** `ec2`, `vpc`, `security_group`, `rds`, `k8s_pod`. */
  readonly type: string;
  /** `aws`, `k8s`; "" where it does not say. */
  readonly provider: string;
  readonly region: string;
  readonly name: string;
  /** `instance_id`, `vpc_id`, `subnet_id`, `private_ip`, `security_groups`. */
  readonly metadata: { readonly [key: string]: Json };
  readonly tags: { readonly [key: string]: Json };
  /** As it was told; "" where it was not. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** How two resources hang together. */
export interface ResourceEdge {
  readonly from: string;
  readonly to: string;
  /** `network`, `dependency`, `ownership`, `call`, `drift`. */
  readonly type: string;
  /** 1 where it does not say. */
  readonly weight: number;
}

/** The resources of a tenant. Each id is there once; both ends of an edge are. */
export interface ResourceGraph {
  readonly nodes: readonly ResourceNode[];
  readonly edges: readonly ResourceEdge[];
}
