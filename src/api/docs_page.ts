import { html, raw } from "hono/html";
import {
  type Html,
  shownFields,
  type ShownSchema,
  shownType,
} from "./docs_schema.ts";
import { DOCS_STYLE } from "./docs_style.ts";
import type { OpenApiDocument } from "./openapi_document.ts";

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** What the page shows of a parameter. */
interface ShownParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: ShownSchema;
}

type ShownContent = Readonly<Record<string, { readonly schema?: ShownSchema }>>;

/** What the page shows of an operation. */
interface ShownOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly "x-scope"?: string;
  readonly parameters?: readonly ShownParameter[];
  readonly requestBody?: { readonly content: ShownContent };
  readonly responses: Readonly<
    Record<
      string,
      { readonly description: string; readonly content?: ShownContent }
    >
  >;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly operation: ShownOperation;
}

/**
 * An OpenAPI document as a page that needs no script and nothing from elsewhere.
 * What is in it is ours: it was not written by who reads it.
 */
export function docsPage(document: OpenApiDocument): Html {
  const { info, tags = [], components } = document;
  const calls = callsOf(document);
  const schemas = Object.entries(components?.schemas ?? {}) as [
    string,
    ShownSchema,
  ][];
  const groups = tags.map(({ name, description }) => ({
    name,
    description,
    calls: calls.filter(({ operation }) => operation.tags.includes(name)),
  }));
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${info.title} ${info.version}: the API</title>
        <style>${raw(DOCS_STYLE)}</style>
      </head>
      <body>
        <nav>
    ${groups.map((group) =>
      html`<strong>${group.name}</strong><ul>${
        group.calls.map((call) =>
          html`<li><a href="#${call.operation.operationId}">${
            titleOf(call)
          }</a></li>`
        )
      }</ul>`
    )}
    <strong>Schemas</strong><ul>${schemas.map(([name]) =>
      html`<li><a href="#schema-${name}">${name}</a></li>`
    )}</ul>
        </nav>
        <main>
    <h1>${info.title} ${info.version}</h1>
    <p>${info.description}</p>
    <p>As OpenAPI: <a href="openapi.json">openapi.json</a></p>
    ${groups.map((group) =>
      html`<h2>${group.name}</h2><p>${group.description}</p>${
        group.calls.map(shownCall)
      }`
    )}
    <h2>Schemas</h2>
    ${schemas.map(shownSchema)}
        </main>
      </body>
    </html>
  `;
}

function shownSchema([name, schema]: readonly [string, ShownSchema]): Html {
  const { description } = schema;
  const fields = shownFields(schema);
  return html`
    <section
      id="schema-${name}"><h3>${name}</h3>${description === undefined
        ? ""
        : html`<p>${description}</p>`}${fields === ""
        ? html`<p>${shownType(schema)}</p>`
        : fields}</section>
  `;
}

function callsOf(document: OpenApiDocument): readonly Call[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as ShownOperation | undefined;
      return operation === undefined
        ? []
        : [{ method: method.toUpperCase(), path, operation }];
    })
  );
}

function titleOf({ method, path }: Call): Html {
  return html`<span class="method">${method}</span> <code>${path}</code>`;
}

function shownCall(call: Call): Html {
  const { operation } = call;
  const { parameters = [], requestBody, responses } = operation;
  const scope = operation["x-scope"];
  return html`<section id="${operation.operationId}">
<h3>${titleOf(call)}</h3>
<p>${operation.summary}.</p>
${
    operation.description === undefined
      ? ""
      : html`<p>${operation.description}</p>`
  }
<p>${
    scope === undefined
      ? "Needs no key."
      : html`Needs a key with scope <code>${scope}</code>.`
  }</p>
${
    parameters.length === 0 ? "" : html`
      <h4>Parameters</h4>
      <table>${parameters.map(shownParameter)}</table>
    `
  }
${
    requestBody === undefined
      ? ""
      : html`<h4>Body</h4>${shownContent(requestBody.content)}`
  }
<h4>Answers</h4><table>${
    Object.entries(responses).map(([status, answer]) =>
      html`
        <tr>
          <th>${status}</th>
          <td>${answer.description} ${answer.content === undefined
            ? ""
            : shownContent(answer.content)}</td>
        </tr>
      `
    )
  }</table></section>`;
}

function shownParameter(
  { name, in: place, required = false, schema = {} }: ShownParameter,
): Html {
  return html`
    <tr>
      <th><code>${name}</code> <span class="note">${place}${required
        ? ", required"
        : ""}</span></th>
      <td>${shownType(schema)}${schema.description === undefined ? "" : html`
        – ${schema.description}
      `}</td>
    </tr>
  `;
}

function shownContent(content: ShownContent): Html {
  return html`${
    Object.entries(content).map(([type, { schema = {} }]) =>
      html`<div><code>${type}</code>: ${shownType(schema)}${
        schema.$ref === undefined ? shownFields(schema) : ""
      }</div>`
    )
  }`;
}
