import type { JudgedEffect, Role, ServiceFinding } from "./drift_finding.ts";
import { blameShare, isBelieved, LIKELY_SHARE } from "./drift_verdict.ts";
import type { MapComponents } from "./map_components.ts";
import type { Touch } from "./touched_nodes.ts";

const ORDER: readonly Role[] = [
  "critical_failure",
  "impact",
  "unrelated_concurrent",
];

/**
 * The services that changed after a change, each with what changed and what
 * part it has: it broke, it suffers from what broke, or it has another reason.
 */
export function serviceFindings(
  effects: readonly JudgedEffect[],
  { touched, map }: {
    readonly touched: ReadonlyMap<string, Touch>;
    readonly map: Pick<MapComponents, "called">;
  },
): ServiceFinding[] {
  const believed = Map.groupBy(
    effects.filter(isBelieved),
    ({ service }) => service,
  );
  return Array.from(believed, ([service, own]): ServiceFinding => {
    const sorted = own.toSorted((a, b) =>
      blameShare(b) - blameShare(a) || a.q - b.q
    );
    const least = Math.min(...own.map(({ q }) => q));
    return {
      service,
      role: roleOf(service, sorted),
      confidence: 1 - least,
      distance: touched.get(service)?.distance ?? null,
      path: pathTo(service, { touched, map }),
      effects: sorted,
    };
  }).toSorted((a, b) =>
    ORDER.indexOf(a.role) - ORDER.indexOf(b.role) ||
    b.confidence - a.confidence
  );
}

function roleOf(service: string, effects: readonly JudgedEffect[]): Role {
  const own = effects.filter((effect) => blameShare(effect) >= LIKELY_SHARE);
  if (own.length === 0) return "unrelated_concurrent";
  const isBroken = own.some(({ blame, callee }) => {
    const root = blame?.root ?? null;
    return root === null || root === service || root === callee;
  });
  return isBroken ? "critical_failure" : "impact";
}

/** Resources from the change, then nodes, to a service. */
function pathTo(
  service: string,
  { touched, map }: {
    readonly touched: ReadonlyMap<string, Touch>;
    readonly map: Pick<MapComponents, "called">;
  },
): readonly string[] {
  const own = touched.get(service);
  if (own !== undefined) return [...own.path, service];
  const nearest = (map.called.get(service) ?? [])
    .flatMap(({ to }) => touched.get(to) ?? [])
    .toSorted((a, b) => b.weight - a.weight)[0];
  return nearest === undefined
    ? [service]
    : [...nearest.path, nearest.node, service];
}
