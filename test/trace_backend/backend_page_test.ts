import { expect, test } from "vitest";
import { ANY_TRACE } from "../../src/search/trace_filter.ts";
import {
  backendPage,
  MAX_BACKEND_STEPS,
  MAX_BACKEND_TRACES,
} from "../../src/trace_backend/backend_page.ts";
import type { TraceBackend } from "../../src/trace_backend/trace_backend.ts";
import { LAST_TRACE_ID } from "../../src/trace_index/search_pages.ts";
import { wholeSpan } from "../search/whole_span.ts";
import { backendWith } from "./placed_traces.ts";

const FILTER = { ...ANY_TRACE, fromNs: 0n, toNs: 1_000_000n };

/** Traces that start a nanosecond after each other, the first at 1 ns. */
function traces(count: number) {
  return Array.from({ length: count }, (_, at) =>
    wholeSpan({
      // Odd: the store in memory finds it whatever is asked.
      traceId: (2 * at + 1).toString(16).padStart(32, "0"),
      startNs: BigInt(at + 1),
      endNs: BigInt(at + 1),
    }));
}

test("backendPage() asks for more where all that came stands before the position", async () => {
  const backend = backendWith(traces(100), { stepNs: 1000n });
  const after = { startNs: 11n, traceId: "" };
  const page = await backendPage(backend, { filter: FILTER, after, limit: 2 });
  expect(page.ok && page.found.found.map(({ startNs }) => startNs))
    .toEqual([11n, 10n, 9n, 8n, 7n, 6n, 5n, 4n, 3n, 2n, 1n]);
  expect(page.ok && page.found.until).toBe(null);
  expect(backend.limits).toEqual([2, 8, 32, 128]);
});

test("backendPage() tells how far nothing is missing", async () => {
  const backend = backendWith(traces(3));
  const asked = { filter: FILTER, after: null, limit: 2 };
  const page = await backendPage(backend, asked);
  expect(page.ok && page.found.until?.startNs).toBe(2n);
  const after = page.ok ? page.found.until : null;
  const rest = await backendPage(backend, { ...asked, after });
  expect(rest.ok && rest.found.found.map(({ startNs }) => startNs))
    .toEqual([1n]);
});

test("backendPage() asks for MAX_BACKEND_TRACES traces; more at almost one time are a fault", async () => {
  const after = { startNs: 1n, traceId: "" };
  const asked = { filter: FILTER, after, limit: 500 };
  const backend = backendWith(traces(MAX_BACKEND_TRACES), { stepNs: 10_000n });
  const page = await backendPage(backend, asked);
  expect(page.ok && page.found.found.map(({ startNs }) => startNs))
    .toEqual([1n]);
  expect(backend.limits).toEqual([500, 2000, MAX_BACKEND_TRACES]);
  const fuller = backendWith(traces(MAX_BACKEND_TRACES + 1), {
    stepNs: 10_000n,
  });
  expect(await backendPage(fuller, asked)).toEqual({
    ok: false,
    reason: `Memory has more than ${MAX_BACKEND_TRACES} traces that start ` +
      "at almost the same time: ask for fewer of them",
  });
});

test("backendPage() steps back MAX_BACKEND_STEPS times, and tells how far it came", async () => {
  const reachNs = 100n;
  let steps = 0;
  /** Its only trace starts at 1 ns. */
  const backend: TraceBackend = {
    ...backendWith([]),
    searchTraces({ fromNs, toNs }) {
      steps++;
      const reachedNs = toNs - reachNs;
      const from = reachedNs > fromNs ? reachedNs : fromNs;
      const traces = from <= 1n ? [{ traceId: "a", startNs: 1n }] : [];
      return Promise.resolve({ ok: true, found: { traces, fromNs: from } });
    },
  };
  // A step begins with the last nanosecond that is not known yet.
  const toNs = (reachNs - 1n) * BigInt(MAX_BACKEND_STEPS) + 2n;
  const asked = { after: null, limit: 5, filter: { ...FILTER, toNs } };
  const page = await backendPage(backend, asked);
  expect(page.ok && page.found.found.length).toBe(1);
  expect(steps).toBe(MAX_BACKEND_STEPS);
  const filter = { ...FILTER, toNs: toNs + 1n };
  const far = await backendPage(backend, { ...asked, filter });
  expect(far).toEqual({
    ok: true,
    found: { found: [], until: { startNs: 2n, traceId: LAST_TRACE_ID } },
  });
  expect(steps).toBe(2 * MAX_BACKEND_STEPS);
  const after = far.ok ? far.found.until : null;
  const rest = await backendPage(backend, { filter, after, limit: 5 });
  expect(rest.ok && rest.found.found.length).toBe(1);
});
