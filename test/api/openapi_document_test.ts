import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { docsPage } from "../../src/api/docs_page.ts";
import { openApiDocument } from "../../src/api/openapi_document.ts";
import { operations } from "../../src/api/operations.ts";

type Described = Parameters<Validator["validate"]>[0];

const document = openApiDocument(operations, "1.2.3");

test("openApiDocument() is valid OpenAPI 3.1 of every operation", async () => {
  const parsed = JSON.parse(JSON.stringify(document)) as Described;
  const result = await new Validator().validate(parsed);
  expect(result).toMatchObject({ valid: true });
  const described = Object.entries(document.paths ?? {})
    .flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`)
    );
  expect(described.toSorted()).toEqual(Object.keys(operations).toSorted());
});

test("openApiDocument() gives each operation an id of its own", () => {
  const ids = Object.values(operations).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("openApiDocument() gives each schema a name that says what it is", () => {
  const names = Object.keys(document.components?.schemas ?? {});
  expect(names.filter((name) => !/^[A-Z][A-Za-z]+$/.test(name))).toEqual([]);
});

test("openApiDocument() names nothing that it does not hold", () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)]
    .map(([, path = ""]) => path.split("/"));
  expect(references.length).toBeGreaterThan(100);
  for (const path of references) {
    const found = path.reduce<unknown>(
      (at, name) => (at as Record<string, unknown> | undefined)?.[name],
      document,
    );
    expect([path, found]).toEqual([path, expect.any(Object)]);
  }
});

test("docsPage() shows every operation and every schema, and links lead there", async () => {
  const page = String(await docsPage(document));
  const ids = new Set(
    [...page.matchAll(/ id="([^"]+)"/g)].map(([, id = ""]) => id),
  );
  for (const { id } of Object.values(operations)) expect(ids).toContain(id);
  const links = [...page.matchAll(/href="#([^"]+)"/g)]
    .map(([, id = ""]) => id);
  expect(links.filter((id) => !ids.has(id))).toEqual([]);
  expect(page).not.toContain("<script");
});
