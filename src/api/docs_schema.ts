import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/** A piece of a page. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** A JSON schema, as far as the page shows it. */
export interface ShownSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly ShownSchema[];
  readonly oneOf?: readonly ShownSchema[];
  readonly allOf?: readonly ShownSchema[];
  readonly items?: ShownSchema;
  readonly properties?: Readonly<Record<string, ShownSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | ShownSchema;
}

const COMPONENTS = "#/components/schemas/";

/** What a value is, in a few words; another schema is a link to it. */
export function shownType(schema: ShownSchema): Html {
  const { $ref, anyOf, oneOf, allOf, items } = schema;
  if ($ref !== undefined) return linkTo($ref);
  const choices = anyOf ?? oneOf ?? allOf;
  if (choices !== undefined) return joined(choices.map(shownType), " or ");
  if (items !== undefined) return html`list of ${shownType(items)}`;
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return joined(schema.enum.map(code), " ");
  const { additionalProperties: values } = schema;
  if (typeof values === "object" && Object.keys(values).length > 0) {
    return html`object of ${shownType(values)}`;
  }
  const type = [schema.type ?? "anything"].flat().join(" or ");
  return html`${schema.format ?? type}`;
}

/** The fields of an object, or of what a list or a choice holds; "" if none. */
export function shownFields(schema: ShownSchema): Html | "" {
  const { properties, required = [] } = schema;
  if (properties === undefined) {
    const within = [
      schema.items,
      ...schema.anyOf ?? [],
      ...schema.oneOf ?? [],
      ...typeof schema.additionalProperties === "object"
        ? [schema.additionalProperties]
        : [],
    ].filter((one) => one !== undefined).map(shownFields)
      .filter((one) => one !== "");
    return within.length === 0 ? "" : html`${within}`;
  }
  const rows = Object.entries(properties).map(([name, field]) =>
    html`
      <tr>
        <th><code>${name}</code>${required.includes(name) ? "" : html`
          <span class="note">may be missing</span>
        `}</th>
        <td>${shownType(field)}${field.description === undefined ? "" : html`
          – ${field.description}
        `}${nested(field)}</td>
      </tr>
    `
  );
  return html`<table>${rows}</table>`;
}

function nested(field: ShownSchema): Html | "" {
  const fields = field.$ref === undefined ? shownFields(field) : "";
  return fields === "" ? "" : html`<div class="fields">${fields}</div>`;
}

function linkTo(reference: string): Html {
  const name = reference.replace(COMPONENTS, "");
  return html`<a href="#schema-${name}">${name}</a>`;
}

function code(value: unknown): Html {
  return html`<code>${JSON.stringify(value)}</code>`;
}

function joined(parts: readonly Html[], between: string): Html {
  return html`${
    parts.map((part, at) => at === 0 ? part : html`${between}${part}`)
  }`;
}
