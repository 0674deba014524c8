import type { Arguments } from "./arguments.ts";
import { costing } from "./field_cost.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import type { TypeAddition } from "./output_types.ts";

/** A trace may have 4 MiB. */
export const TRACE_WEIGHT = 100;

/** What traces have beyond the HTTP API's answers. */
export const traceTypes: Readonly<Record<string, TypeAddition>> = {
  TraceSummary: {
    fields: (types) => ({
      trace: {
        ...costing({ weight: TRACE_WEIGHT }),
        type: types.named("Trace"),
        description: "All of it, with its spans.",
        resolve: (
          { trace_id: id }: { readonly trace_id: string },
          _args: Arguments,
          { loaders }: GraphqlContext,
        ) => loaders.trace.load(id),
      },
    }),
  },
};
