import { UNKNOWN_SERVICE } from "../ingest/classify.ts";
import type { Resource } from "../spans/span.ts";

/** A resource's `service.name`, or the name of what has none. */
export function serviceName(resource: Resource): string {
  const name = resource.attributes.get("service.name");
  return typeof name === "string" && name !== "" ? name : UNKNOWN_SERVICE;
}
