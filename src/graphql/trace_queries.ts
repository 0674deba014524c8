import { GraphQLID, GraphQLNonNull } from "graphql";
import type { AnsweredTrace } from "../query/answered_trace.ts";
import { loadTraceList } from "../query/load_traces.ts";
import type { TraceList } from "../query/trace_list.ts";
import {
  readTraceSearch,
  traceParameters,
} from "../search/read_trace_search.ts";
import { DEFAULT_TRACE_LIMIT } from "../search/trace_limit.ts";
import {
  type Arguments,
  argumentsOf,
  queryOf,
  wrongArguments,
} from "./arguments.ts";
import { costing } from "./field_cost.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import type { Fields, OutputTypes } from "./output_types.ts";
import { TRACE_WEIGHT } from "./trace_types.ts";

/** What is asked of the traces. */
export function traceQueries(types: OutputTypes): Fields<unknown> {
  return {
    traces: {
      ...costing({ size: DEFAULT_TRACE_LIMIT }),
      type: types.named("TraceList"),
      description: "Traces that match, the newest first. Service, operation, " +
        "resource and attributes are asked of one span; error and duration of " +
        "the trace.",
      args: argumentsOf(traceParameters),
      resolve: tracesOf,
    },
    trace: {
      ...costing({ weight: TRACE_WEIGHT }),
      type: types.named("Trace"),
      description: "A trace with all its spans.",
      args: {
        id: {
          type: new GraphQLNonNull(GraphQLID),
          description: "1 to 32 hex digits.",
        },
      },
      resolve: traceOf,
    },
  };
}

function tracesOf(
  _source: unknown,
  args: Arguments,
  { asking }: GraphqlContext,
): Promise<TraceList> {
  const read = readTraceSearch(queryOf(traceParameters, args), asking.nowMs);
  if (!read.ok) throw wrongArguments(read.problems);
  return loadTraceList(asking, read.search);
}

function traceOf(
  _source: unknown,
  { id }: Arguments,
  { loaders }: GraphqlContext,
): Promise<AnsweredTrace> {
  return loaders.trace.load(String(id));
}
