import { postDemoTraffic } from "./demo_traffic.ts";

const DEFAULT_URL = "http://127.0.0.1:4318";

const url = process.env["TRACECORE_URL"] || DEFAULT_URL;
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => stop.abort());
}

if (URL.canParse(url)) {
  await postDemoTraffic(url, {
    signal: stop.signal,
    print: (line) => process.stdout.write(`${line}\n`),
  });
} else {
  process.stderr.write(
    `Cannot use TRACECORE_URL "${url}": it has to be a URL such as ${DEFAULT_URL}\n`,
  );
  process.exitCode = 1;
}
