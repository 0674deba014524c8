import { expect, test } from "vitest";
import {
  HUB_NEIGHBOURS,
  MAX_HOPS,
  MAX_REACHED_RESOURCES,
  reachedResources,
  reachedServices,
  resourceGraph,
} from "../../src/correlation/blast_radius.ts";

test("reachedResources() goes MAX_HOPS hops either way, not one more", () => {
  const chain = resourceGraph([
    { from: "r1", to: "r0" },
    { from: "r1", to: "r2" },
    { from: "r3", to: "r2" },
    { from: "r3", to: "r4" },
    { from: "r0", to: "r0" },
  ]);
  const reached = reachedResources(chain, ["r0"]);
  expect(reached.map(({ id }) => id)).toEqual(["r0", "r1", "r2", "r3"]);
  expect(reached.at(-1)?.distance).toBe(MAX_HOPS);
  expect(reachedResources(chain, ["unknown"])).toHaveLength(1);
});

test("reachedResources() weighs what lies behind a hub less", () => {
  function behind(neighbours: number): number | undefined {
    const links = Array.from({ length: neighbours - 1 }, (_, at) => ({
      from: "vpc",
      to: `i-${at}`,
    }));
    const graph = resourceGraph([...links, { from: "sg", to: "vpc" }]);
    return reachedResources(graph, ["sg"]).at(-1)?.weight;
  }
  expect(behind(HUB_NEIGHBOURS)).toBe(1);
  expect(behind(HUB_NEIGHBOURS + 1)).toBeLessThan(1);
  expect(behind(MAX_REACHED_RESOURCES + 1)).toBeLessThan(0.01);
});

test("reachedResources() stops at MAX_REACHED_RESOURCES", () => {
  function reached(neighbours: number): number {
    const links = Array.from({ length: neighbours }, (_, at) => ({
      from: "vpc",
      to: `i-${at}`,
    }));
    return reachedResources(resourceGraph(links), ["vpc"]).length;
  }
  expect(reached(MAX_REACHED_RESOURCES - 1)).toBe(MAX_REACHED_RESOURCES);
  expect(reached(MAX_REACHED_RESOURCES)).toBe(MAX_REACHED_RESOURCES);
});

test("reachedServices() names each service once, by its weightiest resource", () => {
  const resources = reachedResources(
    resourceGraph([{ from: "sg", to: "i-1" }]),
    ["sg"],
  );
  const services = reachedServices(resources, [
    { resourceId: "i-1", service: "cart", confidence: 0.5 },
    { resourceId: "sg", service: "cart", confidence: 0.9 },
    { resourceId: "i-1", service: "shop", confidence: 1 },
    { resourceId: "i-2", service: "mail", confidence: 1 },
  ]);
  expect(
    services.map(({ service, weight, resource }) => [
      service,
      weight,
      resource.id,
    ]),
  ).toEqual([["shop", 1, "i-1"], ["cart", 0.9, "sg"]]);
});

test("reachedResources() takes what a change is known to reach for neighbours", () => {
  const graph = resourceGraph([{ from: "b", to: "c" }]);
  expect(
    reachedResources(graph, ["a", "b"]).map(({ id, distance }) => [
      id,
      distance,
    ]),
  ).toEqual([["a", 0], ["b", 1], ["c", 2]]);
  expect(reachedResources(graph, [])).toEqual([]);
});
