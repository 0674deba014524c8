import type { TraceSearch } from "../search/read_trace_search.ts";
import { HttpProblem } from "../http/http_problem.ts";
import { driftAnswer } from "../drift/drift_answer.ts";
import { loadResourceGraph } from "../resources/load_resource_graph.ts";
import { spanResources } from "../resources/span_resources.ts";
import { readTraceId } from "../trace_search/trace_id.ts";
import { traceAnswer } from "../trace_view/trace_answer.ts";
import type { AnsweredTrace } from "./answered_trace.ts";
import { askedTraces, unknownTrace } from "./asked_trace.ts";
import type { Asking } from "./asking.ts";
import { foundTraces } from "./found_traces.ts";
import { traceDrifts } from "./trace_drift.ts";
import { type TraceList, traceList } from "./trace_list.ts";

/**
 * A page of traces.
 *
 * @throws {HttpProblem} 502 where the store behind is at fault.
 */
export async function loadTraceList(
  asking: Asking,
  { filter, limit, cursor }: TraceSearch,
): Promise<TraceList> {
  const after = cursor === null ? null : {
    startNs: cursor.startNs,
    traceId: readTraceId(cursor.traceId) ?? "",
  };
  const search = { filter, limit, after, withSpans: false };
  return traceList(await foundTraces(asking, search), filter.fromNs);
}

/**
 * A trace with all its spans, and the changes around it.
 *
 * @throws {HttpProblem} 400 where the text is no trace id, 404 where there is
 *   no such trace, 502 where the store behind is at fault.
 */
export async function loadAnsweredTrace(
  asking: Asking,
  text: string,
): Promise<AnsweredTrace> {
  const [trace] = await loadAnsweredTraces(asking, [text]);
  if (trace === undefined) throw unknownTrace(text);
  if (trace instanceof HttpProblem) throw trace;
  return trace;
}

/**
 * Several traces, as one: in the order of their ids, each with what is wrong
 * with it. Each shard is asked once, and D1 once for the changes of all.
 */
export async function loadAnsweredTraces(
  asking: Asking,
  texts: readonly string[],
): Promise<readonly (AnsweredTrace | HttpProblem)[]> {
  const { bindings, tenant } = asking;
  const [asked, { index }] = await Promise.all([
    askedTraces(asking, texts),
    loadResourceGraph(bindings, asking),
  ]);
  const links = spanResources(index);
  const answered = asked.map((one, at) => {
    if (one instanceof HttpProblem) return one;
    const { spans, warnings } = one;
    return traceAnswer(spans, { links, warnings }) ??
      unknownTrace(texts[at] ?? "");
  });
  const traces = answered
    .flatMap((one) => one instanceof HttpProblem ? [] : [one]);
  const drifts = await traceDrifts(bindings, traces, { tenant, index });
  return answered.map((one) =>
    one instanceof HttpProblem ? one : {
      ...one,
      drift_events: (drifts[traces.indexOf(one)] ?? []).map(driftAnswer),
    }
  );
}
