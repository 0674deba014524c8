import {
  MAX_NEW_SERVICES_PER_HOUR,
  MAX_SERVICES_PER_KEY,
} from "../../src/directory/admit_ids.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import type { ShopTraffic } from "../../src/local/shop_span.ts";
import { residentMemory } from "../harness/resident_memory.ts";
import { type Service, startService } from "../harness/service.ts";
import { askServices, askStatus, withReadKey } from "../truth/ask.ts";
import {
  encodeBatch,
  type ExportBatch,
  exportBatches,
} from "../truth/export_batch.ts";
import { PersistentSender } from "../truth/persistent_sender.ts";
import { COMPLETE_WITHIN_MS, settle } from "../truth/settle.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";
import { wholeDifferences } from "../truth/whole_differences.ts";
import {
  type AttackKeys,
  makeAttackKeys,
  PAGE_ORIGIN,
  withKey,
} from "./attack_keys.ts";
import {
  HOSTILE_PREFIX,
  hostileBatches,
  NAMES_PER_REQUEST,
  PATH_SHARE,
} from "./hostile_batches.ts";
import { postTimes } from "./post_times.ts";
import { type StorageLeft, storageLeft } from "./storage_left.ts";

const ADMIN_KEY = "the-operator-of-the-attacked-one";
const HOUR_MS = 3_600_000;
const HONEST_SPANS = 2000;
const HOSTILE_SENDERS = 4;
/** More than a key may bring in: after the first round all places are taken. */
const NAMES_PER_ROUND = 2 * MAX_SERVICES_PER_KEY;
/** Of each of the victim's requests, so that there are enough to measure. */
const VICTIM_SPANS_PER_REQUEST = 10;
const WARM_UP_REQUESTS = 40;

/** What an attack came to. */
export interface AttackReport extends Omit<StorageLeft, "objects"> {
  /** All but those of hostile services. */
  readonly otherObjects: number;
  /** Of the attacker, in the hours of the clock that the attack took. */
  readonly hostileServices: number;
  readonly mostHostileServices: number;
  /** Spans that counted as `__overflow__`, as the status tells. */
  readonly overflowedSpans: number;
  /** null where the system does not tell. */
  readonly memoryBytes: number | null;
  /** What another tenant waits for an acknowledgement, p99, ms. */
  readonly calmMs: number;
  readonly attackedMs: number;
  /** Refused requests, wrong counts, and all that the others' maps lack. */
  readonly problems: readonly string[];
}

/**
 * Sends so many service and span names, and as many as the others need to be
 * done, with the public key of a page. It begins first; honest traffic of the
 * same tenant, and that of another tenant, come with their own keys.
 */
export async function attack(
  names: number,
  seed: number,
): Promise<AttackReport> {
  const service = await startService({ env: { ADMIN_KEY } });
  try {
    const keys = await makeAttackKeys(service.url, ADMIN_KEY);
    const trial = new AttackTrial(service, { keys, names, seed });
    const report = await trial.run();
    // Files come and go while a service ends by itself.
    await service.kill();
    const { objects, ...left } = storageLeft(service.dataFolder);
    const otherObjects = objects - report.hostileServices;
    return { otherObjects, ...left, ...report };
  } finally {
    await service.kill();
  }
}

class AttackTrial {
  readonly #service: Service;
  readonly #keys: AttackKeys;
  readonly #names: number;
  readonly #seed: number;
  readonly #problems: string[] = [];
  readonly #firstRound = Promise.withResolvers<void>();
  #othersAreDone = false;
  #sent = 0;
  #retries = 0;

  constructor(
    service: Service,
    { keys, names, seed }: {
      readonly keys: AttackKeys;
      readonly names: number;
      readonly seed: number;
    },
  ) {
    this.#service = service;
    this.#keys = keys;
    this.#names = names;
    this.#seed = seed;
  }

  async run(): Promise<Omit<AttackReport, keyof StorageLeft | "otherObjects">> {
    const { url, pid } = this.#service;
    const { read, victimRead } = this.#keys;
    const beganMs = Date.now();
    const honest = this.#traffic(1);
    const victim = this.#traffic(2);
    const small = this.#victimRequests(victim);
    const half = small.length / 2;
    await this.#timed(small.slice(0, WARM_UP_REQUESTS));
    const calmMs = await this.#timed(small.slice(WARM_UP_REQUESTS, half));
    const [attackedMs] = await Promise.all([
      this.#beside(honest, small.slice(half)),
      this.#flood(),
    ]);
    const untilMs = Date.now() + 2 * COMPLETE_WITHIN_MS;
    for (
      const [traffic, key] of [[honest, read], [victim, victimRead]] as const
    ) {
      this.#problems.push(
        ...await wholeDifferences(traffic, {
          url: withReadKey(url, key),
          untilMs,
          amongOthers: traffic === honest,
        }),
      );
    }
    const hostile = await this.#hostileServices();
    return {
      hostileServices: hostile,
      mostHostileServices: mostServices(beganMs),
      overflowedSpans: await this.#checkedCounters(hostile),
      memoryBytes: residentMemory(pid),
      calmMs,
      attackedMs,
      problems: this.#problems,
    };
  }

  #traffic(number: number): ShopTraffic {
    const random = new SeededRandom(this.#seed + number);
    return shopTraffic(random, { nowMs: Date.now(), spans: HONEST_SPANS });
  }

  #victimRequests({ spans }: ShopTraffic): ExportBatch[] {
    const requests: ExportBatch[] = [];
    for (const own of Map.groupBy(spans, ({ service }) => service).values()) {
      for (let at = 0; at < own.length; at += VICTIM_SPANS_PER_REQUEST) {
        requests.push(
          encodeBatch(own.slice(at, at + VICTIM_SPANS_PER_REQUEST)),
        );
      }
    }
    const random = new SeededRandom(this.#seed);
    return withKey(random.shuffled(requests), this.#keys.victim);
  }

  async #timed(batches: readonly ExportBatch[]): Promise<number> {
    const { p99Ms, problems } = await postTimes(this.#service.url, batches);
    this.#problems.push(...problems);
    return p99Ms;
  }

  /** Once the attack is under way; returns the victim's p99, ms. */
  async #beside(
    honest: ShopTraffic,
    victim: readonly ExportBatch[],
  ): Promise<number> {
    await this.#firstRound.promise;
    const batches = exportBatches(honest.spans, new SeededRandom(this.#seed));
    const sender = new PersistentSender(
      this.#service.url,
      withKey(batches, this.#keys.honest),
      { concurrency: 1 },
    );
    const [p99Ms] = await Promise.all([this.#timed(victim), sender.done]);
    this.#problems.push(...sender.problems);
    this.#othersAreDone = true;
    return p99Ms;
  }

  async #flood(): Promise<void> {
    const random = new SeededRandom(this.#seed + 3);
    while (this.#sent < this.#names || !this.#othersAreDone) {
      const sender = new PersistentSender(
        this.#service.url,
        withKey(hostileBatches(random, NAMES_PER_ROUND), this.#keys.page, {
          origin: PAGE_ORIGIN,
        }),
        // The talkative service comes first, and so has a place.
        { concurrency: this.#sent === 0 ? 1 : HOSTILE_SENDERS },
      );
      await sender.done;
      this.#problems.push(...sender.problems);
      this.#retries += sender.retries;
      this.#sent += NAMES_PER_ROUND;
      this.#firstRound.resolve();
    }
  }

  async #hostileServices(): Promise<number> {
    const url = withReadKey(this.#service.url, this.#keys.read);
    const { services } = await askServices(url, { start: "2h" });
    return services.filter(({ service_name: name }) =>
      name.startsWith(HOSTILE_PREFIX)
    )
      .length;
  }

  /** What overflowed; what was folded has to be right too. */
  async #checkedCounters(hostileServices: number): Promise<number> {
    const url = withReadKey(this.#service.url, this.#keys.read);
    // What is sent again is counted again.
    const more = this.#retries * NAMES_PER_REQUEST;
    // The talkative service is one of those that got in.
    const wanted = {
      overflowed_spans: this.#sent - (hostileServices - 1),
      folded_names: this.#sent * PATH_SHARE,
    };
    const counted = { overflowed_spans: 0, folded_names: 0 };
    const { differences } = await settle(async () => {
      const { counters } = await askStatus(url);
      return (["overflowed_spans", "folded_names"] as const).flatMap((name) => {
        counted[name] = (counters ?? []).filter((one) => one.name === name)
          .reduce((sum, { count }) => sum + count, 0);
        const least = wanted[name];
        return counted[name] >= least && counted[name] <= least + more ? [] : [
          `${name} is ${counted[name]}, and has to be ${least} to ${
            least + more
          }`,
        ];
      });
    }, { untilMs: Date.now() + COMPLETE_WITHIN_MS });
    this.#problems.push(...differences);
    return counted.overflowed_spans;
  }
}

/** What a key may bring in from then to now. */
function mostServices(beganMs: number): number {
  const hours = Math.floor(Date.now() / HOUR_MS) -
    Math.floor(beganMs / HOUR_MS) + 1;
  return Math.min(MAX_SERVICES_PER_KEY, hours * MAX_NEW_SERVICES_PER_HOUR);
}
