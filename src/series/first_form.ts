import type { ByteReader } from "../codec/byte_reader.ts";
import type { HourForm } from "./packed_form.ts";

/**
 * How the first version is read, of which there are rows as long as minutes
 * are kept: a step is the difference to the one before.
 */
export function firstForm(reader: ByteReader): HourForm {
  return {
    name: () => ({
      id: reader.string(),
      from: reader.string(),
      to: reader.string(),
    }),
    numbers: (into, count) => {
      for (let at = 0; at < count; at++) into[at] = reader.number();
    },
    steps: (into, count) => {
      reader.signedColumn(into, count);
      let sum = 0;
      for (let at = 0; at < count; at++) {
        sum += into[at] ?? 0;
        into[at] = sum;
      }
    },
    skipSteps: (scratch, count) => reader.signedColumn(scratch, count),
  };
}
