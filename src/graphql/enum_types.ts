import { GraphQLEnumType } from "graphql";
import {
  ANOMALY_ENDS,
  ANOMALY_METRICS,
  BASELINE_SOURCES,
} from "../anomaly/anomaly.ts";
import { ANOMALY_STATES } from "../anomaly/anomaly_filter.ts";
import { ROLES, VERDICTS } from "../correlation/drift_finding.ts";
import { DRIFT_TYPES, SEVERITIES } from "../drift/drift.ts";
import { NODE_TYPES } from "../map/node_type.ts";
import { SPAN_KIND_NAMES } from "../map/span_kind.ts";
import { RESOURCE_HEALTHS } from "../resources/resource_health.ts";
import { STATUS_NAMES } from "../trace_view/trace_span.ts";

/** The words that the HTTP API has, too: they are the enums' values. */
const ENUMS: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  NodeType: ["What a node of the map is.", NODE_TYPES],
  SpanKind: ["A span's side of a call.", Object.values(SPAN_KIND_NAMES)],
  SpanStatus: ["How a span ended.", Object.values(STATUS_NAMES)],
  DriftType: ["What happened to a resource.", DRIFT_TYPES],
  Severity: ["How bad it is, the worst first.", SEVERITIES],
  AnomalyMetric: ["What is out of the ordinary.", ANOMALY_METRICS],
  AnomalyEnd: ["How an anomaly ended.", ANOMALY_ENDS],
  AnomalyState: ["Whether an anomaly lasts.", ["open", "ended"]],
  AskedAnomalyState: ["Which anomalies are asked for.", ANOMALY_STATES],
  BaselineSource: ["Where a baseline came from.", BASELINE_SOURCES],
  Verdict: ["What is said of a change.", VERDICTS],
  ImpactRole: ["What part a service has in a change.", ROLES],
  RootKind: ["Where an excess sits.", ["self", "callee", "network"]],
  SymptomMetric: ["What rose.", ["latency", "error_rate"]],
  MapDirection: ["Which way a map reaches.", ["up", "down", "both"]],
  EdgeDirection: ["Which way an edge leads.", ["out", "in"]],
  ResourceHealth: [
    "How a resource is doing, by the services on it: unhealthy with an open " +
    "anomaly of severity critical or high, degraded with another one, unknown " +
    "where no service is known to run on it.",
    RESOURCE_HEALTHS,
  ],
};

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

const byValues = new Map(
  Object.entries(ENUMS).map(([name, [description, values]]) => [
    keyOf(values),
    new GraphQLEnumType({
      name,
      description,
      values: Object.fromEntries(values.map((value) => [value, { value }])),
    }),
  ]),
);

/**
 * The enum of some words.
 *
 * @returns null where one of them is no name of GraphQL's, or they are a list
 *   without a name here.
 */
export function enumOf(values: readonly string[]): GraphQLEnumType | null {
  return values.every((value) => NAME.test(value))
    ? byValues.get(keyOf(values)) ?? null
    : null;
}

function keyOf(values: readonly string[]): string {
  return values.toSorted().join(" ");
}
