import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import { startService } from "../harness/service.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";
import { askMap } from "../truth/ask.ts";
import { encodeBatch } from "../truth/export_batch.ts";
import { makeSpan } from "../truth/make_span.ts";
import { postBatch } from "../truth/post_batches.ts";
import { settle } from "../truth/settle.ts";

test(
  "startService() keeps its map over a clean stop and a new start",
  async () => {
    const random = new SeededRandom(1);
    const caller = makeSpan(random, {
      service: "lasting-caller",
      kind: SpanKind.CLIENT,
    });
    const callee = makeSpan(random, {
      service: "lasting-callee",
      kind: SpanKind.SERVER,
      parent: caller,
    });
    const dataFolder = temporaryFolder();
    const first = await startService({ dataFolder });
    for (const span of [caller, callee]) {
      expect(await postBatch(first.url, encodeBatch([span]))).toBeUndefined();
    }
    // Nothing has to be on the map yet: acknowledged is enough.
    expect(await first.stop("SIGTERM")).toEqual({ code: 0, signal: null });
    expect(first.errors()).toBe("");

    const second = await startService({ dataFolder });
    const { differences } = await settle(async () => {
      const { edges } = await askMap(second.url, {});
      const found = edges.map(({ from, to, request_count }) =>
        `${from} -> ${to}: ${request_count}`
      );
      return found.join() === "lasting-caller -> lasting-callee: 1"
        ? []
        : found;
    }, { untilMs: Date.now() + 10_000 });
    expect(differences).toEqual([]);
    expect(await second.stop("SIGINT")).toEqual({ code: 0, signal: null });
    expect(second.errors()).toBe("");
  },
  60_000,
);

test(
  "POST /v1/traces of a started service answers what it cannot read with a Status",
  async () => {
    const service = await startService();
    try {
      const json = await postTraces(service.url, "application/json", "{");
      expect(json.status).toBe(400);
      expect(json.headers.get("content-type")).toContain("application/json");
      expect(await json.json()).toMatchObject({
        code: 3,
        message: expect.stringMatching(/\S/),
      });

      // A field 1 of 9 bytes, of which 2 came.
      const cut = new Uint8Array([0x0a, 9, 0x0a, 0]);
      const protobuf = await postTraces(
        service.url,
        "application/x-protobuf",
        cut,
      );
      expect(protobuf.status).toBe(400);
      expect(protobuf.headers.get("content-type")).toBe(
        "application/x-protobuf",
      );
      // google.rpc.Status: code 3 (INVALID_ARGUMENT), then a message.
      const [codeKey, code, messageKey, length, ...message] = new Uint8Array(
        await protobuf.arrayBuffer(),
      );
      expect([codeKey, code, messageKey]).toEqual([0x08, 3, 0x12]);
      expect(message).toHaveLength(length ?? 0);

      const text = await postTraces(service.url, "text/plain", "spans");
      expect(text.status).toBe(415);
      const other = await fetch(`${service.url}/v1/metrics`, {
        method: "POST",
      });
      expect(other.status).toBe(404);
      expect(service.errors()).toBe("");
    } finally {
      await service.stop();
    }
  },
  60_000,
);

function postTraces(
  url: string,
  contentType: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<Response> {
  return fetch(`${url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": contentType },
    body,
  });
}
