import { airdigLacks } from "./airdig_form.ts";
import type { Span } from "../../src/spans/span.ts";
import type { TraceForm } from "./trace_forms.ts";

const CONCURRENCY = 8;
/** What is told of at the most. */
const MAX_DIFFERENCES = 5;
const MAX_DIFFERENCE_CHARS = 4000;

/** How traces are answered by a running service. */
export interface AskedTraces {
  readonly url: string;
  readonly traces: readonly (readonly Span[])[];
}

/** How what a service answers in one form differs from the traces. */
export function traceDifferences(
  asked: AskedTraces,
  { path, accept, differences }: TraceForm,
): Promise<readonly string[]> {
  return compareEach(asked, { path, accept, differences });
}

/** What of these spans the service lacks, whatever else it has. */
export function traceLacks(asked: AskedTraces): Promise<readonly string[]> {
  return compareEach(asked, {
    path: (id) => `/api/v1/traces/${id}`,
    accept: "application/json",
    differences: airdigLacks,
  });
}

async function compareEach(
  { url, traces }: AskedTraces,
  { path, accept, differences }: Omit<TraceForm, "name">,
): Promise<readonly string[]> {
  const found: string[] = [];
  const waiting = traces.filter((spans) => spans.length > 0);
  async function work(): Promise<void> {
    for (let spans = waiting.pop(); spans; spans = waiting.pop()) {
      if (found.length >= MAX_DIFFERENCES) return;
      const id = spans[0]?.traceId ?? "";
      const response = await fetch(new URL(path(id), url), {
        headers: { accept },
      });
      const body = new Uint8Array(await response.arrayBuffer());
      const differing = response.status === 200
        ? differences(body, spans)
        : [`${response.status} ${new TextDecoder().decode(body)}`];
      for (const one of differing) {
        found.push(`${path(id)}: ${one}`.slice(0, MAX_DIFFERENCE_CHARS));
      }
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return found.slice(0, MAX_DIFFERENCES);
}
