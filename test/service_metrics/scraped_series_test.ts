import { expect, test } from "vitest";
import { virtualNode } from "../../src/map/node_identity.ts";
import { OVERFLOW_NAME } from "../../src/map/window_entries.ts";
import { DEFAULT_GRAPH_BOUNDS } from "../../src/service_metrics/bucket_bounds.ts";
import { COUNT_UNITS } from "../../src/service_metrics/bucket_counts.ts";
import {
  MAX_SCRAPED_EDGES,
  MAX_SCRAPED_OPERATIONS,
  ScrapeBook,
  type Scraped,
} from "../../src/service_metrics/scraped_series.ts";
import { serviceMetrics } from "../../src/service_metrics/service_metrics.ts";
import { IDLE_SERIES_S } from "../../src/service_metrics/service_totals.ts";
import { exposition } from "../../src/telemetry/exposition.ts";
import { parseExposition } from "../telemetry/parse_exposition.ts";
import { edgeKey, operationKey, told } from "./known_series.ts";

const NOW_S = 1000;
const web = virtualNode("web");
const cart = virtualNode("cart");

function names({ edges }: Scraped): string[] {
  return edges.map(({ key }) => `${key.client}>${key.server}`);
}

test("ScrapeBook adds up services that have the same labels", () => {
  const book = new ScrapeBook(NOW_S);
  for (const environment of ["test", "production"]) {
    book.add({ ...web, environment }, [
      told(edgeKey("web", "cart"), 2),
      told(operationKey("GET /"), 3),
      told({ sort: "spans" }, 1),
    ]);
  }
  const { edges, operations, services } = book.finish();
  expect(edges.map(({ values }) => values[0])).toEqual([4]);
  expect(operations.map(({ values }) => values[0])).toEqual([6]);
  expect(services.map(({ values }) => values[0])).toEqual([2]);
});

test("ScrapeBook leaves out what a service without an answer may be a part of", () => {
  const book = new ScrapeBook(NOW_S);
  book.add(web, [
    told(edgeKey("web", "cart"), 1),
    told(edgeKey("web", "cart", "virtual_node"), 1),
    told(edgeKey("web", OVERFLOW_NAME, "virtual_node"), 1),
    told(edgeKey("web", "db", "database"), 1),
    told(edgeKey("web", "mail", "virtual_node"), 1),
    told(edgeKey(OVERFLOW_NAME, OVERFLOW_NAME, "virtual_node"), 1),
    told(operationKey("GET /"), 1),
  ]);
  // Another environment of it.
  book.add({ ...cart, environment: "test" }, [
    told(edgeKey("cart", "db"), 1),
    told(operationKey("GET /cart"), 1),
    told({ sort: "spans" }, 1),
  ]);
  book.miss(cart);
  const scraped = book.finish();
  expect(names(scraped)).toEqual(["web>cart", "web>db", "web>mail"]);
  expect(scraped.edges[0]?.key.connectionType).toBe("");
  expect(scraped.operations.map(({ key }) => key.service)).toEqual(["web"]);
  expect(scraped.services).toEqual([]);
  expect([scraped.answered, scraped.unanswered]).toEqual([2, 1]);
});

test("ScrapeBook has MAX_SCRAPED_EDGES and MAX_SCRAPED_OPERATIONS, the same each time, and counts the others", () => {
  function scrape(more: number): Scraped {
    const book = new ScrapeBook(NOW_S);
    book.add(web, [
      ...Array.from(
        { length: MAX_SCRAPED_EDGES + more },
        (_, at) => told(edgeKey("web", `to ${at}`), COUNT_UNITS),
      ),
      ...Array.from(
        { length: MAX_SCRAPED_OPERATIONS + more },
        (_, at) => told(operationKey(`GET /${at}`), COUNT_UNITS),
      ),
    ]);
    // What is told already is added to, however full it is.
    book.add({ ...web, environment: "test" }, [
      told(edgeKey("web", "to 0"), COUNT_UNITS),
    ]);
    return book.finish();
  }
  const exact = scrape(0);
  const more = scrape(1);
  expect(exact.leftOut).toEqual({ edges: 0, operations: 0 });
  expect(more.leftOut).toEqual({ edges: 1, operations: 1 });
  expect(names(more)).toEqual(names(exact));
  expect(more.edges.length).toBe(MAX_SCRAPED_EDGES);
  expect(more.operations.length).toBe(MAX_SCRAPED_OPERATIONS);
  expect(more.edges[0]?.values[0]).toBe(2 * COUNT_UNITS);
  const text = exposition(serviceMetrics(more, DEFAULT_GRAPH_BOUNDS), "text");
  expect([
    ...parseExposition(text, "text").get("tracecore_scraped_series_left_out")
      ?.samples.values() ?? [],
  ]).toEqual([1, 1]);
});

test("ScrapeBook tells what is idle only as a part of what is not", () => {
  const book = new ScrapeBook(NOW_S + IDLE_SERIES_S);
  const idle = NOW_S - 1;
  for (const lastS of [idle, NOW_S]) {
    book.add({ ...web, environment: String(lastS) }, [
      told(edgeKey("web", "cart"), 1, lastS),
      told(edgeKey("web", "pay"), 1, NOW_S + idle - lastS),
      told(edgeKey("web", "mail"), 1, idle),
    ]);
  }
  const { edges } = book.finish();
  expect(new Map(edges.map(({ key, values }) => [key.server, values[0]])))
    .toEqual(new Map([["cart", 2], ["pay", 2]]));
});
