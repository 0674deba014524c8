import Table from "cli-table3";
import { printable } from "./printable.ts";
import type { Style } from "./style.ts";

/** A column of a table. */
export interface Column<Row> {
  readonly head: string;
  /** Figures are set to the right. */
  readonly right?: boolean;
  readonly cell: (row: Row) => string;
  /** Paints a cell after it was made printable. */
  readonly paint?: (row: Row, style: Style) => (text: string) => string;
}

const NO_BORDERS = Object.fromEntries(
  [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
    "left-mid",
    "mid",
    "mid-mid",
    "right",
    "right-mid",
  ].map((name) => [name, ""]),
);

/**
 * Rows as a table without borders, a line each.
 *
 * @example
 * ```ts
 * import { styleOf } from "../src/cli/style.ts";
 * import { table } from "../src/cli/table.ts";
 *
 * const columns = [
 *   { head: "SERVICE", cell: ([name]: [string, number]) => name },
 *   { head: "RATE", right: true, cell: ([, rate]: [string, number]) => `${rate}/s` },
 * ];
 * const text = table(columns, [["web", 10], ["checkout", 2]], styleOf(false));
 * expect(text).toBe("SERVICE   RATE\nweb       10/s\ncheckout   2/s\n");
 * ```
 */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: Style,
): string {
  const drawn = new Table({
    head: columns.map(({ head }) => style.dim(head)),
    colAligns: columns.map(({ right }) => right === true ? "right" : "left"),
    chars: { ...NO_BORDERS, middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  drawn.push(...rows.map((row) =>
    columns.map(({ cell, paint }) => {
      const text = printable(cell(row));
      return paint === undefined ? text : paint(row, style)(text);
    })
  ));
  return drawn.toString().split("\n").map((line) => `${line.trimEnd()}\n`)
    .join("");
}
