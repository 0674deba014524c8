import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One node in one row of five minutes. */
export interface PetshopCell {
  readonly requests: number;
  /** Mean latency, s; NaN where it is missing. */
  readonly latency: number;
  /** Failed requests. */
  readonly failed: number;
}

/** By node. */
export type PetshopRow = ReadonlyMap<string, PetshopCell>;

/** An incident and its truth. */
export interface PetshopIncident {
  readonly name: string;
  readonly rows: readonly PetshopRow[];
  readonly symptom: string;
  readonly root: string;
}

/** One of the data set's scenarios. */
export interface PetshopScenario {
  readonly name: string;
  readonly calls: readonly { readonly from: string; readonly to: string }[];
  readonly quiet: readonly PetshopRow[];
  readonly incidents: readonly PetshopIncident[];
}

/**
 * Reads PetShop's incidents (Amazon, CC BY 4.0).
 *
 * @param folder Holds a folder for each scenario, as the data set does.
 */
export function readPetshop(folder: string): PetshopScenario[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const path = join(folder, name);
      const train = join(path, "train");
      return {
        name,
        calls: readCalls(join(path, "graph.csv")),
        quiet: readRows(join(path, "noissue", "metrics.csv")),
        incidents: readdirSync(train).toSorted().map((issue) => {
          const { target, root_cause: root } = JSON.parse(
            readFileSync(join(train, issue, "target.json"), "utf8"),
          ) as { target: { node: string }; root_cause: { node: string } };
          return {
            name: issue,
            rows: readRows(join(train, issue, "metrics.csv")),
            symptom: target.node,
            root: root.node,
          };
        }),
      };
    });
}

function lines(path: string): string[][] {
  return readFileSync(path, "utf8").trimEnd().split("\n")
    .map((line) => line.replace("\r", "").split(","));
}

function readCalls(path: string): PetshopScenario["calls"] {
  const [head = [], ...rows] = lines(path);
  return rows.flatMap(([from = "", ...cells]) =>
    cells.flatMap((cell, at) =>
      Number(cell) > 0 ? [{ from, to: head[at + 1] ?? "" }] : []
    )
  );
}

function readRows(path: string): PetshopRow[] {
  const [nodes = [], metrics = [], statistics = [], ...rows] = lines(path);
  return rows.filter(([time]) => Number(time) > 0).map((cells) => {
    const figures = new Map<string, Map<string, number>>();
    nodes.forEach((node, at) => {
      if (at === 0) return;
      const cell = cells[at] ?? "";
      const known = figures.get(node) ?? new Map<string, number>();
      figures.set(node, known);
      known.set(
        `${metrics[at]} ${statistics[at]}`,
        cell === "" ? Number.NaN : Number(cell),
      );
    });
    return new Map(
      Array.from(figures, ([node, known]): [string, PetshopCell] => {
        const sum = known.get("requests Sum") ?? 0;
        const requests = Number.isNaN(sum) ? 0 : sum;
        const available = known.get("availability Average") ?? Number.NaN;
        return [node, {
          requests,
          latency: known.get("latency Average") ?? Number.NaN,
          failed: Number.isNaN(available)
            ? 0
            : requests * (1 - available / 100),
        }];
      }),
    );
  });
}
