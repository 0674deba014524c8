// Lets a real Prometheus scrape a service and asks it what Grafana asks, as
// `npm run test:prometheus` does. PROMETHEUS and PROMTOOL say where they are.
import { runPrometheusTest } from "./prometheus_test_run.ts";

try {
  await runPrometheusTest({
    prometheus: process.env["PROMETHEUS"] ?? "prometheus",
    promtool: process.env["PROMTOOL"] ?? "promtool",
    report: (line) => process.stdout.write(`${line}\n`),
  });
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
