import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import type { SunkRequest } from "../harness/http_sink.ts";
import { type ExportBatch, exportBatches } from "../truth/export_batch.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";
import { forwardedDifferences } from "./forwarded_differences.ts";

const random = new SeededRandom(1);
const { spans } = shopTraffic(random, { nowMs: 1.79e12, spans: 600 });
const batches = exportBatches(spans, random);
const acknowledged = { batches, spans };
const taken = batches.map(sunk);

function sunk({ body, headers }: ExportBatch): SunkRequest {
  return { method: "POST", path: "/v1/traces", headers: { ...headers }, body };
}

test("forwardedDifferences() finds nothing where all is there, however often", () => {
  expect(forwardedDifferences([...taken, ...taken], acknowledged)).toEqual([]);
});

test("forwardedDifferences() finds each request that is missing", () => {
  const distinct = new Set(batches.map(({ body }) => body));
  for (const missing of distinct) {
    const found = forwardedDifferences(
      taken.filter(({ body }) => body !== missing),
      acknowledged,
    );
    expect(found[0]).toMatch(/^Span \w+:\w+ was not forwarded$/);
  }
});

test("forwardedDifferences() finds a body that is not what was sent", () => {
  const gzipped = taken.findIndex(({ headers }) =>
    headers["content-encoding"] === undefined
  );
  const changed = taken.map((request, at) =>
    at === gzipped
      ? {
        ...request,
        body: new Uint8Array(gzipSync(request.body)),
        headers: { ...request.headers, "content-encoding": "gzip" },
      }
      : request
  );
  expect(forwardedDifferences(changed, acknowledged)[0])
    .toMatch(/was never sent$/);
});

test("forwardedDifferences() finds headers that are not what was sent", () => {
  const changed = taken.map((request) => ({
    ...request,
    headers: {
      ...request.headers,
      "content-type": `${request.headers["content-type"]}; charset=utf-8`,
    },
  }));
  expect(forwardedDifferences(changed, acknowledged)[0])
    .toMatch(/^A body was sent with content-type \S+, and forwarded with/);
});

test("forwardedDifferences() wants a request with a bad span without it, and nothing else", () => {
  const withBad = exportBatches(spans, new SeededRandom(2), { badShare: 1 });
  const cut = withBad.map(({ accepted = new Uint8Array(), headers }) =>
    sunk({
      body: headers["content-encoding"] === "gzip"
        ? new Uint8Array(gzipSync(accepted))
        : accepted,
      headers,
      spans: 0,
    })
  );
  const sent = { batches: withBad, spans };
  expect(forwardedDifferences(cut, sent)).toEqual([]);
  expect(forwardedDifferences(withBad.map(sunk), sent)[0])
    .toMatch(/was never sent$/);
});
