import type { Listener, ListenerInfo } from "./listener.ts";
import type { LiveFrame } from "./live_frame.ts";
import { LiveStream } from "./live_stream.ts";

/** A listener by an event stream. */
export class StreamListener implements Listener {
  readonly info: ListenerInfo;
  readonly #stream: LiveStream;

  /** @param onGone Called once, when the client has gone. */
  constructor(info: ListenerInfo, onGone: (listener: Listener) => void) {
    this.info = info;
    this.#stream = new LiveStream({ onGone: () => onGone(this) });
  }

  /** The answer to its request. */
  get response(): Response {
    return new Response(this.#stream.body, {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store, no-transform",
        // Or nginx would hold events back.
        "x-accel-buffering": "no",
      },
    });
  }

  /** Shows the client that the connection lives. */
  beat(): void {
    this.#stream.beat();
  }

  begin(frames: readonly LiveFrame[]): void {
    this.#stream.begin(frames.map(({ stream }) => stream));
  }

  send({ stream }: LiveFrame): boolean {
    return this.#stream.send(stream);
  }

  end({ stream }: LiveFrame): void {
    this.#stream.end(stream);
  }
}
