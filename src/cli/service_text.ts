import type { AnswerOf } from "../client/call_types.ts";
import { durationText, percentText } from "../correlation/plain_words.ts";
import { rateText } from "./figure_text.ts";
import { printable } from "./printable.ts";
import type { Style } from "./style.ts";
import { type Column, table } from "./table.ts";

type ServiceList = AnswerOf<"GET /api/v1/services">;
type ServiceDetail = AnswerOf<"GET /api/v1/services/{name}">;
type Listed = ServiceList["services"][number];
type Edge = ServiceDetail["callers"][number];
type Operation = ServiceDetail["operations"][number];

/** Figures that everything which takes requests has. */
interface Figures {
  readonly error_rate: number;
}

/** From this ratio of failed requests on, it is shown in red. */
const MANY_ERRORS = 0.05;

/** Paints a ratio of failed requests. */
export function paintErrors(
  { error_rate: ratio }: Figures,
  style: Style,
): (text: string) => string {
  if (ratio >= MANY_ERRORS) return style.red;
  return ratio > 0 ? style.yellow : (text) => text;
}

/** Services as a table; see `tracecore services`. */
export function servicesText(
  { services }: Pick<ServiceList, "services">,
  style: Style,
): string {
  if (services.length === 0) {
    return "No service sent spans in this window.\n";
  }
  const columns: Column<Listed>[] = [
    {
      head: "SERVICE",
      cell: (service) => service.service_name,
      paint: () => style.bold,
    },
    ...where(services, "NAMESPACE", (service) => service.namespace),
    ...where(services, "ENVIRONMENT", (service) => service.environment),
    { head: "TYPE", cell: (service) => service.type },
    {
      head: "RATE",
      right: true,
      cell: (service) => rateText(service.request_rate),
    },
    {
      head: "ERRORS",
      right: true,
      cell: (service) => percentText(service.error_rate),
      paint: paintErrors,
    },
    latency("P50", (service) => service.p50_latency),
    latency("P95", (service) => service.p95_latency),
    latency("P99", (service) => service.p99_latency),
    ...where(
      services,
      "RESOURCES",
      (service) => service.resource_ids.join(" "),
    ),
  ];
  return table(columns, services, style);
}

/** One service with all that is known of it. */
export function serviceText(service: ServiceDetail, style: Style): string {
  const { operations, callers, callees, resources } = service;
  const hints = service.diagnostics.flatMap((node) => node.hints);
  return [
    `${style.bold(printable(service.service_name))} (${service.type})\n`,
    `${rateText(service.request_rate)}, `,
    paintErrors(service, style)(`${percentText(service.error_rate)} failed`),
    `, p50 ${durationText(service.p50_latency)}`,
    `, p95 ${durationText(service.p95_latency)}`,
    `, p99 ${durationText(service.p99_latency)}\n`,
    section(
      "Operations",
      operations,
      (rows) => table(operationColumns(), rows, style),
    ),
    section("Called by", callers, (rows) =>
      table(
        [{ head: "SERVICE", cell: (edge) => edge.from }, ...edgeFigures()],
        rows,
        style,
      )),
    section("Calls", callees, (rows) =>
      table(
        [{ head: "SERVICE", cell: (edge) => edge.to }, ...edgeFigures()],
        rows,
        style,
      )),
    section("Runs on", resources, (rows) =>
      table(
        [
          { head: "RESOURCE", cell: (mapping) => mapping.resource_id },
          { head: "TYPE", cell: (mapping) => mapping.resource_type },
          {
            head: "CONFIDENCE",
            right: true,
            cell: (mapping) => percentText(mapping.confidence),
          },
        ],
        rows,
        style,
      )),
    section(
      "What is missing from the map, and why",
      hints,
      (rows) =>
        rows.map((hint) =>
          `- ${printable(hint.problem)}\n  ${printable(hint.advice)}\n`
        ).join(""),
    ),
  ].join("");

  function section<Row>(
    title: string,
    rows: readonly Row[],
    text: (rows: readonly Row[]) => string,
  ): string {
    return rows.length === 0 ? "" : `\n${style.bold(title)}\n${text(rows)}`;
  }
}

/** The figures of an edge, for a table of edges. */
export function edgeFigures(): Column<Edge>[] {
  return [
    { head: "RATE", right: true, cell: (edge) => rateText(edge.request_rate) },
    {
      head: "ERRORS",
      right: true,
      cell: (edge) => percentText(edge.error_rate),
      paint: paintErrors,
    },
    latency("P50", (edge) => edge.latency_p50),
    latency("P95", (edge) => edge.latency_p95),
    latency("P99", (edge) => edge.latency_p99),
  ];
}

function operationColumns(): Column<Operation>[] {
  return [
    { head: "OPERATION", cell: (operation) => operation.operation_name },
    { head: "KIND", cell: (operation) => operation.kind },
    {
      head: "RATE",
      right: true,
      cell: (operation) => rateText(operation.rate),
    },
    {
      head: "ERRORS",
      right: true,
      cell: (operation) => percentText(operation.error_rate),
      paint: paintErrors,
    },
    latency("P50", (operation) => operation.p50_duration),
    latency("P95", (operation) => operation.p95_duration),
    latency("P99", (operation) => operation.p99_duration),
  ];
}

function latency<Row>(head: string, ns: (row: Row) => number): Column<Row> {
  return { head, right: true, cell: (row) => durationText(ns(row)) };
}

/** A column that is left out where it would be empty. */
function where<Row>(
  rows: readonly Row[],
  head: string,
  cell: (row: Row) => string,
): Column<Row>[] {
  return rows.some((row) => cell(row) !== "") ? [{ head, cell }] : [];
}
