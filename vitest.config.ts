import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** The shop's truth, kill -9 and real browsers take their time. */
const END_TO_END_TIMEOUT_MS = 180_000;
const TIMEOUT_MS = 30_000;
/** How long a condition may take to come true: a busy machine is no fault. */
const POLL = { poll: { timeout: 20_000 } };

const BUNDLED_PACKAGES = [
  "itty-durable",
  "dataloader",
  "drizzle-orm",
  "drizzle-orm/d1",
  "drizzle-orm/sqlite-core",
  "graphql",
  "graphql-yoga",
  "zod/mini",
  "zod-openapi",
];

/** The tests that start the service itself. */
const WHOLE_SERVICE = [
  "test/e2e/**/*_test.ts",
  "test/project/{bundle,npm_start,readme,start}_test.ts",
];

export default defineConfig({
  test: {
    // Otherwise it leaves one core unused, even of two.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*_test.ts"],
          exclude: ["test/workerd/**", ...WHOLE_SERVICE],
          globalSetup: ["./test/harness/temporary_root.ts"],
          // Pure functions: to load them anew for each file takes half the time.
          isolate: false,
          expect: POLL,
          testTimeout: TIMEOUT_MS,
          hookTimeout: TIMEOUT_MS,
        },
      },
      {
        plugins: [cloudflareTest(async () => ({
          wrangler: { configPath: "./wrangler.toml" },
          miniflare: {
            cf: false,
            compatibilityFlags: ["enable_nodejs_inspector_module"],
            bindings: {
              TRACECORE_OPEN: "true",
              LOG_REQUESTS: "none",
              TEST_MIGRATIONS: await readD1Migrations("./migrations"),
            },
          },
        }))],
        test: {
          name: "workerd",
          include: ["test/workerd/**/*_test.ts"],
          setupFiles: ["./test/workerd/apply_migrations.ts"],
          globalSetup: ["./test/harness/scripted_target.ts"],
          expect: POLL,
          testTimeout: TIMEOUT_MS,
          hookTimeout: TIMEOUT_MS,
          // itty-durable is CommonJS that requires modules: it has to be
          // bundled before vitest can load it. The others are bundled once, so
          // that each test file need not load hundreds of modules.
          deps: {
            optimizer: { ssr: { enabled: true, include: BUNDLED_PACKAGES } },
          },
        },
      },
      {
        test: {
          name: "e2e",
          include: WHOLE_SERVICE,
          globalSetup: [
            "./test/harness/temporary_root.ts",
            "./test/harness/build_bundle.ts",
          ],
          expect: POLL,
          testTimeout: END_TO_END_TIMEOUT_MS,
          hookTimeout: END_TO_END_TIMEOUT_MS,
        },
      },
    ],
  },
});
