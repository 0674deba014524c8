import { HEARTBEAT, STREAM_HEAD } from "./event_stream.ts";
import { MAX_WAITING_EVENT_BYTES } from "./live_limits.ts";

const ENCODER = new TextEncoder();
const HEARTBEAT_BYTES = ENCODER.encode(HEARTBEAT);

/** What an event stream does not know of itself. */
export interface LiveStreamOptions {
  /** Called once, when the client has gone. */
  readonly onGone: () => void;
  /** @default {MAX_WAITING_EVENT_BYTES} */
  readonly maxWaitingBytes?: number;
}

/** An event stream whose client reads as fast as it can, within bounds. */
export class LiveStream {
  /** What the client is sent. */
  readonly body: ReadableStream<Uint8Array>;
  readonly #maxWaitingBytes: number;
  #waiting: { readonly bytes: Uint8Array; readonly counted: number }[] = [];
  #waitingBytes = 0;
  #isEnding = false;
  #wake: (() => void) | null = null;

  constructor(
    { onGone, maxWaitingBytes = MAX_WAITING_EVENT_BYTES }: LiveStreamOptions,
  ) {
    this.#maxWaitingBytes = maxWaitingBytes;
    this.#add(ENCODER.encode(STREAM_HEAD), 0);
    this.body = new ReadableStream<Uint8Array>({
      pull: (controller) => this.#pull(controller),
      cancel: () => {
        this.#isEnding = true;
        this.#waiting = [];
        onGone();
      },
    }, { highWaterMark: 0 });
  }

  /** Sends the map: all of it waits, however large it is. */
  begin(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.#add(frame, 0);
  }

  /**
   * Sends an event; false where too much waits already: it is not sent then,
   * and the stream is to be ended.
   */
  send(frame: Uint8Array): boolean {
    if (this.#waitingBytes + frame.length > this.#maxWaitingBytes) return false;
    this.#add(frame, frame.length);
    return true;
  }

  /** Shows that it lives, where nothing waits. */
  beat(): void {
    if (this.#waiting.length === 0) this.#add(HEARTBEAT_BYTES, 0);
  }

  /** Sends one last event in the place of all that waits, and ends. */
  end(frame: Uint8Array): void {
    this.#waiting = [];
    this.#add(frame, 0);
    this.#isEnding = true;
  }

  #add(bytes: Uint8Array, counted: number): void {
    if (this.#isEnding) return;
    this.#waiting.push({ bytes, counted });
    this.#waitingBytes += counted;
    this.#wake?.();
  }

  async #pull(
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    if (this.#waiting.length === 0 && !this.#isEnding) {
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = null;
    }
    const next = this.#waiting.shift();
    if (next !== undefined) {
      this.#waitingBytes -= next.counted;
      controller.enqueue(next.bytes);
    }
    if (this.#isEnding && this.#waiting.length === 0) controller.close();
  }
}
