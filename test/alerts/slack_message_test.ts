import { expect, test } from "vitest";
import type { Alert } from "../../src/alerts/alert.ts";
import { alertKey } from "../../src/alerts/alert.ts";
import {
  alertMessage,
  alertMessageSchema,
} from "../../src/alerts/alert_message.ts";
import { alertText } from "../../src/alerts/alert_text.ts";
import {
  MAX_SLACK_CANDIDATES,
  MAX_SLACK_REASONS,
  MAX_SLACK_TEXT,
  slackMessage,
} from "../../src/alerts/slack_message.ts";
import type { Candidate } from "../../src/anomaly/anomaly.ts";
import { anomalyOf, NOW_MS } from "../workerd/anomaly/anomaly_of.ts";

function candidateOf(rank: number, other: Partial<Candidate> = {}): Candidate {
  return {
    driftEvent: `drift-${rank}`,
    score: 1 / 2 ** rank,
    rank,
    path: ["aws:sg:sg-1", "shop/cart"],
    lagMs: 60_000,
    reasons: [`reason ${rank}`],
    ...other,
  };
}

function alertOf(other: Partial<Alert> = {}): Alert {
  return {
    type: "anomaly.raised",
    tenant: "default",
    timeMs: NOW_MS,
    anomaly: anomalyOf("cart-slow"),
    candidates: [candidateOf(1)],
    ...other,
  };
}

function texts(alert: Alert): string[] {
  return slackMessage(alert).blocks.map(({ text }) => text.text);
}

test("slackMessage() says what happened, since when, and what may be behind it", () => {
  expect(slackMessage(alertOf()).text)
    .toBe("cart → stock: p95 latency 120 ms → 450 ms since 14:30 UTC");
  expect(texts(alertOf())).toEqual([
    ":rotating_light: *cart → stock: p95 latency 120 ms → 450 ms since " +
    "14:30 UTC*",
    "severity high · anomaly `cart-slow` · trace " +
    "`4bf92f3577b34da6a3ce929d0e0e4736`",
    "Changes that may be behind it:\n" +
    "*1.* `drift-1` (0.50): aws:sg:sg-1 → shop/cart\n> reason 1",
  ]);
});

test("slackMessage() says that an anomaly is over, and no candidates", () => {
  const anomaly = anomalyOf("a", { endedMs: NOW_MS });
  const over = alertOf({ type: "anomaly.ended", anomaly });
  expect(texts(over)[0]).toBe(
    ":white_check_mark: *cart → stock: p95 latency 120 ms → 450 ms from " +
      "14:30 UTC is over after 10 minutes*",
  );
  expect(texts(over)).toHaveLength(2);
});

test("slackMessage() tells no candidate from candidates that are not known yet", () => {
  expect(texts(alertOf({ candidates: [] })).at(-1)).toContain("No change");
  expect(texts(alertOf({ candidates: null })).at(-1))
    .toContain("not known yet");
});

test("slackMessage() names the tenant, and escapes what Slack would read as markup", () => {
  const candidates = [candidateOf(1, { reasons: ["a < b & <!channel>"] })];
  const [what = "", , why = ""] = texts(alertOf({ tenant: "a<b", candidates }));
  expect(what).toContain("[a&lt;b] cart");
  expect(why).toContain("> a &lt; b &amp; &lt;!channel&gt;");
});

test("slackMessage() names MAX_SLACK_CANDIDATES, MAX_SLACK_REASONS of each, in MAX_SLACK_TEXT", () => {
  const reasons = Array.from(
    { length: MAX_SLACK_REASONS + 1 },
    (_, at) => `because-${at}`,
  );
  const candidates = Array.from(
    { length: MAX_SLACK_CANDIDATES + 1 },
    (_, at) => candidateOf(at + 1, { reasons }),
  );
  const why = texts(alertOf({ candidates })).at(-1) ?? "";
  expect(why).toContain(`drift-${MAX_SLACK_CANDIDATES}`);
  expect(why).not.toContain(`drift-${MAX_SLACK_CANDIDATES + 1}`);
  expect(why).toContain(`because-${MAX_SLACK_REASONS - 1}`);
  expect(why).not.toContain(`because-${MAX_SLACK_REASONS}`);
  const frame = texts(
    alertOf({ candidates: [candidateOf(1, { reasons: [""] })] }),
  ).at(-1)?.length ?? 0;
  for (const more of [0, 1]) {
    const long = "&".repeat(1) + "x".repeat(MAX_SLACK_TEXT - frame - 5 + more);
    const text = texts(
      alertOf({ candidates: [candidateOf(1, { reasons: [long] })] }),
    ).at(-1) ?? "";
    expect(text).toHaveLength(MAX_SLACK_TEXT);
    expect(text.endsWith("…")).toBe(more === 1);
  }
  const cut = "x".repeat(MAX_SLACK_TEXT - frame - 3) + "&&&&";
  expect(
    texts(alertOf({ candidates: [candidateOf(1, { reasons: [cut] })] })).at(-1),
  ).toMatch(/x…$/);
});

test("alertMessage() is the anomaly as it is answered, with its sentence", () => {
  const alert = alertOf();
  const message = alertMessageSchema.parse(alertMessage(alert));
  expect(message).toMatchObject({
    type: "anomaly.raised",
    tenant: "default",
    timestamp: new Date(NOW_MS).toISOString(),
    text: alertText(alert),
    anomaly: {
      id: "cart-slow",
      candidates: [{ drift_event: "drift-1", lag: 60e9 }],
    },
  });
});

test("alertText() has the figures of each metric", () => {
  const rate = anomalyOf("a", {
    edge: null,
    metric: "request_rate",
    baseline: 12.345,
    observed: 0,
  });
  expect(alertText(alertOf({ anomaly: rate })))
    .toBe("cart: 12.3 → 0 requests a second since 14:30 UTC");
});

test("alertKey() is the same for the same alert alone", () => {
  const keys = [
    alertOf(),
    alertOf({ timeMs: 5, candidates: null }),
    alertOf({ type: "anomaly.ended" }),
    alertOf({ tenant: "a/b" }),
    alertOf({ anomaly: anomalyOf("ä") }),
  ].map(alertKey);
  expect(new Set(keys).size).toBe(4);
  for (const key of keys) expect(key).toMatch(/^[\x21-\x7e]+$/);
});
