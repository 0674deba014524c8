import { expect, test } from "vitest";
import { MIN_SIGNING_SECRET_LENGTH } from "../../src/outbox/json_target_fields.ts";
import { JSON_TARGETS } from "../../src/outbox/json_target.ts";
import { targetNames } from "../../src/outbox/target_names.ts";
import { readSettings, SettingsError } from "../../src/settings.ts";

test("readSettings() reads the targets that take JSON", () => {
  const settings = readSettings({
    TEMPO_URL: "http://tempo:4318",
    ENGINE_URL: "http://airdig-engine:8080/traces",
    WEBHOOK_URL: "https://alerts.example/a?b=c#d",
    WEBHOOK_SECRET: "s".repeat(MIN_SIGNING_SECRET_LENGTH),
    SLACK_WEBHOOK_URL: "https://hooks.slack.com/services/T/B/x",
  });
  expect(settings.jsonTargets).toEqual([
    {
      name: "engine",
      url: "http://airdig-engine:8080/traces",
      headers: {},
      secret: null,
    },
    {
      name: "webhook",
      url: "https://alerts.example/a?b=c",
      headers: {},
      secret: "s".repeat(MIN_SIGNING_SECRET_LENGTH),
    },
    {
      name: "slack",
      url: "https://hooks.slack.com/services/T/B/x",
      headers: {},
      secret: null,
    },
  ]);
  expect(targetNames(settings)).toEqual(["tempo", ...JSON_TARGETS]);
});

test.for(
  [
    [{ ENGINE_API_KEY: "a-key-of-it" }, "ENGINE_API_KEY: its value needs"],
    [
      { WEBHOOK_SECRET: "s".repeat(MIN_SIGNING_SECRET_LENGTH) },
      "WEBHOOK_SECRET: its value needs",
    ],
    [{
      WEBHOOK_URL: "http://a",
      WEBHOOK_SECRET: "s".repeat(MIN_SIGNING_SECRET_LENGTH - 1),
    }, "at least 16"],
    [
      { SLACK_WEBHOOK_URL: "hooks.slack.com/x" },
      "SLACK_WEBHOOK_URL: its value",
    ],
    [{ ENGINE_URL: "http://user:secret@engine" }, "without a user"],
    [{ WEBHOOK_URL: "ftp://a" }, "must be an http or https URL"],
    [{ OTLP_TARGETS: '[{"name":"slack","url":"http://a"}]' }, "none of tempo"],
  ] as const,
)("readSettings() refuses %j", ([variables, problem]) => {
  expect(() => readSettings(variables)).toThrow(SettingsError);
  expect(() => readSettings(variables)).toThrow(problem);
  expect(() => readSettings(variables)).not.toThrow("secret@");
});
