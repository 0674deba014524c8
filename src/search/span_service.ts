import { serviceOf } from "../ingest/classify.ts";
import type { NodeIdentity } from "../map/node_identity.ts";
import type { Attributes } from "../spans/span.ts";
import { attributeText } from "./attribute_text.ts";

/**
 * The service that a resource names: the node of the service map that its
 * spans count for.
 *
 * @param resource Attributes of the whole resource.
 *
 * @example
 * ```ts
 * import { spanService } from "../src/search/span_service.ts";
 *
 * const resource = new Map([["service.name", "cart"]]);
 * expect(spanService(resource))
 *   .toEqual({ namespace: "", name: "cart", environment: "" });
 * ```
 */
export function spanService(resource: Attributes): NodeIdentity {
  const name = attributeText(resource.get("service.name"));
  const namespace = attributeText(resource.get("service.namespace"));
  const environment = attributeText(
    resource.get("deployment.environment.name"),
  );
  const old = attributeText(resource.get("deployment.environment"));
  return serviceOf({
    ...(name === undefined ? {} : { serviceName: name }),
    ...(namespace === undefined ? {} : { serviceNamespace: namespace }),
    ...(environment === undefined ? {} : { environmentName: environment }),
    ...(old === undefined ? {} : { environmentOld: old }),
  });
}
