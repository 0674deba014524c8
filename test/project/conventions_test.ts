import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";

const files = globSync(
  ["src/**/*", "durable-objects/**/*", "test/**/*", "proto/*.ts"],
  { cwd: PROJECT_ROOT, withFileTypes: true },
)
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => path.slice(PROJECT_ROOT.length + 1));
const sources = files.filter((file) => file.endsWith(".ts"))
  .map((file) => ({
    file,
    text: readFileSync(join(PROJECT_ROOT, file), "utf8"),
  }));

test("every file has a name in snake_case", () => {
  expect(sources.length).toBeGreaterThan(50);
  const odd = files.filter((file) =>
    !/^[a-z0-9]+(_[a-z0-9]+)*(\.[a-z]+)+$/.test(basename(file))
  );
  expect(odd).toEqual([]);
});

test("no file is an index, a module of everything or a bag of helpers", () => {
  const bags = files.filter((file) =>
    /^(index|mod|utils?|helpers?|common|misc)\.ts$/.test(basename(file))
  );
  expect(bags).toEqual([]);
  expect(matching(/^export \* /m)).toEqual([]);
});

test("every file with tests is called _test.ts, and holds tests", () => {
  const withTests = sources
    .filter(({ text }) => /^\s*(test|it)(\.\w+)*[(<]/m.test(text))
    .map(({ file }) => file);
  const called = sources.map(({ file }) => file)
    .filter((file) => file.endsWith("_test.ts"));
  expect(withTests.toSorted()).toEqual(called.toSorted());
  expect(called.filter((file) => !file.startsWith("test/"))).toEqual([]);
});

test("every function at the top of a file is declared as one", () => {
  const arrow =
    /^(export )?(const|let) \w+(: [^=\n]+)? = (async )?(\([^()]*\)|\w+)(: [^=\n]+)? =>/m;
  expect(matching(arrow)).toEqual([]);
});

test("nothing is left to do, switched off or left out", () => {
  const leftOver =
    /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck)|\b(test|it|describe)\.(only|skip|todo)\b/;
  expect(matching(leftOver, { except: "test/project/" })).toEqual([]);
});

test("no source names a machine's paths or a registry", () => {
  const machine = /["'`\s](\/(home|Users|root|work)\/)|registry\.npmjs/;
  expect(matching(machine, { except: "test/project/" })).toEqual([]);
});

test("every package is pinned to one version", () => {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(PROJECT_ROOT, "package.json"), "utf8"),
  );
  const loose = Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^\d/.test(String(version)));
  expect(loose).toEqual([]);
});

test("package-lock.json has the packages of every platform", () => {
  const { packages } = JSON.parse(
    readFileSync(join(PROJECT_ROOT, "package-lock.json"), "utf8"),
  ) as { packages: Record<string, Record<string, object>> };
  const names = Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies)
    );
  const locked = new Set(
    Object.keys(packages).map((path) => path.split("node_modules/").at(-1)),
  );
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !locked.has(name))).toEqual([]);
});

function matching(
  pattern: RegExp,
  { except }: { readonly except?: string } = {},
): string[] {
  return sources
    .filter(({ file, text }) =>
      pattern.test(text) && (except === undefined || !file.startsWith(except))
    )
    .map(({ file }) => file);
}
