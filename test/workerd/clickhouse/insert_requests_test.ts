import { env } from "cloudflare:workers";
import { expect, inject, test } from "vitest";
import { OPERATOR } from "../../../src/access/caller.ts";
import type { ClickHouseTarget } from "../../../src/clickhouse/clickhouse_target.ts";
import { insertRequests } from "../../../src/clickhouse/insert_requests.ts";
import { clickhouseRow } from "../../../src/clickhouse/row.ts";
import { forwardSpans } from "../../../src/outbox/forward.ts";
import { outboxOf } from "../../../src/outbox/outbox_stub.ts";
import { readSettings } from "../../../src/settings.ts";
import { spanOf } from "../../clickhouse/sample_spans.ts";
import type { SeenRequest } from "../../harness/seen_request.ts";
import { requestOf } from "../outbox/outbox_trial.ts";

function targetAt(path: string): ClickHouseTarget {
  return {
    name: "clickhouse",
    url: `${inject("targetUrl")}/${path}`,
    user: "default",
    password: "",
    database: "default",
    table: "otel_traces",
  };
}

async function seen(path: string): Promise<readonly SeenRequest[]> {
  const answer = await fetch(`${inject("targetUrl")}/${path}`);
  return answer.json<SeenRequest[]>();
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const piped = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

test("insertRequests() inflates what came compressed, and inserts rows compressed", async () => {
  const path = "clickhouse-inflates";
  const body = await through(
    Uint8Array.of(3, 5),
    new CompressionStream("gzip"),
  );
  const request = {
    body,
    contentType: "application/json; charset=utf-8",
    contentEncoding: "gzip",
  };
  const read: unknown[] = [];
  const { outcome } = await insertRequests(
    { requests: [request], token: "1-1-1" },
    {
      target: targetAt(path),
      tenant: "shop",
      readSpans: (bytes, encoding) => {
        read.push([...bytes], encoding);
        return [spanOf(), spanOf()];
      },
      maxInflatedBytes: 2,
      timeoutMs: 5000,
    },
  );
  expect(outcome.kind).toBe("delivered");
  expect(read).toEqual([[3, 5], "json"]);
  const [inserted] = await seen(path);
  const rows = await through(
    Uint8Array.from(inserted?.body ?? []),
    new DecompressionStream("gzip"),
  );
  const row = `${JSON.stringify(clickhouseRow(spanOf()))}\n`;
  expect(new TextDecoder().decode(rows)).toBe(row + row);
});

test("insertRequests() reads no request that inflates to more than maxInflatedBytes", async () => {
  const body = await through(
    new Uint8Array(3),
    new CompressionStream("gzip"),
  );
  const request = {
    body,
    contentType: "application/json",
    contentEncoding: "gzip",
  };
  const { unreadable } = await insertRequests(
    { requests: [request], token: "1-1-1" },
    {
      target: targetAt("clickhouse-too-large"),
      tenant: "shop",
      readSpans: () => [spanOf()],
      maxInflatedBytes: 2,
      timeoutMs: 5000,
    },
  );
  expect(unreadable[0]?.failure.reason).toContain("more than 2 bytes");
  expect(await seen("clickhouse-too-large")).toEqual([]);
});

test("forwardSpans() stores a request for ClickHouse, and the Worker sends nothing", async () => {
  const path = "clickhouse-forwards";
  const tenant = "clickhouse-forwards";
  const request = { ...requestOf(1), spans: 7 };
  const result = await forwardSpans(request, {
    bindings: { ...env },
    settings: {
      ...readSettings({ TRACECORE_OPEN: "true" }),
      targets: [targetAt(path)],
    },
    caller: { ...OPERATOR, tenant },
  });
  expect(result).toEqual({ ok: true });
  expect(await seen(path)).toEqual([]);
  const stub = outboxOf(env, { tenant, target: "clickhouse" });
  expect(await stub.status())
    .toMatchObject({ items: 1, stored: 1, attempts: 0, failures: 0 });
});
