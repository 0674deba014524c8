import { serviceName } from "../../src/trace_view/service_name.ts";
import type { Span } from "../../src/spans/span.ts";

const PAGE = 7;
const HOUR_MS = 3_600_000;

interface Listed {
  readonly traces: readonly unknown[];
  readonly next_cursor: string | null;
  readonly warnings: readonly string[];
}

/**
 * All traces that a running service lists, page by page.
 *
 * @param query Of `GET /api/v1/traces`, without limit and cursor.
 * @throws {Error} Where a page is no answer, or warns.
 */
export async function listedTraces(
  url: string,
  query: string,
): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  let cursor = "";
  for (;;) {
    const path = `/api/v1/traces?limit=${PAGE}&${query}${cursor}`;
    const response = await fetch(url + path);
    if (response.status !== 200) throw new Error(await response.text());
    const page = await response.json<Listed>();
    if (page.warnings.length > 0) throw new Error(page.warnings.join("; "));
    found.push(...page.traces);
    if (page.next_cursor === null) return found;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

/** Questions that find all, some or none of traces of the last 20 hours. */
export function listQuestions(
  traces: readonly (readonly Span[])[],
  nowMs: number,
): readonly string[] {
  const window = `start=${nowMs - 20 * HOUR_MS}&end=${nowMs + HOUR_MS}`;
  const services = traces.slice(0, 3).flatMap(([span]) => {
    const name = span === undefined ? "" : serviceName(span.resource);
    const service = `service=${encodeURIComponent(name)}`;
    return [service, `${service}&error=true`];
  });
  return [
    "",
    "error=true",
    "error=false",
    "min_duration=5ms",
    "max_duration=1s",
    "attribute=nobody:has",
    ...services,
  ].map((one) => `${window}&${one}`);
}
