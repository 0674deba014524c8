import { nodeId, type NodeIdentity } from "./map/node_identity.ts";

/** The tenant of a deployment that has only one. */
export const DEFAULT_TENANT = "default";

/** The name of the trace shard number `index` of a tenant. */
export function traceShardName(tenant: string, index: number): string {
  return `${encodeURIComponent(tenant)}/trace/${index}`;
}

/** The number of the trace shard that has such a name. */
export function traceShardIndex(name: string): number {
  return Number(name.slice(name.lastIndexOf("/") + 1));
}

/** The name of the object that owns a service's aggregates. */
export function serviceAggregateName(
  tenant: string,
  service: NodeIdentity,
): string {
  return `${encodeURIComponent(tenant)}/service/${nodeId(service)}`;
}

/** The name of the object that adds up a tenant's counts; "" for no tenant's. */
export function countersName(tenant: string): string {
  return `${encodeURIComponent(tenant)}/counters`;
}

/** The name of the object that holds what a target has not taken yet. */
export function outboxName(tenant: string, target: string): string {
  return `${encodeURIComponent(tenant)}/outbox/${target}`;
}

/** The name of the object that has reports of a tenant's changes made. */
export function correlatorName(tenant: string): string {
  return `${encodeURIComponent(tenant)}/correlator`;
}

/** The name of the object that gives a tenant's map to AirDig's Engine. */
export function engineExporterName(tenant: string): string {
  return `${encodeURIComponent(tenant)}/engine-exporter`;
}

/** The name of the object that tells a tenant's listeners what changes. */
export function liveHubName(tenant: string): string {
  return `${encodeURIComponent(tenant)}/live-hub`;
}

/** The name of the object that knows a tenant's services. */
export function directoryName(tenant: string): string {
  return `${encodeURIComponent(tenant)}/directory`;
}
