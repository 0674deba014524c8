import { expect, test } from "vitest";
import * as z from "zod/mini";
import { jsonBody, MAX_BODY_PROBLEMS } from "../../../src/admin/json_body.ts";
import { HttpProblem } from "../../../src/http/http_problem.ts";

/** How many problems are named of a body with so many wrong fields. */
async function named(wrong: number): Promise<number | undefined> {
  const fields = Object.fromEntries(
    Array.from({ length: wrong }, (_, at) => [`field${at}`, at]),
  );
  const request = new Request("http://localhost/", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fields),
  });
  const schema = z.strictObject(
    Object.fromEntries(Object.keys(fields).map((name) => [name, z.string()])),
  );
  try {
    await jsonBody(request, schema);
  } catch (error) {
    if (error instanceof HttpProblem) return error.details?.length;
    throw error;
  }
  return 0;
}

test("jsonBody() names MAX_BODY_PROBLEMS wrong fields, and no more", async () => {
  expect(await named(MAX_BODY_PROBLEMS)).toBe(MAX_BODY_PROBLEMS);
  expect(await named(MAX_BODY_PROBLEMS + 1)).toBe(MAX_BODY_PROBLEMS);
});

test("jsonBody() reads a request without a body as one of no fields", async () => {
  const schema = z.strictObject({ name: z.optional(z.string()) });
  const bodyless = new Request("http://localhost/", { method: "POST" });
  expect(await jsonBody(bodyless, schema)).toEqual({});
  const empty = { method: "POST", body: "" };
  expect(await jsonBody(new Request("http://localhost/", empty), schema))
    .toEqual({});
  const some = new Request("http://localhost/", { method: "POST", body: " " });
  await expect(jsonBody(some, schema)).rejects.toMatchObject({ status: 415 });
});
