import type { JsonCursor } from "../otlp/json_cursor.ts";
import type { WantedKeys } from "../otlp/wanted_keys.ts";
import { readAttributes } from "./json_attributes.ts";
import { eachField } from "./json_fields.ts";
import {
  idOf,
  type Scalar,
  scalarAt,
  textOf,
  uint32Of,
  uint64Of,
} from "./json_scalar_value.ts";
import type { AttributeValue } from "./span.ts";

/**
 * An object of OTLP in JSON, which may be in several places: of a scalar the
 * last counts, attributes are merged. What is missing, null or of a wrong type
 * is as good as "", 0 or empty.
 */
export class JsonObject<Field extends string> {
  readonly attributes = new Map<string, AttributeValue>();
  readonly #scalars = new Map<Field, Scalar>();
  readonly #fields: WantedKeys<Field>;

  /** @param fields Its scalars, "attributes", and what `visits` names. */
  constructor(fields: WantedKeys<Field>) {
    this.#fields = fields;
  }

  /**
   * Adds what comes next.
   *
   * @param visits Step over the fields that are neither scalars nor attributes.
   * @returns Whether it is an object.
   */
  read(
    cursor: JsonCursor,
    visits: Partial<Record<Field, () => void>> = {},
  ): boolean {
    return eachField(cursor, this.#fields, (field) => {
      const visit = visits[field];
      if (visit !== undefined) visit();
      else if (field === "attributes") readAttributes(cursor, this.attributes);
      else this.#scalars.set(field, scalarAt(cursor));
    });
  }

  scalar(field: Field): Scalar {
    return this.#scalars.get(field) ?? null;
  }

  text(field: Field): string {
    return textOf(this.scalar(field));
  }

  id(field: Field): string {
    return idOf(this.scalar(field));
  }

  uint32(field: Field): number {
    return uint32Of(this.scalar(field));
  }

  uint64(field: Field): bigint {
    return uint64Of(this.scalar(field));
  }
}
