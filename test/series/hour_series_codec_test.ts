import fc from "fast-check";
import { expect, test } from "vitest";
import type { Histogram } from "../../src/map/histogram.ts";
import { virtualNode } from "../../src/map/node_identity.ts";
import type { ScannedWindow } from "../../src/map/scan_window.ts";
import {
  type ConnectionType,
  emptyWindow,
} from "../../src/map/service_window.ts";
import { edgeOf } from "../../src/map/window_entries.ts";
import {
  emptyEdgeSeries,
  HOUR_MINUTES,
  hourSeries,
} from "../../src/series/hour_series.ts";
import {
  decodeHourSeries,
  encodeHourSeries,
} from "../../src/series/hour_series_codec.ts";
import type { LatencySeries, MapSeries } from "../../src/series/map_series.ts";
import {
  MEAN_STEPS,
  QUANTILE_STEPS,
} from "../../src/series/rounded_latency.ts";
import { SeriesBuilder } from "../../src/series/series_builder.ts";
import { encodeFirstHour } from "./encode_first_hour.ts";
import { scanned } from "./scanned.ts";

const HOUR_S = 3600;
const service = virtualNode("cart");
const TYPES: readonly ConnectionType[] = [
  "",
  "messaging_system",
  "database",
  "virtual_node",
];

/** Durations in ns with the weight of each, and how many failed. */
const requests = fc.record({
  durations: fc.array(
    fc.tuple(
      fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100e9 })),
      fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(0.1, 3.7)),
    ),
    { maxLength: 6 },
  ),
  failed: fc.oneof(fc.constant(0), fc.nat(3), fc.constant(0.25)),
});

function record(
  into: Histogram,
  durations: readonly (readonly [number, number])[],
): void {
  for (const [ns, weight] of durations) into.record(ns, weight);
}

/** By minute of the hour. */
const hour = fc.uniqueArray(
  fc.record({
    minute: fc.nat(HOUR_MINUTES - 1),
    entries: requests,
    roots: requests,
    edges: fc.uniqueArray(
      fc.record({
        to: fc.constantFrom("a", "b/ü", "c".repeat(200)),
        type: fc.constantFrom(...TYPES),
        calls: requests,
        client: requests,
      }),
      { selector: ({ to, type }) => `${to} ${type}`, maxLength: 4 },
    ),
  }),
  { selector: ({ minute }) => minute, maxLength: HOUR_MINUTES },
).map((minutes) =>
  minutes.map((made): readonly [number, ScannedWindow] => {
    const window = emptyWindow();
    record(window.entries.duration, made.entries.durations);
    window.entries.failed = made.entries.failed;
    record(window.roots.duration, made.roots.durations);
    for (const { to, type, calls, client } of made.edges) {
      const edge = edgeOf(window, {
        from: service,
        to: virtualNode(to),
        connectionType: type,
        system: "",
        destination: "",
      });
      record(edge.latency, calls.durations);
      record(edge.client, client.durations);
      edge.failed = calls.failed;
    }
    return [made.minute, scanned(window)];
  })
);

function seriesOf(
  fill: (builder: SeriesBuilder) => void,
  { startS = HOUR_S, minutes = HOUR_MINUTES } = {},
): MapSeries {
  const builder = new SeriesBuilder({ startS, minutes });
  fill(builder);
  return builder.series();
}

function expectLatency(read: LatencySeries, exact: LatencySeries): void {
  expect([...read.count]).toEqual([...exact.count]);
  for (const [minute, sum] of exact.sumNs.entries()) {
    const count = Math.max(exact.count[minute] ?? 0, Number.MIN_VALUE);
    const mean = sum / count;
    const readMean = (read.sumNs[minute] ?? -1) / count;
    // A mean below 1 ns is read as 1 ns.
    if (mean < 1) expect(readMean).toBeLessThanOrEqual(1.0001);
    else {
      expect(Math.abs(Math.log2(readMean / mean)))
        .toBeLessThan(0.5 / MEAN_STEPS + 1e-6);
    }
  }
  for (const quantile of ["p50", "p95", "p99"] as const) {
    for (const [minute, value] of exact[quantile].entries()) {
      const got = read[quantile][minute] ?? -1;
      if (Number.isNaN(value)) expect(got).toBeNaN();
      else {
        expect(Math.abs(got - value))
          .toBeLessThan(0.5 / QUANTILE_STEPS + 1e-5);
      }
    }
  }
}

test("decodeHourSeries() gives what the minutes one by one give, but for the rounding", () => {
  fc.assert(fc.property(hour, (minutes) => {
    const body = encodeHourSeries(hourSeries(minutes));
    const read = seriesOf((builder) =>
      builder.addHour({
        service,
        startS: HOUR_S,
        body,
        isLeftOut: () => false,
      })
    );
    const exact = seriesOf((builder) => {
      for (const [minute, window] of minutes) {
        builder.add({ service, startS: HOUR_S + minute * 60, window });
      }
    });
    expect(read.edges.map(({ id }) => id).sort())
      .toEqual(exact.edges.map(({ id }) => id).sort());
    for (const edge of exact.edges) {
      const found = read.edges.find(({ id }) => id === edge.id) ??
        expect.unreachable();
      const { id, from, to, connectionType } = edge;
      expect(found).toMatchObject({ id, from, to, connectionType });
      expectLatency(found.calls, edge.calls);
      expectLatency(found.client, edge.client);
      // A failure without a request is none.
      expect([...found.calls.failed]).toEqual(
        [...edge.calls.failed]
          .map((failed, at) => (edge.calls.count[at] ?? 0) > 0 ? failed : 0),
      );
    }
    expect(read.services.map(({ id }) => id))
      .toEqual(exact.services.map(({ id }) => id));
    for (const [at, { requests: served }] of exact.services.entries()) {
      expectLatency(read.services[at]?.requests ?? served, served);
    }
  }));
});

function readHour(
  body: Uint8Array,
  isLeftOut: (minuteS: number) => boolean = () => false,
): MapSeries {
  return seriesOf((builder) =>
    builder.addHour({ service, startS: HOUR_S, body, isLeftOut })
  );
}

/** All that a series has, in plain objects. */
function figures({ edges, services }: MapSeries) {
  function latency({ count, sumNs, p50, p95, p99 }: LatencySeries) {
    return { count, sumNs, p50, p95, p99 };
  }
  return {
    edges: edges.map(({ id, from, to, connectionType, calls, client }) => ({
      name: { id, from, to, connectionType },
      calls: latency(calls),
      failed: calls.failed,
      client: latency(client),
    })),
    services: services.map(({ id, requests }) => ({
      id,
      requests: latency(requests),
      failed: requests.failed,
    })),
  };
}

test("decodeHourSeries() reads the same of an hour of the first version, bit by bit", () => {
  fc.assert(fc.property(hour, fc.nat(HOUR_MINUTES), (minutes, leftOut) => {
    function isLeftOut(minuteS: number): boolean {
      return minuteS === HOUR_S + leftOut * 60;
    }
    const series = hourSeries(minutes);
    expect(figures(readHour(encodeHourSeries(series), isLeftOut)))
      .toEqual(figures(readHour(encodeFirstHour(series), isLeftOut)));
  }));
});

test("GrowingEdge has minutes and hours alike, whichever comes first and whenever it is read", () => {
  fc.assert(
    fc.property(
      hour,
      fc.boolean(),
      fc.boolean(),
      (minutes, hourFirst, readBetween) => {
        const isLone = (minute: number): boolean => minute % 2 === 1;
        const body = encodeHourSeries(hourSeries(minutes));
        const steps: ((builder: SeriesBuilder) => void)[] = [
          (builder) => {
            builder.addHour({
              service,
              startS: HOUR_S,
              body,
              isLeftOut: (minuteS) => isLone((minuteS - HOUR_S) / 60),
            });
          },
          (builder) => {
            for (const [minute, window] of minutes) {
              if (!isLone(minute)) continue;
              builder.add({ service, startS: HOUR_S + minute * 60, window });
            }
          },
        ];
        const mixed = seriesOf((builder) => {
          for (const step of hourFirst ? steps : steps.toReversed()) {
            step(builder);
            if (readBetween) figures(builder.series());
          }
        });
        const whole = readHour(body);
        const exact = seriesOf((builder) => {
          for (const [minute, window] of minutes) {
            builder.add({ service, startS: HOUR_S + minute * 60, window });
          }
        });
        expect(mixed.edges.length).toBe(exact.edges.length);
        for (const edge of mixed.edges) {
          const byHour = whole.edges.find(({ id }) => id === edge.id);
          const byMinute = exact.edges.find(({ id }) => id === edge.id);
          for (let minute = 0; minute < HOUR_MINUTES; minute++) {
            const { calls, client } = (isLone(minute) ? byMinute : byHour) ??
              expect.unreachable();
            expect(edge.calls.sumNs[minute]).toBe(calls.sumNs[minute]);
            expect(edge.calls.p95[minute]).toBe(calls.p95[minute]);
            expect(edge.client.count[minute]).toBe(client.count[minute]);
            expect(edge.client.p50[minute]).toBe(client.p50[minute]);
            if (edge.calls.count[minute] === 0) continue;
            expect(edge.calls.failed[minute]).toBe(calls.failed[minute]);
          }
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("encodeHourSeries() keeps an id that does not begin with its nodes", () => {
  const edge = emptyEdgeSeries(
    { id: "e", from: "a", to: "b", connectionType: "database" },
    HOUR_MINUTES,
  );
  edge.calls.count[3] = 2;
  const body = encodeHourSeries({ ...hourSeries([]), edges: [edge] });
  expect(readHour(body).edges)
    .toMatchObject([{ id: "e", from: "a", to: "b" }]);
});

test("addHour() adds the minutes that the series has, and none that is left out", () => {
  const minutes = Array.from(
    { length: HOUR_MINUTES },
    (_, minute): readonly [number, ScannedWindow] => {
      const window = emptyWindow();
      window.entries.duration.record(1e6, minute + 1);
      return [minute, scanned(window)];
    },
  );
  const body = encodeHourSeries(hourSeries(minutes));
  const series = seriesOf((builder) => {
    builder.addHour({
      service,
      startS: HOUR_S,
      body,
      isLeftOut: (minuteS) => minuteS === HOUR_S + 58 * 60,
    });
  }, { startS: HOUR_S + 57 * 60, minutes: 10 });
  expect([...series.services[0]?.requests.count ?? []])
    .toEqual([58, 0, 60, 0, 0, 0, 0, 0, 0, 0]);
});

test("decodeHourSeries() of broken bytes is a RangeError, or another hour", () => {
  fc.assert(fc.property(
    hour,
    fc.nat(),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
    fc.constantFrom(encodeHourSeries, encodeFirstHour),
    (minutes, cut, changes, encode) => {
      const body = encode(hourSeries(minutes));
      const broken = body.slice(0, body.length - cut % 8);
      for (const [at, value] of changes) broken[at % body.length] = value;
      try {
        figures(readHour(broken));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    },
  ));
});

test.each([
  ["written", encodeHourSeries],
  ["first", encodeFirstHour],
])(
  "decodeHourSeries() of the %s version refuses what is cut off, what follows, and another version",
  (_, encode) => {
    const window = emptyWindow();
    window.entries.duration.record(1e6, 1);
    const body = encode(hourSeries([[5, scanned(window)]]));
    function read(bytes: Uint8Array): void {
      const empty = hourSeries([]);
      const places = new Int32Array(HOUR_MINUTES);
      decodeHourSeries(bytes, { ...empty, places, edge: () => null });
    }
    expect(() => read(body)).not.toThrow();
    for (let length = 0; length < body.length; length++) {
      expect(() => read(body.subarray(0, length))).toThrow(RangeError);
    }
    expect(() => read(Uint8Array.of(...body, 0))).toThrow("what is left");
    expect(() => read(Uint8Array.of(9, ...body.subarray(1))))
      .toThrow("version 9");
  },
);

test("an hour of a busy edge takes less than 6 bytes a minute", () => {
  const minutes = Array.from(
    { length: HOUR_MINUTES },
    (_, minute): readonly [number, ScannedWindow] => {
      const window = emptyWindow();
      const edge = edgeOf(window, {
        from: service,
        to: virtualNode("a"),
        connectionType: "",
        system: "",
        destination: "",
      });
      for (let at = 0; at < 300 + minute % 7; at++) {
        const ns = 20e6 * (1 + ((at * 7919 + minute * 104_729) % 1000) / 100);
        edge.latency.record(ns, 1);
        edge.client.record(ns * 1.2, 1);
      }
      return [minute, scanned(window)];
    },
  );
  const series = hourSeries(minutes);
  const bytes = encodeHourSeries(series).length;
  expect(bytes / HOUR_MINUTES).toBeLessThan(6);
  expect(bytes).toBeLessThan(0.4 * encodeFirstHour(series).length);
});
