import { test } from "vitest";
import { runCrashTest } from "../crash/crash_test_run.ts";

test(
  "startService() through five rounds of kill -9: what was acknowledged is on the map once, and with Tempo",
  async () => {
    // Tempo is in each of its ways once; killed before, during, after, and twice.
    await runCrashTest({ seed: 3, rounds: 5, spans: [150, 300] });
  },
);
