import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import {
  encodeDeltaMessage,
  type EncodedMinute,
} from "../../src/aggregate/delta_message.ts";
import { loadWindows } from "../../src/history/load_windows.ts";
import {
  DAY_S,
  HOUR_S,
  MINUTE_S,
  type Resolution,
} from "../../src/history/window_range.ts";
import { encodeWindow } from "../../src/map/service_window_codec.ts";
import { serviceAggregateName } from "../../src/object_names.ts";
import type { SourceWindow } from "../../src/history/source_window.ts";
import {
  type DeltaEvent,
  figures,
  windowsOf,
} from "../aggregate/delta_events.ts";

/** A Wednesday in 2030, 10:30:30: an alarm set then does not fire by itself. */
export const NOW_S = 1_893_493_830;

export const RESOLUTIONS = [MINUTE_S, HOUR_S, DAY_S] as const;

export const CLOSED_S = NOW_S - 10 * MINUTE_S;
export const YESTERDAY_S = NOW_S - 20 * HOUR_S;
// The running minute and hour, closed ones, and one of yesterday.
export const MINUTES = [
  NOW_S,
  NOW_S - MINUTE_S,
  CLOSED_S,
  NOW_S - HOUR_S,
  NOW_S - HOUR_S - MINUTE_S,
  NOW_S - 5 * HOUR_S,
  YESTERDAY_S,
  YESTERDAY_S - HOUR_S,
].map((timeS) => timeS - timeS % MINUTE_S);

let trials = 0;

/** Sets the clock that objects read, s since the epoch. */
export function setClock(nowS: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: nowS * 1000 });
}

/** The object of one service, and all that it was told. */
export class AggregateTrial {
  readonly tenant = "trial";
  readonly service = {
    namespace: "shop",
    name: `cart ${++trials}`,
    environment: "",
  };
  readonly events: DeltaEvent[] = [];
  readonly #sequences: Map<string, number> = new Map();

  /** A new stub, as each caller has. */
  get stub() {
    return env.SERVICE_AGGREGATE.getByName(
      serviceAggregateName(this.tenant, this.service),
    );
  }

  /** Sends events as the next delta of a source. */
  send(events: readonly DeltaEvent[], source = "a"): Promise<number> {
    const sequence = (this.#sequences.get(source) ?? 0) + 1;
    this.#sequences.set(source, sequence);
    this.events.push(...events);
    return this.sendAgain(sequence, events, source);
  }

  /** Sends events under a sequence number, without counting them as told. */
  sendAgain(
    sequence: number,
    events: readonly DeltaEvent[],
    source = "a",
  ): Promise<number> {
    return this.stub.apply(encodeDeltaMessage({
      tenant: this.tenant,
      service: this.service,
      source,
      deltas: [{ sequence, minutes: encodedMinutes(events) }],
    }));
  }

  /** Ends the object's process; what is on its disk stays. */
  async evict(): Promise<void> {
    await this.stub.read({ ranges: [], operations: false });
    await evictDurableObject(this.stub);
  }

  /** All windows of one resolution, three days back and two hours ahead. */
  load(resolution: Resolution): Promise<SourceWindow[]> {
    const nowS = Date.now() / 1000;
    const dayS = nowS - nowS % DAY_S;
    return loadWindows(env, {
      tenant: this.tenant,
      services: [this.service],
      ranges: [{ resolution, fromS: dayS - 3 * DAY_S, toS: dayS + 2 * DAY_S }],
      operations: true,
    });
  }

  /** Every window of every resolution is what the events make of it. */
  async check(): Promise<void> {
    for (const resolution of RESOLUTIONS) {
      const loaded = await this.load(resolution);
      expect(byStart(loaded.map(({ startS, window }) => [startS, window])))
        .toEqual(byStart([...windowsOf(this.events, resolution)]));
    }
  }

  /** Starts of the windows that D1 has. */
  async stored(resolution: Resolution): Promise<number[]> {
    const { results } = await env.DB.prepare(
      `SELECT DISTINCT start_s FROM bucket
       WHERE tenant = ? AND resolution = ? AND service = ? ORDER BY start_s`,
    ).bind(this.tenant, resolution, this.id).all<{ start_s: number }>();
    return results.map((row) => row.start_s);
  }

  /** Its `nodeId`. */
  get id(): string {
    return `shop/${encodeURIComponent(this.service.name)}`;
  }

  /** Starts of the windows that the object says D1 lacks. */
  async live(resolution: Resolution): Promise<number[]> {
    const ranges = [{ resolution, fromS: 0, toS: 2 ** 33 }];
    const page = await this.stub.read({ ranges, operations: false });
    return page.windows.map(({ startS }) => startS);
  }
}

/** An event in a minute. */
export function eventAt(minuteS: number, weight = 1): DeltaEvent {
  const at = minuteS - minuteS % MINUTE_S;
  return {
    minuteS: at,
    name: "stock",
    durationNs: 5e6,
    weight,
    failed: false,
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  };
}

export function encodedMinutes(
  events: readonly DeltaEvent[],
): EncodedMinute[] {
  return [...windowsOf(events, MINUTE_S)]
    .map(([startS, window]) => ({ startS, encoded: encodeWindow(window) }));
}

function byStart(
  windows: [number, SourceWindow["window"]][],
): [number, unknown][] {
  return windows.toSorted(([a], [b]) => a - b)
    .map(([startS, window]) => [startS, figures(window)]);
}
