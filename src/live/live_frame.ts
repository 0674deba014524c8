import { streamText } from "./event_stream.ts";
import type { LiveEvent } from "./live_event.ts";

const ENCODER = new TextEncoder();

/**
 * An event as it is sent, written once for all who get it, and only in the
 * forms that somebody gets.
 */
export class LiveFrame {
  readonly #event: LiveEvent;
  readonly #nowMs: number;
  #stream: Uint8Array | null = null;
  #message: string | null = null;

  /** @param nowMs ms since the epoch. */
  constructor(event: LiveEvent, nowMs: number) {
    this.#event = event;
    this.#nowMs = nowMs;
  }

  /** As a part of an event stream. */
  get stream(): Uint8Array {
    this.#stream ??= ENCODER.encode(streamText(this.#event, this.#nowMs));
    return this.#stream;
  }

  /** As a message of a WebSocket. */
  get message(): string {
    this.#message ??= JSON.stringify(this.#event);
    return this.#message;
  }
}
