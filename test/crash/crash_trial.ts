import { setTimeout as delay } from "node:timers/promises";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { noTraffic, type ShopTraffic } from "../../src/local/shop_span.ts";
import { type Service, startService } from "../harness/service.ts";
import { TempoStandIn } from "../harness/tempo_stand_in.ts";
import { type ExportBatch, exportBatches } from "../truth/export_batch.ts";
import { COMPLETE_WITHIN_MS, settle } from "../truth/settle.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";
import { wholeDifferences } from "../truth/whole_differences.ts";
import type { CrashRound } from "./crash_plan.ts";
import { forwardedDifferences } from "./forwarded_differences.ts";
import { PersistentSender } from "../truth/persistent_sender.ts";

/** Of the last round's requests, which were all acknowledged. */
const RESENT_SHARE = 0.1;
/** Of the requests, those of which one span is rejected. */
const BAD_SHARE = 0.2;
/** The longest back-off after a time without Tempo, and some more, ms. */
const FORWARDED_WITHIN_MS = 60_000;
/** Links lead from one shard to another. */
const TRACE_SHARDS = "3";

/** What one round came to. */
export interface CrashedRound {
  readonly spans: number;
  readonly acknowledged: number;
  readonly retries: number;
}

/** One service on one data folder, through any number of rounds. */
export class CrashTrial {
  /** Answers that no valid request may get. */
  readonly problems: string[] = [];
  readonly #traffic: ShopTraffic = noTraffic();
  readonly #batches: ExportBatch[] = [];
  readonly #dataFolder: string;
  readonly #tempo: TempoStandIn;
  #service: Service;
  #last: readonly ExportBatch[] = [];
  #log = "";

  private constructor(service: Service, tempo: TempoStandIn) {
    this.#service = service;
    this.#tempo = tempo;
    this.#dataFolder = service.dataFolder;
  }

  /** Starts a service on a data folder, and a Tempo that is up. */
  static async start(dataFolder: string): Promise<CrashTrial> {
    const tempo = await TempoStandIn.start();
    const env = environment(tempo);
    return new CrashTrial(await startService({ dataFolder, env }), tempo);
  }

  /** Everything that the service has printed, through all its lives. */
  get log(): string {
    return this.#log + this.#service.output();
  }

  /** Sends the traffic of a round, and kills the service as planned. */
  async run(round: CrashRound): Promise<CrashedRound> {
    const random = new SeededRandom(round.seed);
    const nowMs = Date.now();
    const traffic = shopTraffic(random, { nowMs, spans: round.spans });
    const batches = exportBatches(traffic.spans, random, {
      badShare: BAD_SHARE,
    });
    const again = this.#last.filter(() => random.chance(RESENT_SHARE));
    await this.#tempo.turn(round.mood);
    const sender = new PersistentSender(
      this.#service.url,
      random.shuffled([...batches, ...again]),
    );
    for (const { acknowledgedShare, delayMs } of round.kills) {
      await sender.reached(acknowledgedShare);
      await delay(delayMs);
      await this.#restart();
    }
    await sender.done;
    this.problems.push(...sender.problems);
    this.#traffic.spans.push(...traffic.spans);
    this.#traffic.requests.push(...traffic.requests);
    this.#traffic.unpaired.push(...traffic.unpaired);
    this.#batches.push(...batches);
    this.#last = batches;
    const { acknowledged, retries } = sender;
    return { spans: round.spans, acknowledged, retries };
  }

  /**
   * With Tempo up again: where the map is not exactly what all rounds' traffic
   * makes of it, and what of it Tempo has not taken.
   */
  async differences(): Promise<readonly string[]> {
    await this.#tempo.turn("up");
    const began = Date.now();
    const onTheMap = await wholeDifferences(this.#traffic, {
      url: this.#service.url,
      untilMs: began + 2 * COMPLETE_WITHIN_MS,
    });
    const acknowledged = {
      batches: this.#batches,
      spans: this.#traffic.spans,
    };
    const forwarded = await settle(
      () =>
        Promise.resolve(forwardedDifferences(this.#tempo.taken, acknowledged)),
      { untilMs: began + FORWARDED_WITHIN_MS },
    );
    return [...this.problems, ...onTheMap, ...forwarded.differences];
  }

  /** Ends the service and Tempo. */
  async stop(): Promise<void> {
    await this.#service.stop();
    await this.#tempo.stop();
  }

  async #restart(): Promise<void> {
    await this.#service.kill();
    this.#log += this.#service.output();
    this.#service = await startService({
      dataFolder: this.#dataFolder,
      env: environment(this.#tempo),
      port: this.#service.port,
    });
  }
}

function environment({ url }: TempoStandIn): Record<string, string> {
  return { TRACE_SHARDS, TEMPO_URL: url };
}
