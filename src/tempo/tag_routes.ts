import type { Context } from "hono";
import { listServices } from "../directory/list_services.ts";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "../query/answer_json.ts";
import { askingOf } from "../query/asking.ts";
import { foundTraces } from "../query/found_traces.ts";
import { matchingSpans } from "../search/matches_trace.ts";
import { readTempoSearch } from "../search/read_tempo_search.ts";
import { ANY_TRACE } from "../search/trace_filter.ts";
import type { Span } from "../spans/span.ts";
import { MAX_TAG_TRACES } from "./tag_limits.ts";
import {
  INTRINSIC_TAGS,
  isTraceTag,
  tagNames,
  type TagValue,
  tagValues,
} from "./tags.ts";

/** `GET /tempo/api/search/tags`: without a scope no intrinsics, as in Tempo. */
export async function answerTagNames(
  context: Context<AppEnv>,
): Promise<Response> {
  const scope = askedScope(context);
  if (scope === null) return unknownScope(context);
  const scopes = (await tagScopes(context))
    .filter(({ name }) => scope === "" ? name !== "intrinsic" : name === scope);
  const names = new Set(scopes.flatMap(({ tags }) => tags));
  return answerJson({ tagNames: [...names].toSorted(), metrics: {} });
}

/** `GET /tempo/api/v2/search/tags` */
export async function answerTagNamesV2(
  context: Context<AppEnv>,
): Promise<Response> {
  const scope = askedScope(context);
  if (scope === null) return unknownScope(context);
  const scopes = (await tagScopes(context))
    .filter(({ name }) => scope === "" || name === scope);
  return answerJson({ scopes, metrics: {} });
}

// Of those without tags here nothing can be asked.
const SCOPES: ReadonlySet<string> = new Set([
  "resource",
  "span",
  "intrinsic",
  "event",
  "link",
  "instrumentation",
]);

/** "" for any, null for one that Tempo refuses. */
function askedScope(context: Context<AppEnv>): string | null {
  const scope = context.req.query("scope") ?? "";
  if (scope === "" || scope === "none") return "";
  return SCOPES.has(scope) ? scope : null;
}

function unknownScope(context: Context<AppEnv>): Response {
  const scope = (context.req.query("scope") ?? "").slice(0, 100);
  return new Response(`invalid scope: ${scope}`, { status: 400 });
}

async function tagScopes(
  context: Context<AppEnv>,
): Promise<{ readonly name: string; readonly tags: readonly string[] }[]> {
  const { resource, span } = tagNames((await recentSpans(context)).asked);
  return [
    { name: "resource", tags: resource },
    { name: "span", tags: span },
    { name: "intrinsic", tags: INTRINSIC_TAGS },
  ];
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
  if (
    /^(?:resource)?\.?service\.name$/.test(tag) &&
    (context.req.query("q") ?? "") === ""
  ) {
    const { tenant } = context.get("caller");
    const services = await listServices(context.env, tenant);
    const names = new Set(services.map(({ name }) => name));
    return [...names].toSorted().map((value) => ({ type: "string", value }));
  }
  const { asked, inTraces } = await recentSpans(context);
  return tagValues(isTraceTag(tag) ? inTraces : asked, tag);
}

// Grafana encodes a tag that it takes from a query twice.
function decoded(tag: string): string {
  try {
    return decodeURIComponent(tag);
  } catch {
    return tag;
  }
}

/** Spans that are asked for, or any, and those of their traces. */
interface RecentSpans {
  readonly asked: readonly Span[];
  readonly inTraces: readonly Span[];
}

/** Spans of the newest traces. */
async function recentSpans(context: Context<AppEnv>): Promise<RecentSpans> {
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
  const filter = read?.filter ??
    { ...ANY_TRACE, fromNs: 0n, toNs: BigInt(nowMs) * 1_000_000n };
  const { hits } = await foundTraces(askingOf(context), {
    filter,
    limit: MAX_TAG_TRACES,
    after: null,
    withSpans: true,
  });
  const inTraces = hits.flatMap(({ spans }) => spans ?? []);
  return { asked: matchingSpans(inTraces, filter), inTraces };
}
