import { Validator } from "@cfworker/json-schema";
import { expect } from "vitest";
import * as z from "zod/mini";
import { errorSchema } from "../../../src/http/error_schema.ts";
import { listenTo } from "../live/live_listener.ts";
import type { OpenApiDocument } from "../../../src/api/openapi_document.ts";
import type { Operation } from "../../../src/api/operation.ts";

/** An answer as the document describes it. */
interface DescribedResponse {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

/** Checks answers against the document that is served. */
export class AnswerCheck {
  readonly #document: OpenApiDocument;

  constructor(document: OpenApiDocument) {
    this.#document = document;
  }

  /** `200 application/json` and so on: all that an operation may answer. */
  documented(key: string): string[] {
    return Object.entries(this.#responses(key)).flatMap(
      ([status, response]) => {
        const types = Object.keys(this.#resolved(response).content ?? {});
        return types.length === 0
          ? [status]
          : types.map((type) => `${status} ${type}`);
      },
    ).toSorted();
  }

  /**
   * Compares an answer with the schema of its status and type in the document,
   * and with the one of the operation.
   *
   * @returns What it was, as `documented` has it.
   */
  async check(
    key: string,
    operation: Operation,
    answer: Response,
  ): Promise<string> {
    const { status } = answer;
    const described = this.#responses(key)[status];
    if (described === undefined) {
      return expect.unreachable(
        `${key} answers ${status}, which is not documented: ` +
          await answer.text(),
      );
    }
    const { content = {}, headers = {} } = this.#resolved(described);
    const missing = Object.keys(headers)
      .filter((name) => !answer.headers.has(name));
    expect([key, status, missing]).toEqual([key, status, []]);
    const given = answer.headers.get("content-type")?.split(";")[0] ?? "";
    const types = Object.keys(content);
    if (types.length === 0) {
      expect([key, status, await answer.text()]).toEqual([key, status, ""]);
      return String(status);
    }
    expect(types, `${key} answers ${status} as ${given}`).toContain(given);
    if ("Retry-After" in headers) {
      expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    }
    const own = operation.answers[status]?.content;
    const schema = own === undefined ? errorSchema : own[given];
    const value = schema instanceof z.ZodMiniString
      ? await answer.text()
      : await valueOf(given, answer);
    if (schema !== undefined) {
      expect(schema.safeParse(value), `${key} ${status}`)
        .toMatchObject({ success: true });
    }
    const { components } = this.#document;
    const validator = new Validator(
      { components, allOf: [content[given]?.schema ?? {}] },
      "2020-12",
    );
    expect(validator.validate(value), `${key} ${status}`)
      .toEqual({ valid: true, errors: [] });
    return `${status} ${given}`;
  }

  #responses(key: string): Readonly<Record<string, DescribedResponse>> {
    const [method = "", path = ""] = key.split(" ");
    const item = this.#document.paths?.[path] as
      | Record<
        string,
        { readonly responses: Record<string, DescribedResponse> }
      >
      | undefined;
    return item?.[method.toLowerCase()]?.responses ?? {};
  }

  #resolved(response: DescribedResponse): DescribedResponse {
    const name = response.$ref?.split("/").at(-1);
    return name === undefined
      ? response
      : this.#document.components?.responses?.[name] as DescribedResponse;
  }
}

/** What the schema of a content type is about; of a stream its first event. */
async function valueOf(type: string, answer: Response): Promise<unknown> {
  if (type !== "text/event-stream") return answer.json();
  const listened = listenTo(answer);
  const event = await listened.until(() => true);
  await listened.stop();
  return event;
}
