/** How many tests ended how. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The parts of vitest's JSON report that are counted. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

/**
 * Counts what vitest reports. A run that fails without a failed test (a file
 * that cannot be loaded, no report at all) counts as one.
 */
export function countsOfReport(
  text: string | undefined,
  { isGood }: { readonly isGood: boolean },
): TestCounts {
  if (text === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(text) as Report;
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, isGood ? 0 : 1),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** The sum as a line, such as "12 passed, 0 failed". */
export function closingLine(counts: readonly TestCounts[]): string {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of counts) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
  const line = `${sum.passed} passed, ${sum.failed} failed`;
  return sum.skipped === 0 ? line : `${line}, ${sum.skipped} skipped`;
}
