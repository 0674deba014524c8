import { expect, test } from "vitest";
import {
  classifyStatus,
  type OutcomeKind,
} from "../../src/outbox/classify_answer.ts";

const KINDS: readonly (readonly [OutcomeKind, readonly number[]])[] = [
  ["delivered", [200, 202, 204, 299]],
  ["away", [408, 429, 502, 503, 504]],
  ["misconfigured", [301, 302, 307, 308, 399, 401, 403, 404, 405]],
  ["never", [400, 402, 406, 409, 413, 415, 422, 499]],
  ["doubtful", [500, 501, 505, 507, 599]],
];

test.each(KINDS)("classifyStatus() is %s for %j", (kind, statuses) => {
  expect(statuses.map(classifyStatus)).toEqual(statuses.map(() => kind));
});
