import { DEFAULT_SPANS_PER_SPAN_SET } from "../../src/search/read_tempo_search.ts";
import { expect, test } from "vitest";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import { readTraceql } from "../../src/search/read_traceql.ts";
import {
  tempoSearchAnswer,
  tempoSearchSchema,
  type TraceHit,
} from "../../src/tempo/tempo_search.ts";
import { makeSpan, resourceOf } from "../trace_view/make_span.ts";

// The example of Tempo's documentation, "Push spans with HTTP".
const HIT: TraceHit = {
  traceId: "5b8efff798038103d269b633813fc700",
  rootService: "my.service",
  rootOperation: "I am a span!",
  startNs: 1_694_718_625_557_000_000n,
  durationNs: 10_000_000_000,
  services: [
    { name: "my.service", spanCount: 1, errorCount: 0 },
    { name: "db", spanCount: 2, errorCount: 1 },
  ],
  matched: [
    makeSpan({ id: 1, from: 0, to: 0, resource: resourceOf("my.service") }, {
      spanId: "eee19b7ec3c1b100",
      name: "I am a span!",
      startNs: 1_694_718_625_557_000_000n,
      endNs: 1_694_718_635_557_000_000n,
    }),
  ],
};

function question(query: string) {
  const read = readTraceql(query);
  if (!read.ok) throw new Error(read.reason);
  return read.question;
}

test("tempoSearchAnswer() answers as Tempo's documentation shows", () => {
  const spanSet = {
    spans: [{
      spanID: "eee19b7ec3c1b100",
      name: "I am a span!",
      startTimeUnixNano: "1694718625557000000",
      durationNanos: "10000000000",
      attributes: [
        { key: "service.name", value: { stringValue: "my.service" } },
      ],
    }],
    matched: 1,
  };
  const answer = tempoSearchAnswer([HIT], {
    inspectedTraces: 7,
    inspectedBytes: 292_781,
  });
  expect(answer).toStrictEqual({
    traces: [{
      traceID: "5b8efff798038103d269b633813fc700",
      rootServiceName: "my.service",
      rootTraceName: "I am a span!",
      startTimeUnixNano: "1694718625557000000",
      durationMs: 10_000,
      spanSet,
      spanSets: [spanSet],
      serviceStats: {
        "my.service": { spanCount: 1 },
        db: { spanCount: 2, errorCount: 1 },
      },
    }],
    metrics: {
      inspectedTraces: 7,
      inspectedBytes: "292781",
      completedJobs: 1,
      totalJobs: 1,
    },
  });
  expect(tempoSearchSchema.parse(answer)).toEqual(answer);
});

test("tempoSearchAnswer() shows some of the spans, and counts all", () => {
  const matched = Array.from(
    { length: 5 },
    (_, at) => makeSpan({ id: at + 1, from: 0, to: at }),
  );
  const shown = (spansPerSpanSet?: number) => {
    const [trace] = tempoSearchAnswer(
      [{ ...HIT, matched }],
      spansPerSpanSet === undefined ? {} : { spansPerSpanSet },
    ).traces;
    return [trace?.spanSet.spans?.length, trace?.spanSet.matched];
  };
  expect(shown()).toEqual([DEFAULT_SPANS_PER_SPAN_SET, 5]);
  expect(shown(5)).toEqual([5, 5]);
  expect(shown(4)).toEqual([4, 5]);
});

// Of Tempo 3.1.0, to { span.http.status_code >= 400 && status = error &&
// resource.r = "x" && (kind = server || span.none = 1) && name != "a" }; there
// without service.name, which Grafana's table would lack.
test("tempoSearchAnswer() shows the attributes that were asked for", () => {
  const matched = [makeSpan(
    { id: 1, from: 0, to: 1, resource: resourceOf("web", { r: "x" }) },
    {
      kind: SpanKind.SERVER,
      status: { code: StatusCode.ERROR, message: "" },
      attributes: new Map([["http.status_code", 500n]]),
    },
  )];
  const { span } = question(
    "{ span.http.status_code >= 400 && status = error && resource.r = `x` && " +
      "(kind = server || span.none = 1) && name != `a` }",
  );
  const [trace] = tempoSearchAnswer([{ ...HIT, matched }], { asked: span })
    .traces;
  expect(trace?.spanSet.spans?.[0]?.attributes).toStrictEqual([
    { key: "service.name", value: { stringValue: "web" } },
    { key: "http.status_code", value: { intValue: "500" } },
    { key: "status", value: { stringValue: "error" } },
    { key: "r", value: { stringValue: "x" } },
    { key: "kind", value: { stringValue: "server" } },
  ]);
});

test("tempoSearchAnswer() shows an asked attribute where the span has it", () => {
  const { span } = question("{ .a != `x` && span.r = 1 && resource.b = 1 }");
  const matched = [makeSpan(
    { id: 1, from: 0, to: 1, resource: resourceOf("web", { a: 1n, r: 2n }) },
    { attributes: new Map([["b", 3n], ["a", 4n]]) },
  )];
  const [trace] = tempoSearchAnswer([{ ...HIT, matched }], { asked: span })
    .traces;
  expect(trace?.spanSet.spans?.[0]?.attributes.slice(1))
    .toStrictEqual([{ key: "a", value: { intValue: "4" } }]);
});

test("tempoSearchAnswer() has a text for a root that is not there", () => {
  const answer = tempoSearchAnswer([{
    ...HIT,
    rootService: "",
    rootOperation: "",
    durationNs: 999_999,
    services: [],
    matched: [],
  }]);
  expect(answer.traces).toStrictEqual([{
    traceID: HIT.traceId,
    rootServiceName: "<root span not yet received>",
    startTimeUnixNano: "1694718625557000000",
    spanSet: {},
    spanSets: [{}],
    serviceStats: {},
  }]);
  expect(tempoSearchSchema.parse(answer)).toEqual(answer);
});

test("tempoSearchAnswer() of nothing is an empty list", () => {
  expect(tempoSearchAnswer([]))
    .toStrictEqual({ traces: [], metrics: { completedJobs: 1, totalJobs: 1 } });
});
