import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "../query/answer_json.ts";
import { askingOf } from "../query/asking.ts";
import { type AskedTrace, askedTrace } from "../query/asked_trace.ts";
import { writeProtobufSpans } from "../spans/write_protobuf.ts";
import { distinctSpans } from "../trace_view/distinct_spans.ts";
import { tempoTraceByIdJson, tempoTraceJson } from "./tempo_trace.ts";
import { traceByIdResponse } from "./trace_by_id_response.ts";

const PROTOBUF = "application/protobuf";

/** `GET /tempo/api/traces/{id}` */
export async function answerTempoTrace(
  context: Context<AppEnv>,
): Promise<Response> {
  const { spans } = await askedSpans(context);
  if (spans.length === 0) {
    return new Response("trace not found", { status: 404 });
  }
  return wantsProtobuf(context)
    ? protobuf(writeProtobufSpans(spans))
    : answerJson(tempoTraceJson(spans));
}

/**
 * `GET /tempo/api/v2/traces/{id}`
 *
 * A trace that is not kept is an empty one, with 200. Grafana takes a 404 for a
 * Tempo without this call, and asks the first API again.
 *
 * Source: grafana/tempo 3.1.0; grafana/grafana, pkg/tsdb/tempo/trace.go.
 */
export async function answerTempoTraceV2(
  context: Context<AppEnv>,
): Promise<Response> {
  const { spans, warnings } = await askedSpans(context);
  const partial = warnings.join("; ");
  return wantsProtobuf(context)
    ? protobuf(traceByIdResponse(writeProtobufSpans(spans), { partial }))
    : answerJson(tempoTraceByIdJson(spans, { partial }));
}

async function askedSpans(context: Context<AppEnv>): Promise<AskedTrace> {
  const id = context.req.param("trace_id") ?? "";
  const { spans, warnings } = await askedTrace(askingOf(context), id);
  return { spans: distinctSpans(spans), warnings };
}

function wantsProtobuf(context: Context<AppEnv>): boolean {
  return context.req.header("accept")?.includes(PROTOBUF) ?? false;
}

function protobuf(bytes: Uint8Array): Response {
  return new Response(new Uint8Array(bytes), {
    headers: { "content-type": PROTOBUF, "cache-control": "no-store" },
  });
}
