// Measures reading and the whole service, as `npm run bench` does: a table for
// people, then one line of JSON for machines.
import { cpus } from "node:os";
import { benchEndToEnd } from "./end_to_end_bench.ts";
import { benchHotService } from "./hot_service_bench.ts";
import { benchIngest } from "./ingest_bench.ts";
import { printFigures } from "./print_figures.ts";
import { benchReading } from "./reading_bench.ts";
import { benchTraceStore } from "./trace_store_bench.ts";

const figures = {
  reading: await benchReading(),
  ingest: await benchIngest(),
  endToEnd: await benchEndToEnd(),
  hotService: await benchHotService(),
  traceStore: await benchTraceStore([10_000, 100_000]),
  machine: {
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    node: process.version,
  },
};

printFigures(figures);
