import { expect, test } from "vitest";
import { closingLine, countsOfReport } from "./test_counts.ts";

const REPORT = {
  numPassedTests: 7,
  numFailedTests: 2,
  numPendingTests: 1,
  numTodoTests: 1,
};

test("countsOfReport() counts what vitest reports", () => {
  expect(countsOfReport(JSON.stringify(REPORT), { isGood: false }))
    .toEqual({ passed: 7, failed: 2, skipped: 2 });
});

test("countsOfReport() counts a run that fails without a failed test", () => {
  const text = JSON.stringify({ ...REPORT, numFailedTests: 0 });
  expect(countsOfReport(text, { isGood: false }).failed).toBe(1);
  expect(countsOfReport(text, { isGood: true }).failed).toBe(0);
  expect(countsOfReport(undefined, { isGood: true }).failed).toBe(1);
});

test("closingLine() adds up, and names what was skipped", () => {
  const good = { passed: 3, failed: 0, skipped: 0 };
  expect(closingLine([good, good])).toBe("6 passed, 0 failed");
  expect(closingLine([good, { passed: 1, failed: 2, skipped: 4 }]))
    .toBe("4 passed, 2 failed, 4 skipped");
});
