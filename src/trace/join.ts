import { isClientSide, isServerSide, SpanKind } from "../map/span_kind.ts";
import type { DeltaBook } from "./delta_book.ts";
import { countSpan } from "./count_span.ts";
import { countCall, countLoneClient, countRootServer } from "./edges.ts";
import { endMs, type LinkHalf, type SpanFacts } from "./span_facts.ts";
import {
  type Half,
  linkIdentity,
  Outcome,
  spanIdentity,
  type TraceState,
} from "./trace_state.ts";

/** How long a half waits for its other half before it counts alone, ms. */
export const PAIR_WAIT_MS = 10_000;
/** A span that ends further ahead of us than this has a wrong clock, ms. */
export const MAX_AHEAD_MS = 60_000;
/** A span that ended longer ago than this is not aggregated, ms. */
export const MAX_LATE_MS = 24 * 3_600_000;
/** A span that comes this long after its minute's end is counted late, ms. */
export const LATE_AFTER_MS = 20_000;
/** Spans and links of one trace; what is beyond is counted as oversized alone. */
export const MAX_SPANS_PER_TRACE = 10_000;

const MINUTE_MS = 60_000;

/** Where the joining writes what it finds. */
export interface JoinContext {
  readonly book: DeltaBook;
  /** Told of each half that starts to wait. */
  wait(half: Half): void;
}

/**
 * Takes a span into its trace: counts it once, and joins it with its other
 * half if that is there.
 *
 * Source: contracts of Grafana Tempo's service graphs, with its known gaps
 * closed: one client may have several servers, a late half corrects what was
 * counted for the early one, and a span that comes again changes nothing.
 *
 * @param arrivedMs When the span came, ms since the epoch.
 * @returns Whether the trace changed.
 */
export function admitSpan(
  context: JoinContext,
  state: TraceState,
  arrival: { readonly span: SpanFacts; readonly arrivedMs: number },
): boolean {
  const { span, arrivedMs } = arrival;
  const identity = spanIdentity(span);
  if (state.seen.has(identity)) {
    countNow(context, arrival, "duplicates");
    return false;
  }
  if (state.seen.size >= MAX_SPANS_PER_TRACE) {
    countNow(context, arrival, "oversizedTraces");
    return false;
  }
  state.seen.add(identity);
  const time = countedTime(span, arrivedMs);
  if (time === null) {
    countNow(context, arrival, "tooLate");
    return true;
  }
  const minuteS = minuteOf(time);
  const window = context.book.window(span.service, minuteS);
  if (time !== endMs(span)) window.counters.skewed++;
  if (arrivedMs > (minuteS * 1000) + MINUTE_MS + LATE_AFTER_MS) {
    window.counters.late++;
  }
  countSpan(window, span, time);
  const half = { span, minuteS, arrivedMs, outcome: Outcome.WAITING };
  if (isClientSide(span.kind)) admitClient(context, state, half);
  else if (isServerSide(span.kind)) admitServer(context, state, half);
  return true;
}

/**
 * Joins a consumer with a producer that it links to.
 *
 * @param state The trace that the link points to.
 * @returns Whether that trace changed.
 */
export function admitLink(
  context: JoinContext,
  state: TraceState,
  arrival: { readonly link: LinkHalf; readonly arrivedMs: number },
): boolean {
  const { link, arrivedMs } = arrival;
  const identity = linkIdentity(link);
  if (state.seen.has(identity)) return false;
  if (state.seen.size >= MAX_SPANS_PER_TRACE) {
    const { consumer: span } = link;
    countNow(context, { span, arrivedMs }, "oversizedTraces");
    return false;
  }
  state.seen.add(identity);
  const time = countedTime(link.consumer, arrivedMs);
  if (time === null) return true;
  joinServer(context, state, {
    awaited: link.target.spanId,
    waits: true,
    server: {
      span: link.consumer,
      minuteS: minuteOf(time),
      arrivedMs,
      outcome: Outcome.WAITING,
    },
  });
  return true;
}

/** Counts a half that waited in vain. A half that was joined is left alone. */
export function expireHalf(book: DeltaBook, half: Half): boolean {
  if (half.outcome !== Outcome.WAITING) return false;
  const client = isClientSide(half.span.kind);
  if (client && half.span.peer !== "") {
    countLoneClient(book, half, 1);
    half.outcome = Outcome.VIRTUAL;
  } else {
    countUnpaired(book, half, 1);
  }
  return true;
}

function admitClient(
  context: JoinContext,
  state: TraceState,
  client: Half,
): void {
  const id = client.span.spanId;
  state.clients.set(id, client);
  const servers = state.servers.get(id);
  if (servers !== undefined) {
    state.servers.delete(id);
    for (const server of servers) pair(context.book, client, server);
  } else if (client.span.database) {
    // Databases send no spans: there is nothing to wait for.
    countLoneClient(context.book, client, 1);
    client.outcome = Outcome.VIRTUAL;
  } else {
    context.wait(client);
  }
}

function admitServer(
  context: JoinContext,
  state: TraceState,
  server: Half,
): void {
  const { span } = server;
  if (span.parentId !== "") {
    // A consumer that names its producers by links is judged by those.
    const waits = !span.linked;
    joinServer(context, state, { awaited: span.parentId, server, waits });
  } else if (span.kind === SpanKind.SERVER) {
    countRootServer(context.book, server);
  } else if (!span.linked) {
    countUnpaired(context.book, server, 1);
  }
}

function joinServer(
  context: JoinContext,
  state: TraceState,
  join: {
    readonly awaited: string;
    readonly server: Half;
    readonly waits: boolean;
  },
): void {
  const client = state.clients.get(join.awaited);
  if (client !== undefined) {
    pair(context.book, client, join.server);
    return;
  }
  const others = state.servers.get(join.awaited);
  if (others === undefined) state.servers.set(join.awaited, [join.server]);
  else others.push(join.server);
  if (join.waits) context.wait(join.server);
  else join.server.outcome = Outcome.QUIET;
}

function pair(book: DeltaBook, client: Half, server: Half): void {
  for (const half of [client, server]) {
    if (half.outcome === Outcome.VIRTUAL) countLoneClient(book, half, -1);
    else if (half.outcome === Outcome.UNPAIRED) countUnpaired(book, half, -1);
    half.outcome = Outcome.PAIRED;
  }
  countCall(book, client, server);
}

function countUnpaired(book: DeltaBook, half: Half, sign: 1 | -1): void {
  const { counters } = book.window(half.span.service, half.minuteS);
  if (isClientSide(half.span.kind)) counters.unpairedClients += sign;
  else counters.unpairedServers += sign;
  half.outcome = Outcome.UNPAIRED;
}

/** Counts what has no minute of its own in the minute it came. */
function countNow(
  context: JoinContext,
  arrival: { readonly span: SpanFacts; readonly arrivedMs: number },
  counter: "duplicates" | "oversizedTraces" | "tooLate",
): void {
  const minuteS = minuteOf(arrival.arrivedMs);
  context.book.window(arrival.span.service, minuteS).counters[counter]++;
}

/** When a span counts, ms since the epoch; null where it is too late. */
function countedTime(span: SpanFacts, arrivedMs: number): number | null {
  const ended = endMs(span);
  if (ended > arrivedMs + MAX_AHEAD_MS) return arrivedMs;
  if (ended < arrivedMs - MAX_LATE_MS) return null;
  return ended;
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * (MINUTE_MS / 1000);
}
