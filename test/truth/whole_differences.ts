import { askDiagnostics, askMap, askService, askServices } from "./ask.ts";
import {
  diagnosticsDifferences,
  mapDifferences,
  operationDifferences,
  serviceListDifferences,
} from "./differences.ts";
import { type KnownTruth, knownTruth, windowOf } from "./known_truth.ts";
import { settle } from "./settle.ts";
import type { ShopTraffic } from "../../src/local/shop_span.ts";

/**
 * Where any answer of the service is not what the traffic makes of it: the
 * map, the services, their operations and the diagnostics. Asks until nothing
 * differs, since lone halves wait for their other half.
 *
 * @param traffic All that was acknowledged.
 * @param options `url`: of the service. `untilMs`: when to stop waiting.
 */
export async function wholeDifferences(
  traffic: ShopTraffic,
  { url, untilMs }: { readonly url: string; readonly untilMs: number },
): Promise<readonly string[]> {
  const truth = knownTruth(traffic);
  const window = windowOf(traffic);
  async function found(): Promise<readonly string[]> {
    return [
      ...mapDifferences(await askMap(url, window), truth),
      ...serviceListDifferences(await askServices(url, window), truth),
      ...diagnosticsDifferences(await askDiagnostics(url, window), truth),
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
