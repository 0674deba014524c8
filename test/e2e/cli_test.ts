import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  type TracecoreClient,
  tracecoreClient,
} from "../../src/client/client.ts";
import type { ServiceMap } from "../../src/query/service_map.ts";
import { launchChromium } from "../harness/chromium.ts";
import { type Service, startService } from "../harness/service.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";
import {
  runTracecore,
  startTracecore,
  TRACECORE,
} from "../harness/tracecore_command.ts";

const ADMIN_KEY = "the-key-of-the-operator";
const TRACES = 40;
const WINDOW = ["--start", "10m"];

let service: Service;
let client: TracecoreClient;

beforeAll(async () => {
  service = await startService({ env: { ADMIN_KEY } });
  client = tracecoreClient({ url: service.url, key: ADMIN_KEY });
  await client.call("PUT /api/v1/resources", {
    body: {
      nodes: [{
        id: "aws:sg:sg-123456",
        type: "aws_security_group",
        provider: "aws",
        region: "eu-west-1",
        name: "database",
        metadata: {},
        tags: {},
        created_at: "2026-01-01T00:00:00Z",
        updated_at: "2026-01-01T00:00:00Z",
      }],
      edges: [],
    },
  });
  await client.call("POST /api/v1/drift-events", {
    body: {
      id: "drift-1",
      resource_id: "sg-123456",
      resource_type: "aws_security_group",
      type: "modified",
      timestamp: new Date(Date.now() - 600_000).toISOString(),
      severity: "high",
      source: "test",
    },
  });
  const sent = await tracecore(
    "send",
    "--traces",
    String(TRACES),
    "--errors",
    "0.25",
    "--rate",
    "200",
    "--service",
    "shop",
  );
  expect(sent.stdout).toContain("Sent 40 traces of shop-frontend, 10 of them");
  await vi.waitFor(async () => {
    const { edges } = await client.call("GET /api/v1/servicemap", {
      query: { start: "10m" },
    });
    expect(edges.map((edge) => edge.request_count))
      .toEqual([TRACES, TRACES, TRACES]);
  }, { timeout: 30_000 });
});

afterAll(() => service.stop());

test("services lists what was sent, with its figures", async () => {
  const { stdout } = await tracecore("services", "--start", "10m");
  const [head, api, frontend, ...more] = stdout.trimEnd().split("\n");
  expect(head?.split(/ {2,}/)).toEqual(
    ["SERVICE", "TYPE", "RATE", "ERRORS", "P50", "P95", "P99"],
  );
  expect(api).toMatch(/^shop-api +api +[\d.]+\/s +25% +4\d(\.\d)? ms/);
  expect(frontend).toMatch(
    /^shop-frontend +web +[\d.]+\/s +25% +5\d(\.\d)? ms/,
  );
  expect(more).toEqual([]);
});

test("services NAME shows operations, callers and callees", async () => {
  const { stdout } = await tracecore("services", "shop-api", "--start", "10m");
  expect(stdout).toMatch(/^shop-api \(api\)\n/);
  expect(stdout).toMatch(
    /\nOperations\n.*\nPOST \/orders +server .*\nSELECT +client/,
  );
  expect(stdout).toMatch(/\nCalled by\n.*\nshop-frontend /);
  expect(stdout).toMatch(/\nCalls\n.*\nshop-database /);
});

test("servicemap writes what the API answers, and draws it", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "graph.json");
  const written = await tracecore("servicemap", "--output", file, ...WINDOW);
  expect(written).toEqual({ code: 0, stdout: "", stderr: `Wrote ${file}\n` });
  const answer = await client.call("GET /api/v1/servicemap", {
    query: { start: "10m" },
  });
  expect(lasting(JSON.parse(readFileSync(file, "utf8"))))
    .toEqual(lasting(answer));
  const around = ["--service", "shop-database", "--direction", "up"];
  const { stdout } = await tracecore("servicemap", ...around, ...WINDOW);
  expect(stdout.trimEnd().split("\n")).toHaveLength(2);
  expect(stdout).toMatch(/\nshop-api +shop-database +database /);
  for (const ending of ["dot", "mmd", "graphml"]) {
    const drawn = join(folder, `graph.${ending}`);
    await tracecore("servicemap", "--output", drawn, ...WINDOW);
    expect(readFileSync(drawn, "utf8")).toContain("shop-database");
  }
});

test("a browser reads the GraphML that servicemap writes", async () => {
  const file = join(temporaryFolder(), "graph.graphml");
  await tracecore("servicemap", "--output", file, "--start", "10m");
  const browser = await launchChromium();
  const page = await browser.newPage();
  const read = await page.evaluate((text) => {
    const parsed = new DOMParser().parseFromString(text, "application/xml");
    const attributes = (element: string, name: string) =>
      [...parsed.querySelectorAll(element)].map((one) =>
        one.getAttribute(name)
      );
    return {
      faults: parsed.querySelectorAll("parsererror").length,
      nodes: attributes("node", "id"),
      targets: attributes("edge", "target"),
    };
  }, readFileSync(file, "utf8"));
  await browser.close();
  expect(read).toEqual({
    faults: 0,
    nodes: ["shop-api", "shop-database", "shop-frontend", "user"],
    targets: ["shop-database", "shop-api", "shop-frontend"],
  });
});

test("query finds traces, and trace draws one of them", async () => {
  const found = await tracecore(
    "query",
    "--service",
    "shop-frontend",
    "--start",
    "1h",
    "--limit",
    "100",
    "--json",
  );
  expect(JSON.parse(found.stdout).count).toBe(TRACES);
  const failed = await tracecore(
    "query",
    "--error",
    "--start",
    "24h",
    "--json",
  );
  const { traces } = JSON.parse(failed.stdout);
  expect(traces).toHaveLength(10);
  const table = await tracecore("query", "--error", "--start", "24h");
  expect(table.stdout.trimEnd().split("\n")).toHaveLength(11);
  const { stdout } = await tracecore("trace", traces[0].trace_id);
  expect(stdout).toContain(`Trace ID: ${traces[0].trace_id}\n`);
  expect(stdout).toMatch(/\nshop-frontend GET \/checkout .*█/);
  expect(stdout).toMatch(/\n {6}└─ shop-api SELECT .* ✗ ← SLOW\n/);
  expect(stdout).toContain("Error: connection timeout");
});

test("correlate prints the report's summary as it is", async () => {
  const { summary } = await client.call("GET /api/v1/correlation/drift/{id}", {
    path: { id: "sg-123456" },
    query: { window: "5m" },
  });
  const words = ["correlate", "--drift-event", "sg-123456", "--window", "5m"];
  expect((await tracecore(...words)).stdout).toBe(summary);
  const explained = await tracecore(...words, "--explain");
  expect(explained.stdout).toContain(`${summary}\nVerdict: `);
  const incident = await tracecore("correlate", "--service", "shop-api");
  expect(incident.stdout).toContain("Nothing rose more than chance allows");
});

test("drift, anomalies and resources list and show what is known", async () => {
  expect((await tracecore("drift", "--severity", "high")).stdout)
    .toMatch(
      /\n.* drift-1 +high +modified +\S*sg-123456 +aws_security_group\n$/,
    );
  expect((await tracecore("drift", "drift-1")).stdout)
    .toMatch(/^Event +drift-1\nTime +\d.* UTC\nResource +\S*sg-123456 /);
  expect((await tracecore("anomalies")).stdout)
    .toBe("Nothing was out of the ordinary then.\n");
  expect((await tracecore("resources", "--provider", "aws")).stdout)
    .toMatch(/\naws:sg:sg-123456 +aws_security_group +aws +database\n/);
  expect((await tracecore("resources", "sg-123456")).stdout)
    .toMatch(
      /^aws:sg:sg-123456 database .*\n\nWhat was changed\n.*\n.*drift-1/,
    );
});

test("keys makes, lists, rotates and revokes keys", async () => {
  const made = await tracecore("keys", "create", "reader", "--scope", "read");
  const [text = "", told = ""] = made.stdout.split("\n");
  expect(text).toMatch(/^tck_/);
  const id = /Key (\S+) /.exec(told)?.[1] ?? "";
  const reader = { TRACECORE_URL: service.url, TRACECORE_KEY: text };
  expect((await runTracecore(["services"], reader)).code).toBe(0);
  const refused = await runTracecore(["keys", "list"], reader);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain("Give a key that may");
  expect((await tracecore("keys")).stdout).toMatch(
    / reader +default +read +active/,
  );
  const rotated = await tracecore("keys", "rotate", id, "--overlap", "0s");
  const [next = ""] = rotated.stdout.split("\n");
  expect(next).toMatch(/^tck_/);
  await tracecore("keys", "revoke", id);
  expect((await tracecore("keys", "show", id)).stdout).toMatch(/ revoked /);
  expect((await runTracecore(["services"], reader)).code).toBe(4);
});

test("status and doctor say how the service is", async () => {
  const { stdout } = await tracecore("status");
  expect(stdout).toMatch(/\nSpans taken in +\d+\n/);
  const doctor = await tracecore("doctor");
  expect(doctor.code).toBe(0);
  expect(doctor.stdout.match(/^✓ /gm)).toHaveLength(7);
  const without = await runTracecore(["doctor", "--url", service.url]);
  expect(without.code).toBe(1);
  expect(without.stdout).toContain("✗ key: ");
});

test("watch shows tables until it is told to end", async () => {
  const watching = startTracecore(["watch", "--interval", "0.5s"], {
    TRACECORE_URL: service.url,
    TRACECORE_KEY: ADMIN_KEY,
  });
  await expect.poll(() => watching.stdout().match(/the last 1m/g)?.length, {
    timeout: 20_000,
  }).toBeGreaterThan(1);
  watching.kill("SIGINT");
  expect((await watching.ended).code).toBe(130);
});

test("a configuration says where the service is, and colours can be forced", async () => {
  const config = join(temporaryFolder(), "tracecore.yaml");
  writeFileSync(
    config,
    `tracecore: {url: "${service.url}", key: "\${MY_KEY}"}\n`,
  );
  const words = ["services", "--config", config, "--start", "10m"];
  const plain = await runTracecore(words, { MY_KEY: ADMIN_KEY });
  expect(plain).toMatchObject({ code: 0, stderr: "" });
  expect(plain.stdout).not.toContain("\u001b");
  const forced = { MY_KEY: ADMIN_KEY, FORCE_COLOR: "1" };
  expect((await runTracecore(words, forced)).stdout).toContain(
    "\u001b[1mshop-api",
  );
  expect((await runTracecore(words, { ...forced, NO_COLOR: "1" })).stdout)
    .not.toContain("\u001b");
});

test("exit codes tell apart what went wrong", async () => {
  const codes = await Promise.all([
    tracecore("trace", "abc"),
    tracecore("trace", "no-id"),
    tracecore("services", "--start", "yesterday"),
    runTracecore(["services", "--url", service.url, "--key", "tck_wrong"]),
    runTracecore(["services", "--url", "http://127.0.0.1:1"]),
  ]);
  expect(codes.map(({ code }) => code)).toEqual([3, 2, 2, 4, 5]);
  for (const { stdout, stderr } of codes) {
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^tracecore: \S/);
  }
});

test("a reader that has seen enough ends the command quietly", async () => {
  const child = spawn(
    "sh",
    [
      "-c",
      `"${process.execPath}" "${TRACECORE}" query --json --limit 500 | head -1`,
    ],
    {
      env: {
        PATH: process.env["PATH"],
        TRACECORE_URL: service.url,
        TRACECORE_KEY: ADMIN_KEY,
      },
    },
  );
  let output = "";
  child.stdout.on("data", (text) => output += String(text));
  child.stderr.on("data", (text) => output += String(text));
  await new Promise((resolve) => child.once("close", resolve));
  expect(output).toBe("{\n");
});

function tracecore(...words: readonly string[]) {
  return runTracecore(words, {
    TRACECORE_URL: service.url,
    TRACECORE_KEY: ADMIN_KEY,
  });
}

/** What of a map does not depend on when it was asked for. */
function lasting({ nodes, edges }: ServiceMap) {
  return {
    nodes: nodes.map(({ id, type, metadata }) => ({
      id,
      type,
      requests: metadata.request_count,
    })),
    edges: edges.map((edge) => ({
      from: edge.from_id,
      to: edge.to_id,
      requests: edge.request_count,
      errors: edge.error_count,
      p95: edge.latency_p95,
      traces: edge.sample_traces,
    })),
  };
}
