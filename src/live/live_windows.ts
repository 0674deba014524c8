import type { SourceWindow } from "../history/source_window.ts";
import {
  inRanges,
  MINUTE_S,
  type WindowRange,
} from "../history/window_range.ts";
import { nodeId, type NodeIdentity, nodeOfId } from "../map/node_identity.ts";
import type { ServiceWindow } from "../map/service_window.ts";
import { decodeWindow } from "../map/service_window_codec.ts";
import { MAX_LIVE_WINDOWS } from "./live_limits.ts";
import type { ChangedMinutes, LiveMinute } from "./live_minute.ts";
import { SummedMinutes } from "./summed_minutes.ts";

interface HeldWindow {
  readonly window: ServiceWindow;
  /** 0: it was loaded, and its revision is not known. */
  readonly revision: number;
  /** In which loading it came, or after which. */
  readonly loading: number;
}

interface HeldService {
  readonly service: NodeIdentity;
  /** By their start, s since the epoch. */
  readonly minutes: Map<number, HeldWindow>;
  readonly summed: SummedMinutes;
}

/** What the map of now is made from. */
export interface MapWindows {
  readonly minutes: readonly SourceWindow[];
  /** The same in fewer windows. */
  readonly summed: readonly SourceWindow[];
}

/**
 * The minutes that the map of now is made from. They are loaded once; then the
 * shards tell of those that change, and the newest revision of each stays.
 * Beyond `MAX_LIVE_WINDOWS` a new one is left out until the next loading.
 */
export class LiveWindows {
  readonly #services: Map<string, HeldService> = new Map();
  #loading = 0;
  #size = 0;

  /** How many minutes are held. */
  get size(): number {
    return this.#size;
  }

  /** Notes that a loading begins: what is told from now on is newer. */
  beginLoading(): void {
    this.#loading++;
  }

  /** Takes what was loaded in the place of what is older than the loading. */
  load(windows: readonly SourceWindow[]): void {
    this.#forget((_, { loading }) => loading < this.#loading);
    for (const { service, startS, window } of windows) {
      const held = this.#service(nodeId(service), service);
      if (held.minutes.has(startS)) continue;
      this.#put(held, startS, { window, revision: 0, loading: this.#loading });
    }
  }

  /** Takes what a shard tells, where it is not older than what is known. */
  tell(changed: readonly ChangedMinutes[]): void {
    for (const { service, minutes } of changed) {
      const held = this.#service(service, nodeOfId(service));
      for (const minute of minutes) this.#tellMinute(held, minute);
    }
  }

  #tellMinute(
    held: HeldService,
    { startS, revision, summary }: LiveMinute,
  ): void {
    if (revision < (held.minutes.get(startS)?.revision ?? 0)) return;
    const window = decodeWindow({ summary });
    this.#put(held, startS, { window, revision, loading: this.#loading });
  }

  #service(id: string, service: NodeIdentity): HeldService {
    const known = this.#services.get(id);
    if (known !== undefined) return known;
    const held = {
      service,
      minutes: new Map<number, HeldWindow>(),
      summed: new SummedMinutes(),
    };
    this.#services.set(id, held);
    return held;
  }

  #put({ minutes }: HeldService, startS: number, held: HeldWindow): void {
    if (!minutes.has(startS)) {
      if (this.#size >= MAX_LIVE_WINDOWS) return;
      this.#size++;
    }
    minutes.set(startS, held);
  }

  /** The minutes within the ranges; those before them are forgotten. */
  within(ranges: readonly WindowRange[]): MapWindows {
    const fromS = Math.min(...ranges.map((range) => range.fromS));
    this.#forget((startS) => startS < fromS);
    const all: SourceWindow[] = [];
    const fewer: SourceWindow[] = [];
    for (const { service, minutes, summed } of this.#services.values()) {
      const own: SourceWindow[] = [];
      for (const [startS, { window }] of minutes) {
        const key = { resolution: MINUTE_S, startS } as const;
        if (inRanges(key, ranges)) own.push({ service, ...key, window });
      }
      own.sort((a, b) => a.startS - b.startS);
      all.push(...own);
      fewer.push(...summed.of(own));
    }
    return { minutes: all, summed: fewer };
  }

  #forget(isOver: (startS: number, held: HeldWindow) => boolean): void {
    for (const [id, { minutes }] of this.#services) {
      for (const [startS, held] of minutes) {
        if (!isOver(startS, held)) continue;
        minutes.delete(startS);
        this.#size--;
      }
      if (minutes.size === 0) this.#services.delete(id);
    }
  }
}
