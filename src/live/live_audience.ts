import { CLOSE_MESSAGES, type Listener } from "./listener.ts";
import type { CloseReason, LiveEvent } from "./live_event.ts";
import type { LiveFeed } from "./live_feed.ts";
import { LiveFrame } from "./live_frame.ts";
import { MAX_LISTENERS, MAX_LIVE_CONNECTION_S } from "./live_limits.ts";
import type { LiveMap } from "./live_map.ts";
import { type LiveSelection, selectionKey } from "./live_selection.ts";

const MS_PER_S = 1000;

/** Those who listen to one tenant's changes. */
export class LiveAudience {
  /** Each, and whether it has the map already. */
  readonly #listeners: Map<Listener, boolean> = new Map();

  /** How many listen. */
  get size(): number {
    return this.#listeners.size;
  }

  /** Whether `MAX_LISTENERS` listen. */
  get isFull(): boolean {
    return this.size >= MAX_LISTENERS;
  }

  /** The keys that they came with, each once; "" is none. */
  get keyIds(): ReadonlySet<string> {
    const ids = [...this.#listeners.keys()].map(({ info }) => info.keyId);
    return new Set(ids.filter((id) => id !== ""));
  }

  /** Whether one is still there. */
  has(listener: Listener): boolean {
    return this.#listeners.has(listener);
  }

  /** Takes one in, who is told the map with the next `tellMap`. */
  add(listener: Listener): void {
    this.#listeners.set(listener, false);
  }

  /** Forgets one that has gone. */
  remove(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /** Tells the map as known so far to who does not have it yet. */
  begin(feed: LiveFeed, live: LiveMap): void {
    const { nowMs } = live.plan.window;
    for (const [listener, hasMap] of this.#listeners) {
      if (hasMap) continue;
      const events = feed.join(live, listener.info.selection);
      this.#listeners.set(listener, true);
      this.#attempt(listener, () => listener.begin(framesOf(events, nowMs)));
    }
  }

  /** Tells what has changed on the map, and the whole to who has none yet. */
  tellMap(feed: LiveFeed, live: LiveMap): void {
    const { nowMs } = live.plan.window;
    const told = [...this.#listeners].filter(([, hasMap]) => hasMap)
      .map(([listener]) => listener);
    const events = feed.push(live, told.map(({ info }) => info.selection));
    const frames = new Map(
      Array.from(events, ([key, some]) => [key, framesOf(some, nowMs)]),
    );
    for (const listener of told) {
      this.#send(listener, frames.get(keyOf(listener)) ?? [], nowMs);
    }
    this.begin(feed, live);
  }

  /** Tells an event to all whom it concerns. */
  tell(
    event: LiveEvent,
    { nowMs, concerns }: {
      readonly nowMs: number;
      readonly concerns: (selection: LiveSelection) => boolean;
    },
  ): void {
    const frames = framesOf([event], nowMs);
    for (const listener of this.#listeners.keys()) {
      if (!concerns(listener.info.selection)) continue;
      this.#send(listener, frames, nowMs);
    }
  }

  /** Ends connections that have lasted too long, or whose key is refused. */
  endOld(nowMs: number, refusedKeys: ReadonlySet<string>): void {
    for (const listener of this.#listeners.keys()) {
      const { keyId, sinceMs } = listener.info;
      if (refusedKeys.has(keyId)) this.end(listener, "key", nowMs);
      else if (nowMs - sinceMs >= MAX_LIVE_CONNECTION_S * MS_PER_S) {
        this.end(listener, "lifetime", nowMs);
      }
    }
  }

  /** Ends a connection, and says why. */
  end(listener: Listener, reason: CloseReason, nowMs: number): void {
    const data = { reason, message: CLOSE_MESSAGES[reason] };
    this.remove(listener);
    this.#attempt(listener, () => {
      listener.end(new LiveFrame({ event: "close", data }, nowMs), reason);
    });
  }

  #send(
    listener: Listener,
    frames: readonly LiveFrame[],
    nowMs: number,
  ): void {
    this.#attempt(listener, () => {
      if (frames.every((frame) => listener.send(frame))) return;
      this.end(listener, "slow", nowMs);
    });
  }

  /** A connection that is closed already throws: its end is told elsewhere. */
  #attempt(listener: Listener, work: () => void): void {
    try {
      work();
    } catch {
      this.remove(listener);
    }
  }
}

function framesOf(events: readonly LiveEvent[], nowMs: number): LiveFrame[] {
  return events.map((event) => new LiveFrame(event, nowMs));
}

function keyOf({ info }: Listener): string {
  return selectionKey(info.selection);
}
