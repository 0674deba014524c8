#!/usr/bin/env node
// The command line, as `npx tracecore` and `npm run cli --` run it.
import { endWithNpm } from "../local/end_with_parent.ts";
import { runCli } from "./run_cli.ts";
import { processTerminal } from "./terminal.ts";

endWithNpm();

const control = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"] as const) {
  process.once(signal, () => {
    control.abort();
  });
}
// Who reads has seen enough, as `| head` has.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

process.exitCode = await runCli(process.argv.slice(2), {
  terminal: processTerminal(process),
  environment: process.env,
  nowMs: Date.now,
  signal: control.signal,
  exitCode: 0,
});
if (process.connected) process.disconnect();
