import type { Context, Hono } from "hono";
import { operationRoutes } from "../api/operation_routes.ts";
import { listServices } from "../directory/list_services.ts";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "../query/answer_json.ts";
import { askingOf } from "../query/asking.ts";
import { answerPlan } from "../query/answer_plan.ts";
import { foundTraces } from "../query/found_traces.ts";
import { loadGraph } from "../query/load_graph.ts";
import { serviceDetail } from "../query/service_detail.ts";
import { serviceMap } from "../query/service_map.ts";
import { askedTrace } from "../query/asked_trace.ts";
import { readTraceId } from "../trace_search/trace_id.ts";
import { readJaegerSearch } from "../search/read_jaeger_search.ts";
import { jaegerAnswer, jaegerProblem } from "./jaeger_answer.ts";
import { jaegerDependencies } from "./jaeger_dependencies.ts";
import { jaegerOperations } from "./jaeger_operations.ts";
import { type JaegerTrace, jaegerTrace } from "./jaeger_trace.ts";

/** Traces that can be asked for by their ids at once. */
export const MAX_JAEGER_TRACE_IDS = 20;
/** How far back operations are looked for: a day, ms. */
const OPERATIONS_RANGE_MS = 86_400_000;
/** Dependencies where no lookback is given: a day, as Jaeger has it, ms. */
const DEFAULT_LOOKBACK_MS = 86_400_000;
/** The longest lookback for dependencies, ms: two years. */
const MAX_LOOKBACK_MS = 731 * 86_400_000;

/** Jaeger's query API over the traces and the map that are kept here. */
export function jaegerRoutes(): Hono<AppEnv> {
  return operationRoutes(jaegerOperations, {
    "GET /jaeger/api/services": answerServices,
    "GET /jaeger/api/services/{service}/operations": answerOperationNames,
    "GET /jaeger/api/operations": answerOperations,
    "GET /jaeger/api/traces": answerTraces,
    "GET /jaeger/api/traces/{trace_id}": answerTrace,
    "GET /jaeger/api/dependencies": answerDependencies,
  });
}

async function answerServices(context: Context<AppEnv>): Promise<Response> {
  const { tenant } = context.get("caller");
  const services = await listServices(context.env, tenant);
  const names = new Set(services.map(({ name }) => name));
  return answerJson(jaegerAnswer([...names].toSorted()));
}

async function answerOperationNames(
  context: Context<AppEnv>,
): Promise<Response> {
  const service = context.req.param("service") ?? "";
  const operations = await operationsOf(context, service);
  const names = new Set(operations.map((one) => one.operation_name));
  return answerJson(jaegerAnswer([...names].toSorted()));
}

async function answerOperations(context: Context<AppEnv>): Promise<Response> {
  const service = context.req.query("service") ?? "";
  if (service === "") {
    return problem(400, "parameter 'service' is required");
  }
  const asked = context.req.query("spanKind") ?? "";
  const operations = await operationsOf(context, service);
  const known = new Map<string, JaegerOperation>();
  for (const { operation_name: name, kind: spanKind } of operations) {
    if (asked !== "" && asked !== spanKind) continue;
    known.set(`${spanKind} ${name}`, { name, spanKind });
  }
  return answerJson(jaegerAnswer([...known.values()]));
}

interface JaegerOperation {
  readonly name: string;
  readonly spanKind: string;
}

async function operationsOf(context: Context<AppEnv>, name: string) {
  const nowMs = Date.now();
  const range = { startMs: nowMs - OPERATIONS_RANGE_MS, endMs: nowMs };
  const plan = answerPlan(range, nowMs);
  const loaded = await loadGraph(askingOf(context), plan, { detailed: name });
  const { operations } = serviceDetail(name, {}, {
    ...loaded,
    window: plan.window,
  });
  return operations;
}

async function answerTraces(context: Context<AppEnv>): Promise<Response> {
  const { searchParams } = new URL(context.req.url);
  const ids = searchParams.getAll("traceID");
  if (ids.length > 0) return answerTracesOf(context, ids);
  const read = readJaegerSearch(searchParams, Date.now());
  if (!read.ok) return problem(400, read.reason);
  const { filter, limit } = read;
  const search = { filter, limit, after: null, withSpans: true };
  const { hits } = await foundTraces(askingOf(context), search);
  return answerJson(
    jaegerAnswer(hits.map(({ spans }) => jaegerTrace(spans ?? []))),
  );
}

async function answerTracesOf(
  context: Context<AppEnv>,
  ids: readonly string[],
): Promise<Response> {
  const wrong = ids.find((id) => readTraceId(id) === null);
  if (wrong !== undefined) return problem(400, malformedId(wrong));
  if (ids.length > MAX_JAEGER_TRACE_IDS) {
    return problem(
      400,
      `${ids.length} traces are asked for: ask for ${MAX_JAEGER_TRACE_IDS} ` +
        "at the most",
    );
  }
  const traces: JaegerTrace[] = [];
  // One after the other: each may be large.
  for (const id of new Set(ids)) {
    const { spans, warnings } = await askedTrace(askingOf(context), id);
    if (spans.length > 0) traces.push(jaegerTrace(spans, warnings));
  }
  return answerJson(jaegerAnswer(traces));
}

async function answerTrace(context: Context<AppEnv>): Promise<Response> {
  const id = context.req.param("trace_id") ?? "";
  if (readTraceId(id) === null) return problem(400, malformedId(id));
  const { spans, warnings } = await askedTrace(askingOf(context), id);
  return spans.length === 0
    ? problem(404, "trace not found")
    : answerJson(jaegerAnswer([jaegerTrace(spans, warnings)]));
}

async function answerDependencies(
  context: Context<AppEnv>,
): Promise<Response> {
  const nowMs = Date.now();
  const endMs = wholeOf(context.req.query("endTs"), nowMs);
  const lookbackMs = wholeOf(
    context.req.query("lookback"),
    DEFAULT_LOOKBACK_MS,
  );
  if (endMs === null || lookbackMs === null || lookbackMs > MAX_LOOKBACK_MS) {
    return problem(400, "endTs and lookback must be whole milliseconds");
  }
  const range = { startMs: Math.max(0, endMs - lookbackMs), endMs };
  const plan = answerPlan(range, nowMs);
  const { graph } = await loadGraph(askingOf(context), plan);
  const selection = { depth: 1, direction: "both" } as const;
  const { edges } = serviceMap(graph, selection, plan.window);
  return answerJson(jaegerDependencies(edges));
}

function malformedId(id: string): string {
  return `cannot parse the trace id "${id.slice(0, 64)}": it must be 1 to 32 ` +
    "hex digits";
}

function wholeOf(text: string | undefined, otherwise: number): number | null {
  if (text === undefined || text === "") return otherwise;
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function problem(status: 400 | 404, msg: string): Response {
  return Response.json(jaegerProblem(status, msg), { status });
}
