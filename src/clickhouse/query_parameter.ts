const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\0", "\\0"],
]);

/**
 * Values of a query that the server fills in itself (`{name:String}` with
 * `param_name=`): no text that somebody asks for is ever part of the SQL.
 *
 * @example
 * ```ts
 * import { QueryParameters } from "../src/clickhouse/query_parameter.ts";
 *
 * const values = new QueryParameters();
 * expect(values.text("it's")).toBe("{p0:String}");
 * expect(values.integer(5n)).toBe("{p1:Int64}");
 * expect(values.parameters).toEqual({ param_p0: "it's", param_p1: "5" });
 * ```
 */
export class QueryParameters {
  readonly #values: Record<string, string> = {};
  #count = 0;

  /** What goes with the query. */
  get parameters(): Readonly<Record<string, string>> {
    return this.#values;
  }

  /** A place for a text. */
  text(value: string): string {
    // The server reads it as it reads a field of TabSeparated.
    const escaped = value.toWellFormed()
      // eslint-disable-next-line no-control-regex
      .replaceAll(/[\\\n\r\t\b\f\0]/g, (char) => ESCAPES.get(char) ?? char);
    return this.#place("String", escaped);
  }

  /** A place for an integer of 64 bits. */
  integer(value: bigint): string {
    return this.#place("Int64", String(value));
  }

  /** A place for a number. */
  float(value: number): string {
    return this.#place("Float64", String(value));
  }

  #place(type: string, value: string): string {
    const name = `p${this.#count++}`;
    this.#values[`param_${name}`] = value;
    return `{${name}:${type}}`;
  }
}
