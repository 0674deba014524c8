import * as z from "zod/mini";
import { countField, ratioField, timeField } from "../query/answer_fields.ts";
import { timeText } from "../query/figures.ts";
import {
  type Mapping,
  MAPPING_CONFIDENCE,
  type MappingSource,
} from "./mapping.ts";

/** AirDig's ResourceServiceMapping. */
export const mappingAnswerSchema = z.strictObject({
  resource_id: z.string(),
  resource_type: z.string(),
  service_name: z.string(),
  service_id: z.string().check(
    z.describe("Unique on the map: the name, with namespace and environment."),
  ),
  confidence: ratioField,
  first_seen: timeField,
  last_seen: timeField,
  trace_count: countField.check(z.describe("About; 0 where an address told.")),
  source: z.enum(Object.keys(MAPPING_CONFIDENCE) as MappingSource[]).check(
    z.describe(
      "The attribute that told, or what of the resource the address was.",
    ),
  ),
}).register(z.globalRegistry, { id: "ResourceServiceMapping" });

/** AirDig's ResourceServiceMapping. */
export type MappingAnswer = z.infer<typeof mappingAnswerSchema>;

/** A mapping as it is answered. */
export function mappingAnswer(mapping: Mapping): MappingAnswer {
  return {
    resource_id: mapping.resourceId,
    resource_type: mapping.resourceType,
    service_name: mapping.serviceName,
    service_id: mapping.service,
    confidence: mapping.confidence,
    first_seen: timeText(mapping.firstSeenMs),
    last_seen: timeText(mapping.lastSeenMs),
    trace_count: mapping.traceCount,
    source: mapping.from,
  };
}
