import { expect, test } from "vitest";
import { announcement } from "../../src/local/announcement.ts";
import { readSettings } from "../../src/settings.ts";

const URL_OF_START = "http://127.0.0.1:4318";

test("announcement() leaves out what is configured", () => {
  const text = announce({ TEMPO_URL: "http://127.0.0.1:9" });
  expect(text).not.toContain("Not configured");
  expect(text).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${URL_OF_START}\n`);
  expect(text).toContain("OTLP/gRPC       http://127.0.0.1:4317\n");
});

test("announcement() tells how a closed service is reached", () => {
  const key = "a-key-of-enough-characters";
  expect(announce({})).toContain("refused: set ADMIN_KEY");
  const keyed = announce({ ADMIN_KEY: key });
  expect(keyed).toContain("with a key: ADMIN_KEY is set");
  expect(keyed).toContain("OTEL_EXPORTER_OTLP_HEADERS=");
  expect(keyed).not.toContain(key);
});

test("announcement() says when no key is asked for", () => {
  const text = announce({ TRACECORE_OPEN: "true" });
  expect(text).toContain("open: no key is asked for");
  expect(text).not.toContain("OTEL_EXPORTER_OTLP_HEADERS");
});

function announce(variables: Readonly<Record<string, string>>): string {
  return announcement({
    url: URL_OF_START,
    grpcUrl: "http://127.0.0.1:4317",
    settings: readSettings(variables),
    dataFolder: "/data",
  });
}
