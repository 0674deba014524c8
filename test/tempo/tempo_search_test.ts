import { DEFAULT_SPANS_PER_SPAN_SET } from "../../src/search/read_tempo_search.ts";
import { expect, test } from "vitest";
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
