import * as z from "zod/mini";
import type { SpanCounters } from "../map/service_window.ts";
import {
  MAX_EDGES_PER_SERVICE,
  MAX_ENDPOINTS_PER_SERVICE,
  MAX_OPERATIONS_PER_SERVICE,
  OVERFLOW_NAME,
} from "../map/window_entries.ts";

/** Why the map is not what one expects, and what to do about it. */
export const hintSchema = z.strictObject({
  code: z.literal([
    "unpaired_clients",
    "unpaired_servers",
    "uninstrumented_namesake",
    "skewed_queue_times",
    "duplicates",
    "late",
    "too_late",
    "skewed",
    "oversized_traces",
    "overflowed_edges",
    "overflowed_operations",
    "dropped_endpoints",
  ]).check(
    z.describe(
      "For programs: the counter, or the kind of edge, that it is about.",
    ),
  ),
  count: z.number().check(z.describe("How many spans or requests.")),
  problem: z.string().check(z.describe("What was seen, and why.")),
  advice: z.string().check(z.describe("What to do.")),
}).register(z.globalRegistry, { id: "Hint" });

/** Why the map is not what one expects, and what to do about it. */
export type Hint = z.infer<typeof hintSchema>;

interface Wording {
  /** What stands after "17 spans of cart ". */
  readonly problem: string;
  readonly advice: string;
}

const WORDINGS: readonly (readonly [
  Exclude<keyof SpanCounters, "spans">,
  Hint["code"],
  Wording,
])[] = [
  ["unpairedServers", "unpaired_servers", {
    problem: "(SERVER or CONSUMER) name a parent or a link that never came: " +
      "the caller is not instrumented, samples its spans away, or exports " +
      "elsewhere; no edge leads to these requests",
    advice: "Let the caller export its spans to this service too, and sample " +
      "by the parent's decision, so that both sides keep the same traces; a " +
      "proxy that only passes traceparent on has to export as well",
  }],
  ["unpairedClients", "unpaired_clients", {
    problem: "(CLIENT or PRODUCER) found no other side and name no peer: the " +
      "called program is not instrumented, lost the trace context, or exports " +
      "elsewhere, and the span has none of peer.service, server.address, " +
      "url.full, http.url, rpc.service, messaging.destination.name",
    advice: "Let the called program export its spans to this service too, or " +
      "set server.address or peer.service on the client span, so that the " +
      "edge can be drawn to a node of that name",
  }],
  ["tooLate", "too_late", {
    problem: "ended too long ago to be counted: they are not on the map",
    advice: "Look for a Collector that empties an old queue, or a sender " +
      "whose clock is far behind",
  }],
  ["late", "late", {
    problem: "came after their minute was closed; that minute was revised",
    advice: "Nothing is lost. To have them at once, let the SDK or the " +
      "Collector export more often",
  }],
  ["skewed", "skewed", {
    problem: "ended in the future: the sender's clock is ahead. They count " +
      "in the minute in which they came",
    advice: "Set the sender's clock by NTP; on users' devices nothing can be " +
      "done, and durations are right all the same",
  }],
  ["oversizedTraces", "oversized_traces", {
    problem: "belong to traces with more spans than one trace may have: what " +
      "is beyond is not joined to edges",
    advice: "Begin a new trace for each run of a loop or each message of a " +
      "batch, and point back with a span link",
  }],
  ["overflowedEdges", "overflowed_edges", {
    problem: `were of edges beyond the ${MAX_EDGES_PER_SERVICE} that a ` +
      `service keeps: they are counted under ${OVERFLOW_NAME}`,
    advice: "Set peer.service on client spans whose server.address is " +
      "different with each call, and keep ids out of queue names",
  }],
  ["overflowedOperations", "overflowed_operations", {
    problem: `were of operations beyond the ${MAX_OPERATIONS_PER_SERVICE} ` +
      `that a service keeps: they are counted under ${OVERFLOW_NAME}`,
    advice: "Keep ids out of span names: `GET /orders/{id}`, not " +
      "`GET /orders/17`",
  }],
  ["droppedEndpoints", "dropped_endpoints", {
    problem: `were of endpoints beyond the ${MAX_ENDPOINTS_PER_SERVICE} that ` +
      "a service lists: they are counted, and their endpoints are not listed",
    advice:
      "Set http.route to the route, `/orders/{id}`, and not to the path " +
      "that was asked for",
  }],
  ["duplicates", "duplicates", {
    problem: "came more than once, and were counted once",
    advice: "Nothing is wrong where exporters retry; where it goes on, two " +
      "pipelines export the same spans, and one of them is for nothing",
  }],
];

/**
 * What a service's counters say in plain words, the worst first.
 *
 * @example
 * ```ts
 * import { emptyWindow } from "../src/map/service_window.ts";
 * import { serviceHints } from "../src/query/service_hints.ts";
 *
 * const counters = { ...emptyWindow().counters, unpairedServers: 17 };
 * const [hint] = serviceHints("cart", counters);
 * expect(hint?.code).toBe("unpaired_servers");
 * expect(hint?.problem).toMatch(/^17 spans of cart .* never came/);
 * ```
 */
export function serviceHints(
  service: string,
  counters: Readonly<SpanCounters>,
): Hint[] {
  return WORDINGS.filter(([counter]) => counters[counter] > 0).map(
    ([counter, code, { problem, advice }]) => ({
      code,
      count: counters[counter],
      problem: `${counters[counter]} spans of ${service} ${problem}`,
      advice,
    }),
  );
}
