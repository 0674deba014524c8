import { deepStrictEqual, match, ok } from "node:assert/strict";
import type { ClickHouseTarget } from "../../src/clickhouse/clickhouse_target.ts";
import { insertRequests } from "../../src/clickhouse/insert_requests.ts";
import { postToClickHouse } from "../../src/clickhouse/post_to_clickhouse.ts";
import { loadTrace, searchTraces } from "../../src/clickhouse/queries.ts";
import { MAX_TIMESTAMP_NS } from "../../src/clickhouse/timestamp.ts";
import { MAX_TRACE_ROWS } from "../../src/clickhouse/trace_query.ts";
import { makeClickHouseSchema } from "../../src/local/make_clickhouse_schema.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import {
  ANY_TRACE,
  type SpanCondition,
  type TraceFilter,
} from "../../src/search/trace_filter.ts";
import type { AttributeValue, Span } from "../../src/spans/span.ts";
import {
  asStored,
  HOSTILE_TEXTS,
  resourceOf,
  spanOf,
  wholeSpan,
} from "../clickhouse/sample_spans.ts";
import { answersWhatIsKept } from "./service_check.ts";

const BASE_NS = 1_767_323_045_000_000_000n;
/** Early, but on a day that a partition can have in every zone. */
const FIRST_NS = 2n * 86_400_000_000_000n;
const SECOND_NS = 1_000_000_000n;
const ANY: TraceFilter = {
  span: [],
  root: ANY_TRACE.root,
  failed: null,
  minDurationNs: null,
  maxDurationNs: null,
  fromNs: 0n,
  toNs: MAX_TIMESTAMP_NS,
};

/**
 * Everything that is true only where a real engine says so.
 *
 * @throws {AssertionError} Where anything differs.
 */
export async function runClickHouseTest(
  target: ClickHouseTarget,
  report: (line: string) => void,
): Promise<void> {
  for (const [name, check] of CHECKS) {
    await check(target);
    report(`✓ ${name}`);
  }
}

const CHECKS: readonly (readonly [
  name: string,
  check: (target: ClickHouseTarget) => Promise<void>,
])[] = [
  ["a wrong password and a missing server are told", saysWhatIsWrong],
  ["without its tables an insert is misconfigured", needsTables],
  ["the tables are made, and again", makesTables],
  ["every field comes back, in a server of another time zone", givesBack],
  ["hostile texts come back from every field", givesBackHostileTexts],
  ["hostile texts are asked for in every parameter", asksForHostileTexts],
  ["a search finds what a brute force finds", findsAll],
  ["a service answers from it what is kept elsewhere", answersWhatIsKept],
  ["a repeated token adds no rows, another one does", addsOnce],
  ["a batch of 20,000 rows is one insert", insertsMany],
  ["a trace has MAX_TRACE_ROWS, and no more are read", readsSoMany],
];

function environment(target: ClickHouseTarget): Record<string, string> {
  return {
    CLICKHOUSE_URL: target.url,
    CLICKHOUSE_USER: target.user,
    CLICKHOUSE_PASSWORD: target.password,
    CLICKHOUSE_DATABASE: target.database,
    CLICKHOUSE_TABLE: target.table,
    CLICKHOUSE_TTL_DAYS: "0",
  };
}

async function saysWhatIsWrong(target: ClickHouseTarget): Promise<void> {
  const variables = environment(target);
  const wrong = await failureOf({
    ...variables,
    CLICKHOUSE_PASSWORD: "guessed",
  });
  match(wrong, /Check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD/);
  ok(!wrong.includes("guessed"));
  const away = { ...variables, CLICKHOUSE_URL: "http://127.0.0.1:9" };
  match(await failureOf(away), /can be reached from here/);
}

function failureOf(variables: Record<string, string>): Promise<string> {
  return makeClickHouseSchema(variables)
    .then(() => "", String);
}

async function needsTables(target: ClickHouseTarget): Promise<void> {
  const database = { ...target, database: "default" };
  const outcome = await insert([spanOf()], { target: database, token: "none" });
  match(JSON.stringify(outcome), /"kind":"misconfigured".*exception_60/);
  const nowhere = await insert([spanOf()], { target, token: "none" });
  deepStrictEqual(nowhere.kind, "misconfigured");
}

async function makesTables(target: ClickHouseTarget): Promise<void> {
  await makeClickHouseSchema(environment(target));
  const outcome = await insert([spanOf()], { target, token: "before" });
  deepStrictEqual(outcome.kind, "delivered", JSON.stringify(outcome));
  const variables = { ...environment(target), CLICKHOUSE_TTL_DAYS: "3" };
  match(await makeClickHouseSchema(variables), /are there/);
  deepStrictEqual((await spansOfTrace(target, spanOf().traceId)).length, 1);
}

async function givesBack(target: ClickHouseTarget): Promise<void> {
  const traceId = "1".repeat(32);
  const spans = [
    wholeSpan({ traceId, spanId: "0000000000000001" }),
    spanOf({ traceId, spanId: "0000000000000002", parentSpanId: "" }),
    ...Object.values(SpanKind).map((kind) =>
      spanOf({ traceId, spanId: `000000000000001${kind}`, kind })
    ),
    ...Object.values(StatusCode).map((code) =>
      spanOf({
        traceId,
        spanId: `000000000000002${code}`,
        status: { code, message: `status ${code}` },
      })
    ),
    spanOf({
      traceId,
      spanId: "0000000000000003",
      startNs: FIRST_NS,
      endNs: FIRST_NS,
    }),
    spanOf({
      traceId,
      spanId: "0000000000000004",
      startNs: FIRST_NS + 1n,
      endNs: 2n ** 64n - 1n,
    }),
  ];
  const outcome = await insert(spans, { target, token: "gives-back" });
  deepStrictEqual(outcome.kind, "delivered");
  deepStrictEqual(
    byId(await spansOfTrace(target, traceId)),
    byId(spans.map(asStored)),
  );
}

async function givesBackHostileTexts(target: ClickHouseTarget): Promise<void> {
  const traceId = "2".repeat(32);
  const spans = HOSTILE_TEXTS.map((text, at) => {
    const attributes = new Map<string, AttributeValue>([
      [text, text],
      ["in a list", [text]],
    ]);
    const scope = { ...spanOf().scope, name: text, version: text };
    return wholeSpan({
      traceId,
      spanId: String(at + 1).padStart(16, "0"),
      traceState: text,
      name: text,
      attributes,
      resource: resourceOf(text, attributes),
      scope,
      status: { code: StatusCode.OK, message: text },
      events: [{ timeNs: 5n, name: text, attributes, droppedAttributes: 0 }],
    });
  });
  await insert(spans, { target, token: "hostile" });
  deepStrictEqual(
    byId(await spansOfTrace(target, traceId)),
    byId(spans.map(asStored)),
  );
}

async function asksForHostileTexts(target: ClickHouseTarget): Promise<void> {
  for (const text of HOSTILE_TEXTS) {
    deepStrictEqual(await spansOfTrace(target, text), []);
    const service = { name: text, namespace: null, environment: null };
    const own: readonly SpanCondition[] = [
      { on: "name", name: text },
      { on: "service", service },
      { on: "attribute", scope: "span", key: text, value: text },
      { on: "attribute", scope: "resource", key: text, value: text },
      { on: "attribute", scope: "any", key: text, value: text },
    ];
    for (const condition of own) {
      deepStrictEqual(
        await found(target, { ...ANY, span: [condition] }),
        ["2".repeat(32)],
        JSON.stringify(condition),
      );
    }
    const none = {
      ...service,
      name: "cart",
      namespace: `${text}!`,
      environment: `${text}!`,
    };
    const span: SpanCondition[] = [{ on: "service", service: none }];
    deepStrictEqual(await found(target, { ...ANY, span }), []);
  }
}

async function findsAll(target: ClickHouseTarget): Promise<void> {
  const seeded = new SeededRandom(7);
  const random = () => seeded.fraction();
  const traces = Array.from({ length: 60 }, (_, at) => {
    const traceId = String(at).padStart(32, "a");
    return Array.from({ length: 1 + Math.floor(random() * 5) }, (_, nth) => {
      const startNs = BASE_NS + BigInt(at) * SECOND_NS +
        BigInt(Math.floor(random() * 1e9));
      return spanOf({
        traceId,
        spanId: `${at}${nth}`.padStart(16, "b"),
        name: pick(["search/a", "pay", "refund"], random),
        kind: pick([SpanKind.CLIENT, SpanKind.SERVER], random),
        startNs,
        endNs: startNs + BigInt(Math.floor(random() * 5e8)),
        status: {
          code: random() < 0.1 ? StatusCode.ERROR : StatusCode.UNSET,
          message: "",
        },
        attributes: new Map([["tier", BigInt(Math.floor(random() * 3))]]),
        resource: resourceOf(
          pick(["found-a", "found-b"], random),
          new Map([["host.id", pick(["i-1", "i-2"], random)]]),
        ),
      });
    });
  });
  await insert(traces.flat(), { target, token: "search" });
  const conditions: readonly (readonly [
    SpanCondition,
    (span: Span) => boolean,
  ])[] = [
    [{ on: "name", name: "pay" }, ({ name }) => name === "pay"],
    [{ on: "operation", operation: "pay" }, ({ name }) => name === "pay"],
    [
      { on: "kind", kind: SpanKind.CLIENT },
      ({ kind }) => kind === SpanKind.CLIENT,
    ],
    [
      { on: "status", status: StatusCode.ERROR },
      ({ status }) => status.code === StatusCode.ERROR,
    ],
    [
      { on: "resource", id: "aws:ec2:i-1" },
      ({ resource }) => resource.attributes.get("host.id") === "i-1",
    ],
    [
      { on: "duration", comparison: ">=", ns: 4e8 },
      ({ startNs, endNs }) => endNs - startNs >= 400_000_000n,
    ],
    [
      { on: "attribute", scope: "any", key: "tier", value: 2 },
      ({ attributes }) => attributes.get("tier") === 2n,
    ],
    [
      {
        on: "service",
        service: { name: "found-a", namespace: "", environment: "" },
      },
      ({ resource }) => resource.attributes.get("service.name") === "found-a",
    ],
  ];
  for (let round = 0; round < 120; round++) {
    const chosen = conditions.filter(() => random() < 0.3);
    const from = BASE_NS + BigInt(Math.floor(random() * 40e9));
    const filter: TraceFilter = {
      span: chosen.map(([condition]) => condition),
      root: ANY_TRACE.root,
      failed: pick([null, null, true, false], random),
      minDurationNs: random() < 0.3 ? random() * 1e9 : null,
      maxDurationNs: random() < 0.3 ? random() * 2e9 : null,
      fromNs: from,
      toNs: from + BigInt(Math.floor(random() * 40e9)),
    };
    const wanted = traces.filter((spans) => {
      const start = least(spans.map(({ startNs }) => startNs));
      const end = -least(spans.map(({ endNs }) => -endNs));
      const long = Number(end - start);
      const failed = spans.some(({ status }) => status.code === 2);
      return start >= filter.fromNs && start < filter.toNs &&
        (filter.failed === null || filter.failed === failed) &&
        long >= (filter.minDurationNs ?? 0) &&
        long <= (filter.maxDurationNs ?? Infinity) &&
        // One condition each: which span fulfils all is decided in the row.
        (chosen.length === 0 ||
          spans.some((span) => chosen.every(([, holds]) => holds(span))));
    }).map(([span]) => span?.traceId ?? "");
    deepStrictEqual(
      (await found(target, filter)).toSorted(),
      wanted.toSorted(),
      JSON.stringify(
        filter,
        (_, value) => typeof value === "bigint" ? String(value) : value,
      ),
    );
  }
  const latest = await found(target, { ...ANY, fromNs: BASE_NS }, 3);
  deepStrictEqual(latest.length, 3);
}

async function addsOnce(target: ClickHouseTarget): Promise<void> {
  const traceId = "3".repeat(32);
  const spans = [spanOf({ traceId })];
  await insert(spans, { target, token: "once" });
  await insert(spans, { target, token: "once" });
  deepStrictEqual((await spansOfTrace(target, traceId)).length, 1);
  await insert(spans, { target, token: "twice" });
  deepStrictEqual((await spansOfTrace(target, traceId)).length, 2);
}

async function insertsMany(target: ClickHouseTarget): Promise<void> {
  const traceId = "4".repeat(32);
  const spans = Array.from(
    { length: 20_000 },
    (_, at) => wholeSpan({ traceId, spanId: String(at + 1).padStart(16, "0") }),
  );
  const outcome = await insert(spans, { target, token: "many" });
  deepStrictEqual(outcome.kind, "delivered");
  const answer = await postToClickHouse(target, {
    parameters: {},
    body: `SELECT count(), uniqExact(SpanId) FROM ${target.table} ` +
      `WHERE TraceId = '${traceId}'`,
    timeoutMs: 10_000,
  });
  deepStrictEqual(answer, { kind: "delivered", text: "20000\t20000\n" });
}

async function readsSoMany(target: ClickHouseTarget): Promise<void> {
  const traceId = "5".repeat(32);
  for (
    const [wanted, from, to] of [
      [MAX_TRACE_ROWS, 0, MAX_TRACE_ROWS],
      [MAX_TRACE_ROWS, MAX_TRACE_ROWS, MAX_TRACE_ROWS + 1],
    ] as const
  ) {
    const spans = Array.from(
      { length: to - from },
      (_, at) =>
        spanOf({ traceId, spanId: String(from + at).padStart(16, "0") }),
    );
    await insert(spans, { target, token: `rows-${from}` });
    deepStrictEqual((await spansOfTrace(target, traceId)).length, wanted);
  }
}

async function insert(
  spans: readonly Span[],
  { target, token }: {
    readonly target: ClickHouseTarget;
    readonly token: string;
  },
) {
  const request = {
    body: Uint8Array.of(1),
    contentType: "application/x-protobuf",
    contentEncoding: null,
  };
  const { outcome } = await insertRequests({ requests: [request], token }, {
    target,
    tenant: "shop",
    readSpans: () => spans,
    maxInflatedBytes: 1024,
    timeoutMs: 30_000,
  });
  return outcome;
}

async function spansOfTrace(
  target: ClickHouseTarget,
  traceId: string,
): Promise<readonly Span[]> {
  const result = await loadTrace(target, traceId);
  if (!result.ok) throw new Error(result.failure.reason);
  return result.found;
}

async function found(
  target: ClickHouseTarget,
  filter: TraceFilter,
  limit = 1000,
): Promise<string[]> {
  const result = await searchTraces(filter, { target, limit });
  if (!result.ok) throw new Error(result.failure.reason);
  return result.found.map(({ traceId }) => traceId);
}

function byId(spans: readonly Span[]): readonly Span[] {
  return spans.toSorted((a, b) => a.spanId < b.spanId ? -1 : 1);
}

function pick<T>(from: readonly T[], random: () => number): T {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new RangeError("There is nothing to pick from");
  return one;
}

function least(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => a < b ? a : b);
}
