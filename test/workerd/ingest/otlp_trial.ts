import {
  createExecutionContext,
  waitOnExecutionContext,
} from "cloudflare:test";
import { expect } from "vitest";
import { ByteReader } from "../../../src/codec/byte_reader.ts";
import type { DeliverContext } from "../../../src/ingest/deliver.ts";
import { otlpRoutes } from "../../../src/ingest/otlp_route.ts";
import type { IngestTargets } from "../../../src/ingest/take_request.ts";
import type { SpanBatch } from "../../../src/otlp/span_batch.ts";
import type { ReceivedRequest } from "../../../src/outbox/received_request.ts";
import { exportJson, exportProtobuf } from "../../ingest/export_request.ts";

export const OPEN = { TRACECORE_OPEN: "true" };
export const PROTOBUF = { "content-type": "application/x-protobuf" };
export const JSON_TYPE = { "content-type": "application/json" };

/** Each encoding with its headers and what makes a request in it. */
export const ENCODINGS = [
  ["protobuf", PROTOBUF, exportProtobuf],
  ["json", JSON_TYPE, exportJson],
] as const;

/** A request; what is left out is `POST /v1/traces` to an open service. */
export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: BodyInit | null;
  readonly env?: Record<string, string>;
}

/** The ingest routes, with targets that note what they get. */
export class OtlpTrial {
  readonly delivered: {
    readonly batch: SpanBatch;
    readonly context: DeliverContext;
  }[] = [];
  readonly forwarded: {
    readonly received: ReceivedRequest;
    readonly context: DeliverContext;
  }[] = [];
  targets: IngestTargets = {
    deliver: ({ batch }, context) => {
      this.delivered.push({ batch, context });
      return Promise.resolve();
    },
    forward: (received, context) => {
      this.forwarded.push({ received, context });
      return Promise.resolve({ ok: true });
    },
  };

  async send(sent: Sent): Promise<Response> {
    const { method = "POST", path = "/v1/traces", headers = {}, env } = sent;
    const request = new Request(`https://localhost${path}`, {
      method,
      headers,
      body: sent.body ?? null,
    });
    const context = createExecutionContext();
    const app = otlpRoutes(this.targets);
    const answer = await app.request(request, undefined, env ?? OPEN, context);
    await waitOnExecutionContext(context);
    return answer;
  }

  spansDelivered(): number {
    return this.delivered.reduce(
      (sum, { batch }) => sum + batch.spans.length,
      0,
    );
  }
}

/** Reads a google.rpc.Status as the answer's Content-Type says. */
export async function readStatus(
  answer: Response,
): Promise<{ code: number; message: string; type: string | null }> {
  const type = answer.headers.get("content-type");
  if (type === JSON_TYPE["content-type"]) {
    return { ...await answer.json(), type };
  }
  expect(type).toBe("application/x-protobuf");
  const reader = new ByteReader(await bytesOf(answer));
  expect(reader.byte()).toBe(0x08);
  const code = reader.varint();
  expect(reader.byte()).toBe(0x12);
  const message = reader.string();
  expect(reader.done).toBe(true);
  return { code, message, type };
}

/** The bytes of an answer. */
export async function bytesOf(answer: Response): Promise<Uint8Array> {
  return new Uint8Array(await answer.arrayBuffer());
}
