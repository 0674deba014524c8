import type { LiveEvent } from "./live_event.ts";
import { RECONNECT_MS } from "./live_limits.ts";

/** What an event stream begins with: when to come again once it has ended. */
export const STREAM_HEAD = `retry: ${RECONNECT_MS}\n\n`;

/** What a client passes over: it shows that the stream lives. */
export const HEARTBEAT = ": alive\n\n";

/**
 * An event as a browser's EventSource reads it.
 *
 * @param nowMs Becomes its id: when it was sent, ms since the epoch.
 *
 * @example
 * ```ts
 * import { streamText } from "../src/live/event_stream.ts";
 *
 * const data = { reason: "slow" as const, message: "read faster" };
 * expect(streamText({ event: "close", data }, 1000)).toBe(
 *   'id: 1000\nevent: close\ndata: {"reason":"slow","message":"read faster"}\n\n',
 * );
 * ```
 */
export function streamText({ event, data }: LiveEvent, nowMs: number): string {
  // JSON has no line break of its own.
  return `id: ${nowMs}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * Reads what `streamText` wrote, in pieces of any size.
 *
 * @example
 * ```ts
 * import { EventStreamReader, HEARTBEAT } from "../src/live/event_stream.ts";
 *
 * const reader = new EventStreamReader();
 * expect(reader.read(HEARTBEAT + "event: close\nda")).toEqual([]);
 * expect(reader.read("ta: {}\n\n")).toEqual([{ event: "close", data: {} }]);
 * ```
 */
export class EventStreamReader {
  #rest = "";

  /** The events that end in the next piece. */
  read(piece: string): LiveEvent[] {
    const blocks = (this.#rest + piece).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    return blocks.flatMap((block) => {
      const fields = new Map(
        block.split("\n").map((line): [string, string] => {
          const colon = line.indexOf(": ");
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
      );
      const data = fields.get("data");
      if (data === undefined) return [];
      // The object behind wrote it by the very same types.
      const event = {
        event: fields.get("event"),
        data: JSON.parse(data) as unknown,
      };
      return [event as LiveEvent];
    });
  }
}
