import type { AnswerOf } from "../client/call_types.ts";
import { durationText } from "../correlation/plain_words.ts";
import { clockText } from "./figure_text.ts";
import { printable } from "./printable.ts";
import type { Style } from "./style.ts";

/** A trace, as it is answered. */
export type AnsweredTrace = AnswerOf<"GET /api/v1/traces/{trace_id}">;

type Span = AnsweredTrace["spans"][number];

interface Line {
  readonly span: Span;
  /** What is drawn before its name. */
  readonly branch: string;
  /** What is drawn before what is told below it. */
  readonly trunk: string;
}

/** Part of a line's width that names take. */
const NAME_SHARE = 0.5;
const DURATION_WIDTH = 9;
/** Levels that are drawn; a deeper span stands below the last of them. */
const MAX_DRAWN_DEPTH = 12;

/**
 * A trace as a waterfall: its spans as a tree, each with its time, and a bar
 * that shows when it ran. The bar of what is on the critical path is full.
 *
 * @param columns Characters of a line.
 */
export function traceText(
  trace: AnsweredTrace,
  style: Style,
  columns: number,
): string {
  const nameWidth = Math.max(24, Math.floor(columns * NAME_SHARE));
  const barWidth = Math.max(10, columns - nameWidth - DURATION_WIDTH - 4);
  const slowest = trace.spans.reduce<Span | undefined>(
    (most, span) => span.self_time_ns > (most?.self_time_ns ?? 0) ? span : most,
    undefined,
  );
  const scale = barScale(trace, barWidth);
  return [
    `Trace ID: ${style.bold(trace.trace_id)}`,
    `Start:    ${clockText(trace.start_time)} UTC`,
    `Duration: ${durationText(trace.duration)}`,
    `Status:   ${trace.has_error ? style.red("ERROR") : style.green("OK")}`,
    `Spans:    ${trace.span_count} of ${trace.services.length} services` +
    (trace.missing_parents === 0
      ? ""
      : `, ${trace.missing_parents} without their parent`),
    "",
    ...linesOf(trace.spans).flatMap(spanLines),
    ...changes(trace, style),
    "",
  ].join("\n");

  function spanLines({ span, branch, trunk }: Line): string[] {
    const failed = span.status_code === "error";
    const name = `${branch}${printable(span.service_name)} ` +
      printable(span.operation_name);
    const notes = [
      ...failed && span.status_message !== ""
        ? [style.red(`Error: ${printable(span.status_message)}`)]
        : [],
      ...(span.resources ?? []).slice(0, 1)
        .map(({ resource_id: id }) => style.dim(`on ${printable(id)}`)),
    ];
    const bar = scale(span);
    return [
      `${fitted(name, nameWidth)}  ` +
      `${durationText(span.duration_ns).padStart(DURATION_WIDTH)}  ` +
      (failed ? style.red(`${bar} ✗`) : bar) +
      (span === slowest ? style.yellow(" ← SLOW") : ""),
      ...notes.map((note) => `${trunk}  ${note}`),
    ];
  }
}

/** Draws a span's bar, at the place of its time within the trace. */
function barScale(
  { spans, duration }: AnsweredTrace,
  width: number,
): (span: Span) => string {
  const first = spans.map(startOf)
    .reduce(
      (least, start) => start < least ? start : least,
      spans[0] === undefined ? 0n : startOf(spans[0]),
    );
  const perColumn = Math.max(1, duration) / width;
  return function bar(span) {
    const from = Number(startOf(span) - first) / perColumn;
    const start = Math.min(width - 1, Math.max(0, Math.floor(from)));
    const length = Math.max(1, Math.round(span.duration_ns / perColumn));
    const drawn = Math.min(width - start, length);
    return " ".repeat(start) +
      (span.on_critical_path ? "█" : "▒").repeat(drawn);
  };
}

/** By the clock as it was adjusted, ns since the epoch. */
function startOf(span: Span): bigint {
  return nsOf(span.start_time) + BigInt(Math.round(span.skew_adjustment_ns));
}

/** RFC 3339 with up to nine decimals, in ns since the epoch. */
function nsOf(time: string): bigint {
  const [seconds = "", fraction = ""] = time.replace(/Z$/, "").split(".");
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n +
    BigInt(fraction.padEnd(9, "0"));
}

/** The spans from the top down, children by their start. */
function linesOf(spans: readonly Span[]): Line[] {
  const ids = new Set(spans.map(({ span_id: id }) => id));
  const children = Map.groupBy(
    spans,
    ({ parent_span_id: parent = "" }) => ids.has(parent) ? parent : "",
  );
  const lines: Line[] = [];
  const drawn = new Set<Span>();
  const waiting: {
    span: Span;
    before: string;
    depth: number;
    last: boolean;
  }[] = [];
  enter(children.get("") ?? [], "", 0);
  walk();
  // Spans that are each other's parents hang from no root.
  for (const span of spans) {
    if (drawn.has(span)) continue;
    enter([span], "", 0);
    walk();
  }
  return lines;

  function enter(below: readonly Span[], before: string, depth: number): void {
    waiting.push(
      ...below.map((span, at) => ({
        span,
        before,
        depth,
        last: at === below.length - 1,
      })).toReversed(),
    );
  }

  function walk(): void {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { span, before, depth, last } = next;
      if (drawn.has(span)) continue;
      drawn.add(span);
      const isDrawn = depth > 0 && depth <= MAX_DRAWN_DEPTH;
      const trunk = isDrawn ? `${before}${last ? "   " : "│  "}` : before;
      const branch = isDrawn ? `${before}${last ? "└─ " : "├─ "}` : before;
      lines.push({ span, branch, trunk });
      enter(children.get(span.span_id) ?? [], trunk, depth + 1);
    }
  }
}

function changes({ drift_events: events }: AnsweredTrace, style: Style) {
  if (events.length === 0) return [];
  return [
    "",
    style.bold("Changes in the hour before"),
    ...events.map((event) =>
      `${clockText(event.timestamp)}  ${printable(event.id)}  ` +
      `${event.severity} ${event.type} of ${printable(event.resource_id)}`
    ),
  ];
}

function fitted(text: string, width: number): string {
  return text.length > width
    ? `${text.slice(0, width - 1)}…`
    : text.padEnd(width);
}
