import { askDiagnostics, askMap, askService, askServices } from "./ask.ts";
import {
  diagnosticsDifferences,
  mapDifferences,
  operationDifferences,
  serviceListDifferences,
} from "./differences.ts";
import { type KnownTruth, knownTruth, windowOf } from "./known_truth.ts";
import { diagnosticsPart, mapPart, serviceListPart } from "./part_of_truth.ts";
import { settle } from "./settle.ts";
import type { ShopTraffic } from "../../src/local/shop_span.ts";

/** What is asked, and until when. */
export interface WholeQuestion {
  /** Of the service; where it asks for a key, what `withReadKey` made. */
  readonly url: string;
  /** When to stop waiting, ms since the epoch. */
  readonly untilMs: number;
  /** Whether others send to it too, of whom nothing is known. */
  readonly amongOthers?: boolean;
}

/**
 * Where any answer of the service is not what the traffic makes of it: the
 * map, the services, their operations and the diagnostics. Asks until nothing
 * differs, since lone halves wait for their other half.
 *
 * @param traffic All that was acknowledged.
 */
export async function wholeDifferences(
  traffic: ShopTraffic,
  { url, untilMs, amongOthers = false }: WholeQuestion,
): Promise<readonly string[]> {
  const truth = knownTruth(traffic);
  const window = windowOf(traffic);
  async function found(): Promise<readonly string[]> {
    const map = await askMap(url, window);
    const list = await askServices(url, window);
    const seen = await askDiagnostics(url, window);
    return [
      ...mapDifferences(amongOthers ? mapPart(map, truth) : map, truth),
      ...serviceListDifferences(
        amongOthers ? serviceListPart(list, truth) : list,
        truth,
      ),
      ...diagnosticsDifferences(
        amongOthers ? diagnosticsPart(seen, truth) : seen,
        truth,
      ),
      ...await allOperationDifferences(truth, url, window),
    ];
  }
  const { differences } = await settle(found, { untilMs });
  return differences;
}

async function allOperationDifferences(
  truth: KnownTruth,
  url: string,
  window: { readonly start: number; readonly end: number },
): Promise<string[]> {
  const found: string[] = [];
  for (const wanted of truth.services.values()) {
    const { name, namespace, environment } = wanted.service.node;
    const question = { ...window, name, namespace, environment };
    const detail = await askService(url, question);
    found.push(...operationDifferences(detail, wanted));
  }
  return found;
}
