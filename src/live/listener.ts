import type { CloseReason } from "./live_event.ts";
import type { LiveFrame } from "./live_frame.ts";
import type { LiveSelection } from "./live_selection.ts";

/** Who listens, and to what; of a WebSocket it outlives the object's memory. */
export interface ListenerInfo {
  readonly selection: LiveSelection;
  /** Public part of its key; "" for ADMIN_KEY and for an open service. */
  readonly keyId: string;
  /** Since when, ms since the epoch. */
  readonly sinceMs: number;
}

/** Who listens, however it is reached. */
export interface Listener {
  readonly info: ListenerInfo;
  /** Sends the map: all of it, however large. */
  begin(frames: readonly LiveFrame[]): void;
  /** Sends an event; false where too much waits: it is to be ended. */
  send(frame: LiveFrame): boolean;
  /** Sends one last event, and ends. */
  end(frame: LiveFrame, reason: CloseReason): void;
}

/** What a listener is told when its connection ends, by the reason. */
export const CLOSE_MESSAGES: Readonly<Record<CloseReason, string>> = {
  lifetime: "The connection has lasted for as long as it may: come again",
  key: "The key does not allow this any more",
  slow: "The events were not read fast enough: come again; " +
    "a WebSocket has to send ping every 20 s",
  too_many_messages: "A client of this WebSocket sends ping and nothing else",
  too_large_message: "A client of this WebSocket sends ping and nothing else",
};

/** Codes that a WebSocket is closed with. */
export const CLOSE_CODES: Readonly<Record<CloseReason, number>> = {
  // "Going away": come again.
  lifetime: 1001,
  // "Policy violation".
  key: 1008,
  too_many_messages: 1008,
  // "Message too big".
  too_large_message: 1009,
  // "Try again later".
  slow: 1013,
};
