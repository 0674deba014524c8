import type { Severity } from "../drift/drift.ts";

/** How a resource is doing. */
export const RESOURCE_HEALTHS = [
  "healthy",
  "degraded",
  "unhealthy",
  "unknown",
] as const;

/** How a resource is doing. */
export type ResourceHealth = (typeof RESOURCE_HEALTHS)[number];

/** An anomaly that lasts. */
export interface OpenAnomaly {
  /** `nodeId` of the service that it is in. */
  readonly service: string;
  readonly severity: Severity;
}

/**
 * How a resource is doing, by the services that run on it.
 *
 * @param services `nodeId` of each.
 * @param open Those of all services that last.
 *
 * @example
 * ```ts
 * import { resourceHealth } from "../src/resources/resource_health.ts";
 *
 * const open = [{ service: "cart", severity: "medium" }] as const;
 * expect(resourceHealth(["cart", "web"], open)).toBe("degraded");
 * expect(resourceHealth(["web"], open)).toBe("healthy");
 * expect(resourceHealth([], open)).toBe("unknown");
 * ```
 */
export function resourceHealth(
  services: readonly string[],
  open: readonly OpenAnomaly[],
): ResourceHealth {
  if (services.length === 0) return "unknown";
  const own = open.filter(({ service }) => services.includes(service));
  if (own.length === 0) return "healthy";
  const isBad = own.some(({ severity }) =>
    severity === "critical" || severity === "high"
  );
  return isBad ? "unhealthy" : "degraded";
}
