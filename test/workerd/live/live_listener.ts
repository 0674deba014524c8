import { expect } from "vitest";
import { EventStreamReader } from "../../../src/live/event_stream.ts";
import type { LiveEvent } from "../../../src/live/live_event.ts";

/** The events of a stream, in the order in which they came. */
export interface ListenedEvents {
  readonly events: readonly LiveEvent[];
  /** Waits for an event. */
  until(isIt: (event: LiveEvent) => boolean): Promise<LiveEvent>;
  /** Settles when the stream has ended. */
  readonly ended: Promise<void>;
  /** Listens no more. */
  stop(): Promise<void>;
}

/** How long an event may take, ms. */
const EVENT_LIMIT_MS = 10_000;

/** Reads the event stream of an answer. */
export function listenTo(answer: Response): ListenedEvents {
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const events: LiveEvent[] = [];
  const reader = new EventStreamReader();
  const decoder = new TextDecoder();
  const body = (answer.body as ReadableStream<Uint8Array>).getReader();
  async function readAll(): Promise<void> {
    for (;;) {
      const { done, value } = await body.read();
      if (done) return;
      events.push(...reader.read(decoder.decode(value, { stream: true })));
    }
  }
  let isStopped = false;
  const ended = readAll().catch((error: unknown) => {
    if (!isStopped) throw error;
  });
  return {
    events,
    until: untilOneOf(events),
    ended,
    stop() {
      isStopped = true;
      return body.cancel();
    },
  };
}

/** Reads the messages of a WebSocket that is accepted. */
export function listenToSocket(
  socket: WebSocket,
): Omit<ListenedEvents, "stop" | "ended"> & {
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
} {
  const events: LiveEvent[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<
    { readonly code: number; readonly reason: string }
  >();
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string" && data !== "pong") {
      events.push(JSON.parse(data) as LiveEvent);
    }
  });
  socket.addEventListener("close", ({ code, reason }) => {
    resolve({ code, reason });
  });
  socket.accept();
  return { events, until: untilOneOf(events), closed };
}

function untilOneOf(events: readonly LiveEvent[]) {
  return async function until(
    isIt: (event: LiveEvent) => boolean,
  ): Promise<LiveEvent> {
    await expect.poll(() => events.some(isIt), {
      timeout: EVENT_LIMIT_MS,
      interval: 20,
    }).toBe(true);
    return events.find(isIt) as LiveEvent;
  };
}
