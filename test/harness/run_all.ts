// Everything that has to hold, as `npm test` runs it: format, lint, types, the
// production bundle and all tests. It runs to the end whatever fails.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import { closingLine, countsOfReport, type TestCounts } from "./test_counts.ts";
import { temporaryFolder } from "./temporary_folder.ts";

const CHECKS: readonly (readonly [name: string, ...command: string[]])[] = [
  ["format", "deno", "fmt", "--check", "--quiet"],
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  ["types of the Worker", "tsc", "-p", "."],
  ["types of the local start", "tsc", "-p", "src/local"],
  ["types of the gateway", "tsc", "-p", "src/gateway"],
  ["types of the command line", "tsc", "-p", "src/cli"],
  ["types of the tests", "tsc", "-p", "test"],
  ["types of the tests in workerd", "tsc", "-p", "test/workerd"],
  ["production bundle", "node", "src/local/build.ts"],
];

/**
 * The second needs the machine for itself; its tests wait for the services that
 * they start more than they work.
 */
const SUITES: readonly (readonly string[])[] = [
  ["--project=unit", "--project=workerd"],
  ["--project=e2e", "--maxWorkers=3"],
];

const began = performance.now();
const reports = temporaryFolder();
const counts: TestCounts[] = [];
for (const [name, ...command] of CHECKS) {
  counts.push(await check(name, command));
}
for (const [number, options] of SUITES.entries()) {
  counts.push(await runSuite(options, join(reports, `${number}.json`)));
}

const minutes = ((performance.now() - began) / 60_000).toFixed(1);
const line = closingLine(counts);
process.stdout.write(`\nAll checks and tests took ${minutes} min\n${line}\n`);
process.exitCode = counts.some(({ failed }) => failed > 0) ? 1 : 0;

async function check(
  name: string,
  command: readonly string[],
): Promise<TestCounts> {
  const start = performance.now();
  const isGood = await succeeds(command);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${isGood ? "✓" : "✗"} ${name} (${seconds} s)\n`);
  return { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, skipped: 0 };
}

async function runSuite(
  options: readonly string[],
  report: string,
): Promise<TestCounts> {
  const isGood = await succeeds([
    "vitest",
    "run",
    ...options,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  const text = await readFile(report, "utf8").catch(() => undefined);
  return countsOfReport(text, { isGood });
}

function succeeds([program = "", ...rest]: readonly string[]) {
  return new Promise<boolean>((resolve) => {
    const child = spawn(program, rest, {
      cwd: PROJECT_ROOT,
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.once("error", (error) => {
      console.error(`Cannot run ${program}: ${error.message}`);
      resolve(false);
    });
    child.once("exit", (code) => resolve(code === 0));
  });
}
