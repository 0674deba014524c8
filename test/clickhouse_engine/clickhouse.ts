// Sends spans to ClickHouse's real engine and asks for them again, as
// `npm run test:clickhouse` does. PYTHON says which Python has chdb.
import { runClickHouseTest } from "./clickhouse_test_run.ts";
import { startEngine } from "./start_engine.ts";

try {
  const engine = await startEngine(process.env["PYTHON"] ?? "python3");
  try {
    await runClickHouseTest(
      engine.target,
      (line) => process.stdout.write(`${line}\n`),
    );
  } finally {
    await engine.stop();
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
