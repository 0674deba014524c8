import type { Bindings } from "../bindings.ts";
import { listServices } from "../directory/list_services.ts";
import { isRetryable, OBJECT_ATTEMPTS } from "../history/read_object.ts";
import { logFault } from "../http/log.ts";
import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import { serviceAggregateName } from "../object_names.ts";
import { settledWithin } from "../storage/settled_within.ts";
import { ScrapeBook, type Scraped } from "./scraped_series.ts";
import {
  readTotalsPage,
  type ToldSeries,
  type TotalsPage,
} from "./totals_page.ts";

/** Objects that are asked for their totals at the same time. */
export const CONCURRENT_TOTALS = 32;

/** How long the object of a service may take to tell its totals, ms. */
export const TOTALS_WAIT_MS = 3000;

/** How long all of them may take: Prometheus waits 10 s for an answer, ms. */
export const SCRAPE_WAIT_MS = 8000;

/** Whose totals. */
export interface TotalsAsked {
  readonly tenant: string;
  /** Of the histograms of edges, s. */
  readonly bounds: readonly number[];
  readonly nowMs: number;
  /** The clock while they are asked. @default {Date.now} */
  readonly clock?: () => number;
}

/**
 * The series of all services of a tenant. A service whose object does not
 * answer is left out.
 *
 * @throws What the tenant's Directory threw.
 */
export async function loadServiceTotals(
  bindings: Pick<Bindings, "SERVICE_AGGREGATE" | "DIRECTORY">,
  asked: TotalsAsked,
): Promise<Scraped> {
  const { tenant, nowMs, clock = Date.now } = asked;
  const services = await listServices(bindings, tenant);
  const book = new ScrapeBook(nowMs / 1000);
  const faults: unknown[] = [];
  const untilMs = clock() + SCRAPE_WAIT_MS;
  for (let at = 0; at < services.length; at += CONCURRENT_TOTALS) {
    const some = services.slice(at, at + CONCURRENT_TOTALS);
    const waitMs = Math.min(TOTALS_WAIT_MS, untilMs - clock());
    const told = await Promise.all(
      some.map((service) =>
        askWithin(bindings, { ...asked, service, waitMs }, faults)
      ),
    );
    for (const [index, service] of some.entries()) {
      const series = told[index] ?? null;
      if (series === null) book.miss(service);
      else book.add(service, series);
    }
  }
  const scraped = book.finish();
  if (scraped.unanswered > 0) {
    // One line for all: it could be as many as there are services.
    logFault("service_totals_missing", faults[0] ?? "no time left", {
      services: scraped.unanswered,
    });
  }
  return scraped;
}

interface ServiceAsked extends TotalsAsked {
  readonly service: NodeIdentity;
  readonly waitMs: number;
}

/** null where it does not answer in time, or with a fault. */
async function askWithin(
  bindings: Pick<Bindings, "SERVICE_AGGREGATE">,
  asked: ServiceAsked,
  faults: unknown[],
): Promise<ToldSeries[] | null> {
  if (asked.waitMs <= 0) return null;
  const asking = ask(bindings, asked).catch((error: unknown) => {
    faults.push(error);
    return null;
  });
  if (await settledWithin(asking, asked.waitMs)) return asking;
  const name = nodeId(asked.service);
  faults.push(new Error(`No totals of "${name}" in ${asked.waitMs} ms`));
  return null;
}

async function ask(
  bindings: Pick<Bindings, "SERVICE_AGGREGATE">,
  { tenant, service, bounds }: ServiceAsked,
): Promise<ToldSeries[]> {
  const name = serviceAggregateName(tenant, service);
  for (let attempt = 1;; attempt++) {
    try {
      // A stub that has thrown stays broken.
      const stub = bindings.SERVICE_AGGREGATE.getByName(name);
      const told: ToldSeries[] = [];
      for (let after: number | null = 0; after !== null;) {
        const page: TotalsPage = await stub.totals(after);
        for (const series of readTotalsPage(page.bytes, bounds)) {
          told.push(series);
        }
        after = page.next;
      }
      return told;
    } catch (error) {
      if (attempt < OBJECT_ATTEMPTS && isRetryable(error)) continue;
      throw error;
    }
  }
}
