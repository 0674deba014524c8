import { expect, test } from "vitest";
import { nodeId } from "../../src/map/node_identity.ts";
import { countLimited } from "../../src/ingest/count_limited.ts";
import { resourceFacts } from "../../src/ingest/cut_by_shard.ts";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { counterBook } from "../../src/telemetry/counters.ts";

function resourceSpans(service: string, names: readonly string[]) {
  const spans = names.map((name, at) => ({
    traceId: "5b8efff798038103d269b633813fc60c",
    spanId: `${at + 1}`.padStart(16, "0"),
    name,
    kind: 1,
    startTimeUnixNano: "1700000000000000000",
    endTimeUnixNano: "1700000001000000000",
  }));
  const value = { stringValue: service };
  return {
    resource: { attributes: [{ key: "service.name", value }] },
    scopeSpans: [{ spans }],
  };
}

test("countLimited() counts overflowed spans by limit, and folded names", () => {
  const request = {
    resourceSpans: [
      resourceSpans("cart", ["/users/1", "/users", "/users/1"]),
      resourceSpans("junk", ["a", "/users/2"]),
      resourceSpans("late", ["a"]),
    ],
  };
  const read = readTracesJson(
    new TextEncoder().encode(JSON.stringify(request)),
    {},
  );
  if (!read.ok) throw new Error(read.reason);
  const resources = resourceFacts(read.batch);
  const ids = [...resources.values()].map(({ service }) => nodeId(service));
  expect(ids).toEqual(["cart", "junk", "late"]);
  counterBook.drain();
  countLimited(read.batch, {
    tenant: "shop",
    resources,
    refused: new Map([["junk", "key"], ["late", "hour"]] as const),
  });
  expect(counterBook.drain().get("shop")).toEqual([
    { counter: "folded_names", reason: "", amount: 3 },
    { counter: "overflowed_spans", reason: "key", amount: 2 },
    { counter: "overflowed_spans", reason: "hour", amount: 1 },
  ]);
});
