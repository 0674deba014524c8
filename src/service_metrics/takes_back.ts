import type { Histogram } from "../map/histogram.ts";
import type { ServiceWindow } from "../map/service_window.ts";

/** Whether an addition takes something back: a correction. */
export function takesBack(
  { edges, operations, counters }: ServiceWindow,
): boolean {
  if (counters.unpairedClients < 0 || counters.unpairedServers < 0) return true;
  for (const { failed, latency, client, queue } of edges.values()) {
    if (failed < 0 || [latency, client, queue].some(falls)) return true;
  }
  for (const { duration } of operations.values()) {
    if (falls(duration)) return true;
  }
  return false;
}

// A sum can fall though no count does.
function falls({ sumNs, zeroCount, buckets }: Histogram): boolean {
  if (sumNs < 0 || zeroCount < 0) return true;
  for (const count of buckets.values()) if (count < 0) return true;
  return false;
}
