import { GraphQLNonNull, GraphQLString } from "graphql";
import { loadDriftReport } from "../correlation_report/load_reports.ts";
import type { DriftReport } from "../correlation_report/drift_report_schema.ts";
import { type DriftAnswer, driftAnswer } from "../drift/drift_answer.ts";
import { encodeDriftCursor } from "../drift/drift_cursor.ts";
import type { Arguments } from "./arguments.ts";
import { costing } from "./field_cost.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import type { TypeAddition } from "./output_types.ts";
import { knownResource } from "./resource_source.ts";

/** A report may have 512 KiB. */
const REPORT_WEIGHT = 40;
/** An event may have 32 KiB. */
export const DRIFT_WEIGHT = 10;

/** Events that were asked for by their id. */
const asked = new WeakSet<DriftAnswer>();

/** An event that was asked for by its id: its report may be made now. */
export function askedDrift(answer: DriftAnswer): DriftAnswer {
  asked.add(answer);
  return answer;
}

/** What changes have beyond the HTTP API's answers. */
export const driftTypes: Readonly<Record<string, TypeAddition>> = {
  DriftEvent: {
    fields: (types) => ({
      cursor: {
        type: new GraphQLNonNull(GraphQLString),
        description: "`cursor` of the page that begins after this one.",
        resolve: ({ id, timestamp }: DriftAnswer) =>
          encodeDriftCursor({ timeMs: Date.parse(timestamp), id }),
      },
      report: {
        ...costing({ weight: REPORT_WEIGHT }),
        type: types.named("CorrelationReport"),
        description: "What the change did. Of an event that was asked for by " +
          "its id it is made now; in a list it is the stored one: null until " +
          "one was made, which is an hour after the change at the latest.",
        resolve: reportOf,
      },
      resource: {
        type: types.named("Resource"),
        description: "As it is now; null where it is not known.",
        resolve: async (
          { resource_id: id }: DriftAnswer,
          _args: Arguments,
          { views }: GraphqlContext,
        ) => knownResource(await views.view(), id),
      },
    }),
  },
  CorrelationReport: {
    fields: () => ({
      cursor: {
        type: new GraphQLNonNull(GraphQLString),
        description: "`cursor` of the page that begins after this one.",
        resolve: ({ drift_event: { id, timestamp } }: DriftReport) =>
          encodeDriftCursor({ timeMs: Date.parse(timestamp), id }),
      },
    }),
  },
  CompetingEvent: {
    fields: (types) => ({
      driftEvent: {
        ...costing({ weight: DRIFT_WEIGHT }),
        type: types.named("DriftEvent"),
        description: "The event; null where it is not kept any more.",
        resolve: (
          { drift_event_id: id }: { readonly drift_event_id: string },
          _args: Arguments,
          context: GraphqlContext,
        ) => driftOfId(id, context),
      },
    }),
  },
};

/** The event of an id; null where it is not kept any more. */
export async function driftOfId(
  id: string,
  { loaders }: GraphqlContext,
): Promise<DriftAnswer | null> {
  const drift = await loaders.drift.load(id);
  return drift === null ? null : driftAnswer(drift);
}

async function reportOf(
  source: DriftAnswer,
  _args: Arguments,
  { asking, budget, loaders }: GraphqlContext,
): Promise<DriftReport | null> {
  if (!asked.has(source)) return loaders.report.load(source.id);
  budget.take("reports");
  const drift = await loaders.drift.load(source.id);
  return drift === null ? null : loadDriftReport(asking, drift);
}
