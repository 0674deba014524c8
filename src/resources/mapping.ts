/** What tells that a service runs on a resource. */
export type MappingSource = keyof typeof MAPPING_CONFIDENCE;

/**
 * How sure each way is, 0 to 1. What names one thing in the world is surer than
 * a name that somebody chose, or an address that moves.
 */
export const MAPPING_CONFIDENCE = {
  "cloud.resource_id": 0.99,
  "cloud.resource.id": 0.98,
  "aws.ecs.task.arn": 0.97,
  "aws.ecs.container.arn": 0.96,
  "k8s.pod.uid": 0.95,
  "k8s.pod.name": 0.92,
  "host.id": 0.9,
  "faas.name": 0.85,
  "host.name": 0.7,
  /** The address that calls to a `peer.service` name, which a resource has. */
  "server.address": 0.75,
  /** The address of a call's other end is the resource's own. */
  private_ip: 0.8,
  endpoint: 0.8,
  /** The name of a call's other end is the resource's name. */
  name: 0.6,
} as const;

/** A service, or what services call, and a resource that it runs on. */
export interface Mapping {
  /** The graph's id; where it knows none, as AirDig would call it. */
  readonly resourceId: string;
  /** `ec2`, `rds`; "" where nothing tells. */
  readonly resourceType: string;
  /** `nodeId` of the service. */
  readonly service: string;
  readonly serviceName: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** ms since the epoch. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** Traces, about; 0 where the other end of calls was matched. */
  readonly traceCount: number;
  /** What tells it. */
  readonly from: MappingSource;
}
