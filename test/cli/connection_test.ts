import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectionOf, DEFAULT_URL } from "../../src/cli/connection.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";

const HOME = temporaryFolder();
const FILE_YAML =
  "tracecore:\n  url: https://file.example\n  key: ${FILE_KEY}\n";

test("connectionOf() takes flags before the environment before a file", () => {
  const file = join(temporaryFolder(), "tracecore.yaml");
  writeFileSync(file, FILE_YAML);
  const environment = { HOME, FILE_KEY: "tck_file", TRACECORE_CONFIG: file };
  const inFile = connectionOf({ environment }, {});
  expect(inFile).toEqual({
    url: "https://file.example",
    urlFrom: file,
    key: "tck_file",
    keyFrom: file,
  });
  const set = {
    TRACECORE_URL: "https://env.example",
    TRACECORE_KEY: "tck_env",
  };
  expect(connectionOf({ environment: { ...environment, ...set } }, {}))
    .toMatchObject({ url: "https://env.example", key: "tck_env" });
  const told = { url: "https://flag.example", key: "tck_flag" };
  expect(connectionOf({ environment: { ...environment, ...set } }, told))
    .toEqual({ ...told, urlFrom: "--url", keyFrom: "--key" });
});

test("connectionOf() finds the user's file, where XDG says or in HOME", () => {
  const home = temporaryFolder();
  const folder = join(home, ".config", "tracecore");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "tracecore.yaml"), FILE_YAML);
  const environment = { HOME: home, FILE_KEY: "tck_file" };
  expect(connectionOf({ environment }, {}).url).toBe("https://file.example");
  expect(
    connectionOf({
      environment: {
        HOME,
        XDG_CONFIG_HOME: join(home, ".config"),
        FILE_KEY: "k",
      },
    }, {}).key,
  ).toBe("k");
});

test("connectionOf() means a local start where nothing is said", () => {
  expect(connectionOf({ environment: { HOME, TRACECORE_URL: "" } }, {}))
    .toEqual({
      url: DEFAULT_URL,
      urlFrom: "the default",
      key: null,
      keyFrom: "nowhere",
    });
});

test("connectionOf() says which file is wrong, and where", () => {
  const environment = { HOME };
  expect(() => connectionOf({ environment }, { config: "/no/where.yaml" }))
    .toThrow("Cannot read /no/where.yaml: ENOENT");
  const config = join(temporaryFolder(), "wrong.yaml");
  writeFileSync(config, "tracecore:\n  adress: x\n");
  expect(() => connectionOf({ environment }, { config }))
    .toThrow(`Cannot read ${config}: line 2: "tracecore.adress" is not known`);
});

test.each(["tracecore.example", "ftp://a.example", "http://"])(
  "connectionOf() refuses the URL %s",
  (url) => {
    expect(() => connectionOf({ environment: { HOME } }, { url }))
      .toThrow(`Cannot use ${JSON.stringify(url)} of --url`);
  },
);

test.each(["tck 1", "tck_1\n", "ключ"])(
  "connectionOf() refuses the key %j without repeating it",
  (key) => {
    expect(() =>
      connectionOf({ environment: { HOME, TRACECORE_KEY: key } }, {})
    )
      .toThrow(/^Cannot use the key of TRACECORE_KEY: a key has no spaces/);
  },
);
