// Measures reading and the whole service, as `npm run bench` does: a table for
// people, then one line of JSON for machines.
import { cpus } from "node:os";
import { benchEndToEnd } from "./end_to_end_bench.ts";
import { benchHotService } from "./hot_service_bench.ts";
import { benchIngest } from "./ingest_bench.ts";
import { benchReading } from "./reading_bench.ts";

const figures = {
  reading: await benchReading(),
  ingest: await benchIngest(),
  endToEnd: await benchEndToEnd(),
  hotService: await benchHotService(),
  machine: {
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    node: process.version,
  },
};

for (const [part, values] of Object.entries(figures)) {
  process.stdout.write(`\n${part}\n`);
  printRows(values);
}
process.stdout.write(`\n${JSON.stringify(figures)}\n`);

function printRows(values: object, prefix = ""): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "object") printRows(value, `${prefix}${name}.`);
    else {
      const label = `${prefix}${name}`.padEnd(32);
      process.stdout.write(`  ${label}${shown(value).padStart(20)}\n`);
    }
  }
}

function shown(value: unknown): string {
  if (typeof value !== "number") return String(value);
  return value.toLocaleString("en", {
    maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0,
  });
}
