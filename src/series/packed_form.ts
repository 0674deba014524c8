import type { ByteReader } from "../codec/byte_reader.ts";
import type { EdgeName } from "./hour_series.ts";

/** How one version of a stored hour is read. */
export interface HourForm {
  /** The next name of an edge. */
  readonly name: () => Omit<EdgeName, "connectionType">;
  /** The next column of so many numbers of any kind. */
  readonly numbers: (into: Float64Array, count: number) => void;
  /** The next column of so many rounded figures, as whole steps. */
  readonly steps: (into: Float64Array, count: number) => void;
  /** Steps over such a column; `scratch` may be written to. */
  readonly skipSteps: (scratch: Float64Array, count: number) => void;
}

/** How the version that is written is read. */
export function packedForm(reader: ByteReader): HourForm {
  function column(into: Float64Array, count: number): void {
    reader.packedColumn(into, count);
  }
  return {
    name: () => {
      const [from, to] = [reader.string(), reader.string()];
      const isShort = reader.byte() === 1;
      const id = reader.string();
      return { id: isShort ? sharedId({ from, to }) + id : id, from, to };
    },
    numbers: column,
    steps: column,
    skipSteps: (_, count) => reader.skipColumn(count),
  };
}

/** What the id of an edge begins with, as `edgeId` makes it. */
export function sharedId(
  { from, to }: Pick<EdgeName, "from" | "to">,
): string {
  return `${from}\n${to}\n`;
}
