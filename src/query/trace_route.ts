import type { Context } from "hono";
import { driftAnswer } from "../drift/drift_answer.ts";
import type { AppEnv } from "../http/app_env.ts";
import { loadResourceGraph } from "../resources/load_resource_graph.ts";
import { spanResources } from "../resources/span_resources.ts";
import { traceAnswer } from "../trace_view/trace_answer.ts";
import { answerJson } from "./answer_json.ts";
import type { AnsweredTrace } from "./answered_trace.ts";
import { askedTrace, unknownTrace } from "./asked_trace.ts";
import { noParameters } from "./parameters.ts";
import { readOrRefuse } from "./asked.ts";
import { traceDrift } from "./trace_drift.ts";

/** `GET /api/v1/traces/{trace_id}` */
export async function answerTrace(context: Context<AppEnv>): Promise<Response> {
  readOrRefuse(context, noParameters);
  const text = context.req.param("trace_id") ?? "";
  const { tenant } = context.get("caller");
  const [{ spans, warnings }, { index }] = await Promise.all([
    askedTrace(context, text),
    loadResourceGraph(context.env, {
      tenant,
      settings: context.get("settings"),
      nowMs: Date.now(),
      waitUntil: (promise) => context.executionCtx.waitUntil(promise),
    }),
  ]);
  const links = spanResources(index);
  const trace = traceAnswer(spans, { links, warnings });
  if (trace === undefined) throw unknownTrace(text);
  const drifts = await traceDrift(context.env, trace, { tenant, index });
  const answer: AnsweredTrace = {
    ...trace,
    drift_events: drifts.map((drift) => driftAnswer(drift)),
  };
  return answerJson(answer);
}
