import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { beforeAll, expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import {
  productionBundle,
  QUIET_WRANGLER,
} from "../../src/local/production_bundle.ts";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import { startService } from "../harness/service.ts";
import { encodeBatch } from "../truth/export_batch.ts";
import { makeSpan } from "../truth/make_span.ts";
import { postBatch } from "../truth/post_batches.ts";

/**
 * The most that the bundle may have, bytes: Workers allow 64 MiB, and 3 MB
 * compressed. A seventh of it reads and writes whole spans for answers; a
 * third is GraphQL: its parser, validation, executor and server, and what lets
 * it load when it is first asked for; a fiftieth tells listeners what changes.
 */
const MAX_BUNDLE_BYTES = 3 * 1024 * 1024;
/** What Workers allow the code outside of requests to take, ms. */
const MAX_STARTUP_MS = 1000;
const STARTS = 3;

let code: string;
beforeAll(async () => {
  code = await readFile(await productionBundle(), "utf8");
});

test("the production bundle has at most 3 MiB", () => {
  expect(code.length).toBeGreaterThan(100_000);
  expect(new TextEncoder().encode(code).length)
    .toBeLessThanOrEqual(MAX_BUNDLE_BYTES);
});

test("the production bundle makes no code from text", () => {
  expect(code).not.toMatch(/\beval\s*\(/);
  expect(code).not.toMatch(/\bnew\s+Function\b/);
  expect(code).not.toMatch(/(?<![.\w])Function\s*\(\s*["'`]/);
});

test("the production bundle imports from the platform alone", () => {
  const imported = [...code.matchAll(/^import .*?from "([^"]+)";$/gm)]
    .map(([, name]) => name);
  expect(new Set(imported)).toEqual(new Set(["cloudflare:workers"]));
  // Two packages ask a `process` for a module where there is one: not here.
  const asked = /\.getBuiltinModule(\?\.)?\("node:\w+"\)/g;
  expect(code.replaceAll(asked, "")).not.toMatch(/["']node:\w/);
  expect(code).not.toMatch(/(?<![.\w])import\s*\(/);
});

test("the production bundle takes less than a second to start, beyond what workerd takes by itself", async () => {
  const times = { bundle: Infinity, nothing: Infinity };
  for (let start = 0; start < STARTS; start++) {
    times.bundle = Math.min(times.bundle, await startMs(code));
    times.nothing = Math.min(
      times.nothing,
      await startMs("export default {};"),
    );
  }
  expect(times.bundle - times.nothing).toBeLessThan(MAX_STARTUP_MS);
});

async function startMs(worker: string): Promise<number> {
  const miniflare = workerd(worker);
  const began = performance.now();
  await miniflare.ready;
  const took = performance.now() - began;
  await miniflare.dispose();
  return took;
}

test("workerd refuses to make code from text in a request", async () => {
  const miniflare = workerd(`
    export default {
      fetch() {
        try {
          return new Response(new Function("return 'made'")());
        } catch (error) {
          return new Response(error.name);
        }
      },
    };
  `);
  const response = await miniflare.dispatchFetch("http://localhost/");
  expect(await response.text()).toBe("EvalError");
  await miniflare.dispose();
});

test("the production bundle takes and answers requests under workerd's rules", async () => {
  const service = await startService();
  try {
    const random = new SeededRandom(1);
    const caller = makeSpan(random, {
      service: "caller",
      kind: SpanKind.CLIENT,
    });
    const callee = makeSpan(random, {
      service: "callee",
      kind: SpanKind.SERVER,
      parent: caller,
    });
    for (const [span, json] of [[caller, false], [callee, true]] as const) {
      const batch = encodeBatch([span], { json, gzipped: json });
      expect(await postBatch(service.url, batch)).toBeUndefined();
    }
    for (
      const path of [
        "/health",
        "/api/v1/status",
        "/api/v1/servicemap",
        "/api/v1/services",
        "/api/v1/services/caller",
        "/api/v1/diagnostics",
        "/graphql?query={services{name,operations{count}}}",
      ]
    ) {
      const response = await fetch(service.url + path);
      expect([path, response.status]).toEqual([path, 200]);
      await response.body?.cancel();
    }
    expect(service.output()).not.toContain("EvalError");
    expect(service.errors()).toBe("");
  } finally {
    await service.stop();
  }
});

test("wrangler deploy --dry-run builds the bundle without a network", async () => {
  const nowhere = "http://127.0.0.1:9";
  const outdir = await mkdtemp(join(PROJECT_ROOT, "dist/dry-run-"));
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        join(PROJECT_ROOT, "node_modules/wrangler/bin/wrangler.js"),
        "deploy",
        "--dry-run",
        "--outdir",
        outdir,
      ],
      {
        cwd: PROJECT_ROOT,
        env: {
          ...process.env,
          ...QUIET_WRANGLER,
          HTTP_PROXY: nowhere,
          HTTPS_PROXY: nowhere,
        },
      },
    );
    expect(stdout).toContain("--dry-run: exiting now.");
    for (const binding of ["TRACE_SHARD", "SERVICE_AGGREGATE", "DB"]) {
      expect(stdout).toContain(`env.${binding}`);
    }
    const again = await readFile(join(outdir, "worker.js"), "utf8");
    expect(code.startsWith(again)).toBe(true);
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
});

/** As a local start makes it, with nothing allowed beyond production. */
function workerd(contents: string): Miniflare {
  return new Miniflare(convertV4MiniflareOptions({
    name: "tracecore",
    cf: false,
    telemetry: { enabled: false },
    compatibilityDate: "2026-11-01",
    compatibilityFlags: ["no_nodejs_compat", "no_nodejs_compat_v2"],
    modules: [{ type: "ESModule", path: "worker.js", contents }],
  }));
}
