import { expect } from "vitest";
import { ask } from "../access/closed_service.ts";

/** What a subscription tells. */
export interface Subscribed {
  readonly events: readonly Record<string, unknown>[];
  /** Waits for an event whose data is so. */
  until(isIt: (data: Record<string, unknown>) => boolean): Promise<void>;
  /** Listens no more. */
  stop(): Promise<void>;
}

const EVENT_LIMIT_MS = 15_000;

/** Subscribes by server-sent events. */
export async function subscribe(
  query: string,
  key: string,
): Promise<Subscribed> {
  const answer = await ask("/graphql", {
    method: "POST",
    key,
    headers: { accept: "text/event-stream" },
    body: { query: `subscription ${query}` },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const events: Record<string, unknown>[] = [];
  const body = (answer.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  async function readAll(): Promise<void> {
    let text = "";
    for (;;) {
      const { done, value } = await body.read();
      if (done) return;
      const blocks = (text + decoder.decode(value, { stream: true }))
        .split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const [, data = ""] = /^event: next\ndata: (.*)$/s.exec(block) ?? [];
        if (data !== "") events.push(JSON.parse(data));
      }
    }
  }
  const reading = readAll().catch((error: unknown) => {
    events.push({ failed: String(error) });
  });
  return {
    events,
    async until(isIt) {
      await expect.poll(
        () =>
          events.some(({ data }) =>
            isIt((data ?? {}) as Record<string, unknown>)
          ),
        { timeout: EVENT_LIMIT_MS, interval: 50 },
      ).toBe(true);
    },
    async stop() {
      await body.cancel();
      await reading;
    },
  };
}
