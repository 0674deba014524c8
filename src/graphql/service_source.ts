import * as z from "zod/mini";
import type { NodeFilter } from "../query/filter_graph.ts";
import { type NodeIdentity, nodeOfId } from "../map/node_identity.ts";
import { timeField } from "../query/answer_fields.ts";
import {
  nodesNamed,
  serviceDetail,
  serviceDetailSchema,
} from "../query/service_detail.ts";
import { listedService } from "../query/service_list.ts";
import { type InView, inView } from "./in_view.ts";
import type { MapView } from "./map_views.ts";
import { once } from "./once.ts";
import type { Lazy } from "./output_types.ts";

const SEVERAL = '"" where there is none; null where `nodes` has several.';
const SEEN = "Within the window; null where it sent no spans in it.";

/** What `Service` has of the HTTP API's answers. */
export const serviceSchema = z.strictObject({
  id: z.string().check(z.describe(
    "Unique on the map: the name, with namespace and environment; the name " +
      "alone where several nodes are put together.",
  )),
  ...serviceDetailSchema.shape,
  namespace: z.nullable(z.string()).check(z.describe(SEVERAL)),
  environment: z.nullable(z.string()).check(z.describe(SEVERAL)),
  resource_ids: z.array(z.string()).check(
    z.describe("AirDig's ids of the cloud resources it runs on."),
  ),
  first_seen: z.nullable(timeField).check(z.describe(SEEN)),
  last_seen: z.nullable(timeField).check(z.describe(SEEN)),
});

type ServiceAnswer = Omit<z.infer<typeof serviceSchema>, "operations">;

/** A service in a window of the map. */
export type ServiceSource = InView<Lazy<ServiceAnswer>> & {
  /** All that have the name, whether they are on the map or silent. */
  readonly identities: readonly NodeIdentity[];
};

/**
 * A service in a window of the map. Namesakes that the filter lets through are
 * put together.
 */
export function serviceSource(
  view: MapView,
  name: string,
  filter: NodeFilter = {},
): ServiceSource {
  const nodes = nodesNamed(view.graph, name, filter);
  const [node, ...others] = nodes;
  const only = others.length === 0 ? node : undefined;
  // Operations are loaded where they are asked for.
  const detail = once(() =>
    serviceDetail(name, filter, { ...view, windows: [] })
  );
  const listed = once(() =>
    nodes.map((one) => listedService(one, view.window))
  );
  return {
    view,
    identities: nodes.map(({ identity }) => identity),
    id: only?.id ?? name,
    namespace: only?.identity.namespace ?? filter.namespace ?? null,
    environment: only?.identity.environment ?? filter.environment ?? null,
    service_name: name,
    request_count: () => detail().request_count,
    error_count: () => detail().error_count,
    error_rate: () => detail().error_rate,
    request_rate: () => detail().request_rate,
    avg_latency: () => detail().avg_latency,
    p50_latency: () => detail().p50_latency,
    p95_latency: () => detail().p95_latency,
    p99_latency: () => detail().p99_latency,
    period: () => detail().period,
    type: () => detail().type,
    nodes: () => detail().nodes,
    endpoints: () => detail().endpoints,
    callers: () => inViewOf(view, detail().callers),
    callees: () => inViewOf(view, detail().callees),
    resources: () => inViewOf(view, detail().resources),
    diagnostics: () => detail().diagnostics,
    window_start: () => detail().window_start,
    window_end: () => detail().window_end,
    timestamp: () => detail().timestamp,
    warnings: () => detail().warnings,
    resource_ids: () => [
      ...new Set(listed().flatMap(({ resource_ids: ids }) => ids)),
    ],
    first_seen: () =>
      listed().map((one) => one.first_seen).toSorted().at(0) ?? null,
    last_seen: () =>
      listed().map((one) => one.last_seen).toSorted().at(-1) ?? null,
  };
}

/** The service that a `nodeId` names. */
export function serviceOfId(view: MapView, id: string): ServiceSource {
  const { name, namespace, environment } = nodeOfId(id);
  return serviceSource(view, name, { namespace, environment });
}

function inViewOf<Answer extends object>(
  view: MapView,
  answers: readonly Answer[],
): Answer[] {
  return [...inView(view, answers)];
}
