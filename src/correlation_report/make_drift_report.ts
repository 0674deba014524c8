import type { Bindings } from "../bindings.ts";
import type { ServiceFinding } from "../correlation/drift_finding.ts";
import { correlateDrift } from "../correlation/drift_report.ts";
import type { Drift } from "../drift/drift.ts";
import { nodeId } from "../map/node_identity.ts";
import type { WantsEdge } from "../map/service_window_codec.ts";
import type { Settings } from "../settings.ts";
import { loadTrace } from "../trace_search/load_trace.ts";
import { readTraceId } from "../trace_search/trace_id.ts";
import { traceShards } from "../trace_search/trace_shards.ts";
import { traceAnswer } from "../trace_view/trace_answer.ts";
import { readTraceIds } from "./impact_traces.ts";
import { comparedGraphs } from "./compared_graphs.ts";
import { driftReport } from "./drift_report_answer.ts";
import { type DriftReport, msOf } from "./drift_report_schema.ts";
import { loadCorrelation, type LoadedCorrelation } from "./load_correlation.ts";
import { changeOf } from "./resource_links.ts";
import { type SampleTrace, sampleTrace } from "./sample_trace.ts";

const MS_PER_MINUTE = 60_000;

/** Other changes are looked for so long before the window, ms. */
const COMPETING_MS = 3_600_000;

/** For whom a report is made. */
export interface ReportAsked {
  readonly tenant: string;
  readonly settings: Settings;
  readonly nowMs: number;
  readonly windowMinutes: number;
  readonly waitUntil: (promise: Promise<unknown>) => void;
}

/**
 * The report of a change: loads what it is made from, and compares.
 *
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export async function makeDriftReport(
  bindings: Bindings,
  drift: Drift,
  asked: ReportAsked,
): Promise<DriftReport> {
  const { tenant, nowMs, windowMinutes } = asked;
  const windowMs = windowMinutes * MS_PER_MINUTE;
  const loaded = await loadCorrelation(bindings, {
    ...asked,
    startMs: drift.timeMs - windowMs,
    endMs: drift.timeMs + windowMs,
  }, COMPETING_MS);
  const { input, known, resources, drifts } = loaded;
  const change = changeOf(drift, {
    mappings: input.mappings,
    index: resources.index,
  });
  const finding = correlateDrift(input, { change, windowMinutes });
  const { startS } = input.series;
  const { at, before, after } = finding.window;
  const concerned = new Set(finding.services.flatMap(namesOf));
  const graphs = await comparedGraphs(bindings, {
    tenant,
    services: known.filter((one) => concerned.has(nodeId(one))),
    wantsEdge: edgesOf(finding.services),
    startMs: msOf({ startS }, at - before),
    changeMs: msOf({ startS }, at),
    endMs: msOf({ startS }, at + after),
    nowMs,
  });
  const ids = readTraceIds(finding.services, graphs.after);
  return driftReport({
    drift,
    finding,
    startS,
    graphs,
    traces: await readTraces(bindings, ids, asked),
    drifts,
    nowMs,
    warnings: warningsOf(loaded),
  });
}

/** The services whose windows hold what a finding is about. */
function namesOf({ service, effects }: ServiceFinding): readonly string[] {
  return [service, ...effects.map((effect) => effect.service)];
}

/** The edges that it is about, and all to a node that it is about. */
function edgesOf(services: readonly ServiceFinding[]): WantsEdge {
  const nodes = new Set(services.map(({ service }) => service));
  const pairs = new Set(
    services.flatMap(({ effects }) => effects)
      .map(({ service, callee }) => `${service}\n${callee ?? ""}`),
  );
  return (from, to) => nodes.has(to) || pairs.has(`${from}\n${to}`);
}

async function readTraces(
  bindings: Bindings,
  ids: readonly string[],
  { tenant, settings }: ReportAsked,
): Promise<ReadonlyMap<string, SampleTrace>> {
  if (ids.length === 0) return new Map();
  const shards = await traceShards(bindings, { tenant, settings });
  const found = await Promise.all(ids.map(async (id) => {
    const traceId = readTraceId(id);
    const spans = traceId === null ? [] : await loadTrace(shards, traceId);
    const trace = traceAnswer(spans, { warnings: [] });
    return trace === undefined ? [] : [[id, sampleTrace(trace)] as const];
  }));
  return new Map(found.flat());
}

function warningsOf({ resources }: LoadedCorrelation): readonly string[] {
  const { state } = resources;
  if (state === null) {
    return [
      "No resource graph is known: only services that run on the changed " +
      "resource itself are looked at (see PUT /api/v1/resources)",
    ];
  }
  return state.failure === ""
    ? []
    : [`The resource graph could not be pulled lately: ${state.failure}`];
}
