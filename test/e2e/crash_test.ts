import { test } from "vitest";
import { runCrashTest } from "../crash/crash_test_run.ts";

test(
  "startService() through five rounds of kill -9: what was acknowledged is on the map once, and with Tempo",
  async () => {
    await runCrashTest({ seed: 4, rounds: 5 });
  },
);
