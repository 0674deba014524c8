import type { Context } from "hono";
import { listServices } from "../directory/list_services.ts";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "../query/answer_json.ts";
import { foundTraces } from "../query/found_traces.ts";
import { readTempoSearch } from "../search/read_tempo_search.ts";
import { ANY_TRACE } from "../search/trace_filter.ts";
import type { Span } from "../spans/span.ts";
import { MAX_TAG_TRACES } from "./tag_limits.ts";
import { INTRINSIC_TAGS, tagNames, type TagValue, tagValues } from "./tags.ts";

/** `GET /tempo/api/search/tags` */
export async function answerTagNames(
  context: Context<AppEnv>,
): Promise<Response> {
  const { resource, span } = tagNames(await recentSpans(context));
  const names = new Set([...resource, ...span, ...INTRINSIC_TAGS]);
  return answerJson({ tagNames: [...names].toSorted(), metrics: {} });
}

/** `GET /tempo/api/v2/search/tags` */
export async function answerTagNamesV2(
  context: Context<AppEnv>,
): Promise<Response> {
  const asked = context.req.query("scope") ?? "";
  const names = tagNames(await recentSpans(context));
  const scopes = [
    { name: "resource", tags: names.resource },
    { name: "span", tags: names.span },
    { name: "intrinsic", tags: INTRINSIC_TAGS },
  ].filter(({ name }) => asked === "" || asked === "none" || asked === name);
  return answerJson({ scopes, metrics: {} });
}

/** `GET /tempo/api/search/tag/{tag}/values` */
export async function answerTagValues(
  context: Context<AppEnv>,
): Promise<Response> {
  const values = await askedValues(context);
  const texts = new Set(values.map(({ value }) => value));
  return answerJson({ tagValues: [...texts], metrics: {} });
}

/** `GET /tempo/api/v2/search/tag/{tag}/values` */
export async function answerTagValuesV2(
  context: Context<AppEnv>,
): Promise<Response> {
  return answerJson({ tagValues: await askedValues(context), metrics: {} });
}

async function askedValues(
  context: Context<AppEnv>,
): Promise<readonly TagValue[]> {
  const tag = decoded(context.req.param("tag") ?? "");
  if (/^(?:resource)?\.?service\.name$/.test(tag)) {
    const { tenant } = context.get("caller");
    const services = await listServices(context.env, tenant);
    const names = new Set(services.map(({ name }) => name));
    return [...names].toSorted().map((value) => ({ type: "string", value }));
  }
  return tagValues(await recentSpans(context), tag);
}

// Grafana encodes a tag that it takes from a query twice.
function decoded(tag: string): string {
  try {
    return decodeURIComponent(tag);
  } catch {
    return tag;
  }
}

/** Spans of the newest traces that are asked for, or of any. */
async function recentSpans(
  context: Context<AppEnv>,
): Promise<readonly Span[]> {
  const { searchParams } = new URL(context.req.url);
  const nowMs = Date.now();
  const times = new URLSearchParams();
  for (const name of ["start", "end"]) {
    const value = searchParams.get(name);
    if (value !== null) times.set(name, value);
  }
  const lastHour = readTempoSearch(new URLSearchParams(), nowMs);
  const inTime = readTempoSearch(times, nowMs);
  times.set("q", searchParams.get("q") ?? "");
  // A query that is only half typed does not narrow them down.
  const asked = readTempoSearch(times, nowMs);
  const [read] = [asked, inTime, lastHour].filter((one) => one.ok);
  const { hits } = await foundTraces(context, {
    filter: read?.filter ??
      { ...ANY_TRACE, fromNs: 0n, toNs: BigInt(nowMs) * 1_000_000n },
    limit: MAX_TAG_TRACES,
    after: null,
    withSpans: true,
  });
  return hits.flatMap(({ spans }) => spans ?? []);
}
