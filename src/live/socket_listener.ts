import {
  CLOSE_CODES,
  CLOSE_MESSAGES,
  type Listener,
  type ListenerInfo,
} from "./listener.ts";
import type { CloseReason } from "./live_event.ts";
import type { LiveFrame } from "./live_frame.ts";
import {
  MAX_CLIENT_MESSAGE_BYTES,
  MAX_CLIENT_MESSAGES,
  MAX_WAITING_EVENT_BYTES,
} from "./live_limits.ts";

/** The WebSocket of a listener, which may outlive the object's memory. */
export interface LiveSocket {
  readonly socket: WebSocket;
  /** When its last `ping` was answered, ms since the epoch; null for never. */
  readonly pingedMs: () => number | null;
}

/** What is kept with a socket. */
interface Attachment extends ListenerInfo {
  /** Messages of the client, but for `ping`. */
  readonly messages: number;
}

const ENCODER = new TextEncoder();

/**
 * A listener by a WebSocket. The platform does not show how much of what was
 * sent waits; so all counts as waiting until the client's next `ping`.
 */
export class SocketListener implements Listener {
  readonly info: ListenerInfo;
  readonly #live: LiveSocket;
  #messages: number;
  #unprovenBytes = 0;
  #pingedMs: number | null = null;

  private constructor(live: LiveSocket, { messages, ...info }: Attachment) {
    this.#live = live;
    this.#messages = messages;
    this.info = info;
  }

  /** The listener of a new socket. */
  static begin(live: LiveSocket, info: ListenerInfo): SocketListener {
    const attachment: Attachment = { ...info, messages: 0 };
    live.socket.serializeAttachment(attachment);
    return new SocketListener(live, attachment);
  }

  /** The listener of a socket that was there before the object's memory. */
  static resume(live: LiveSocket): SocketListener {
    const attachment = live.socket.deserializeAttachment() as Attachment;
    return new SocketListener(live, attachment);
  }

  begin(frames: readonly LiveFrame[]): void {
    for (const { message } of frames) this.#live.socket.send(message);
  }

  send({ message }: LiveFrame): boolean {
    const pingedMs = this.#live.pingedMs();
    if (pingedMs !== this.#pingedMs) this.#unprovenBytes = 0;
    this.#pingedMs = pingedMs;
    this.#unprovenBytes += ENCODER.encode(message).length;
    if (this.#unprovenBytes > MAX_WAITING_EVENT_BYTES) return false;
    this.#live.socket.send(message);
    return true;
  }

  end({ message }: LiveFrame, reason: CloseReason): void {
    const { socket } = this.#live;
    socket.send(message);
    socket.close(CLOSE_CODES[reason], CLOSE_MESSAGES[reason]);
  }

  /**
   * Takes a message that is no `ping`: there is nothing that it could say.
   *
   * @returns Why the connection is to end; null where it may go on.
   */
  hear(message: string | ArrayBuffer): CloseReason | null {
    const bytes = typeof message === "string"
      ? ENCODER.encode(message).length
      : message.byteLength;
    if (bytes > MAX_CLIENT_MESSAGE_BYTES) return "too_large_message";
    this.#messages++;
    const attachment: Attachment = { ...this.info, messages: this.#messages };
    this.#live.socket.serializeAttachment(attachment);
    return this.#messages > MAX_CLIENT_MESSAGES ? "too_many_messages" : null;
  }
}
