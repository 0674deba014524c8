// Measures the store of traces with up to a million spans, as
// `npm run bench:traces` does: minutes, not seconds.
import { printFigures } from "./print_figures.ts";
import { benchTraceStore } from "./trace_store_bench.ts";

printFigures({
  traceStore: await benchTraceStore([10_000, 100_000, 1_000_000]),
});
