/** /docs: the OpenAPI document as a page that needs nothing else, neither scripts nor other addresses. */
import { createHash } from "node:crypto";
import type { Context } from "hono";
import { html, raw } from "hono/html";
import type { HttpEnv } from "./app.ts";
import { DOCS_STYLE } from "./docs_style.ts";
import {
  type OpenApiDocument,
  openApiDocument,
  type Operation,
  type Parameter,
} from "./openapi.ts";

type Html = ReturnType<typeof html>;

/** An address with the operations that are the same but for their method. */
interface Entry {
  readonly id: string;
  readonly path: string;
  readonly methods: readonly string[];
  readonly operation: Operation;
}

const STYLE_HASH = createHash("sha256").update(DOCS_STYLE).digest("base64");
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; ` +
  "form-action 'none'; frame-ancestors 'none'";
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Makes the handler, which keeps the page. @param version of the server */
export function docsHandler(version: string): (c: Context<HttpEnv>) => Promise<Response> {
  let page: string | undefined;
  return async (c) => {
    page ??= String(await docsPage(openApiDocument(version)));
    return c.body(page, 200, HEADERS);
  };
}

/** The whole page. */
export function docsPage(document: OpenApiDocument): Html {
  const entries = entriesOf(document);
  const groups = document.tags.map(({ name }) => ({
    name,
    entries: entries.filter(({ operation }) => operation.tags.includes(name)),
  }));
  const { title, version, description } = document.info;
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title} over HTTP</title>
        <style>${raw(DOCS_STYLE)}</style>
      </head>
      <body>
        <a class="skip" href="#content">To the content</a>
        <div class="frame">
          <nav aria-label="Endpoints">${groups.map(navigation)}
    <h2>More</h2><ul><li><a href="#schemas">Schemas</a></li><li><a href="openapi.json">openapi.json</a></li></ul>
          </nav>
          <main id="content">
    <h1>${title} over HTTP <span class="version">${version}</span></h1>
    <p>${description}</p>
    <section id="access"><h2>Access</h2>${access(document)}</section>
    ${groups.map(({ name, entries }) =>
      html`<section><h2>${name}</h2>${entries.map(article)}</section>`
    )}
    <section id="schemas"><h2>Schemas</h2>${Object.entries(document.components.schemas).map(
      schemaOf,
    )}
    </section>
          </main>
        </div>
      </body>
    </html>
  `;
}

function entriesOf({ paths }: OpenApiDocument): Entry[] {
  return Object.entries(paths).flatMap(([path, operations]) => {
    const entries: { id: string; path: string; methods: string[]; operation: Operation }[] = [];
    for (const [method, operation] of Object.entries(operations)) {
      const same = entries.find((entry) => entry.operation.summary === operation.summary);
      if (same === undefined) {
        entries.push({ id: operation.operationId, path, methods: [method], operation });
      } else {
        same.methods.push(method);
        if (operation.requestBody !== undefined) same.operation = operation;
      }
    }
    return entries;
  });
}

function navigation({ name, entries }: { name: string; entries: readonly Entry[] }): Html {
  return html`
    <h2>${name}</h2>
    <ul>${entries.map(({ id, path, methods }) =>
      html`<li><a href="#${id}">${methods.map(badge)} ${path}</a></li>`
    )}</ul>
  `;
}

function badge(method: string): Html {
  return html`
    <span class="method ${method}">${method}</span>
  `;
}

function access({ components }: OpenApiDocument): Html {
  const schemes = Object.entries(
    components.securitySchemes as Record<string, { description: string }>,
  );
  return html`<dl>${
    schemes.map(([name, { description }]) =>
      html`
        <dt><code>${name}</code></dt>
        <dd>${description}</dd>
      `
    )
  }</dl>`;
}

function article({ id, path, methods, operation }: Entry): Html {
  const { summary, description, parameters = [], requestBody, responses, security } = operation;
  return html`
    <article id="${id}">
    <h3>${methods.map(badge)}<code>${path}</code>${security === undefined
      ? ""
      : html`<span class="note">public</span>`}</h3>
    <p>${summary}.</p>${description === undefined ? "" : html`<p>${description}</p>`}
    ${parameters.length === 0 ? "" : html`
      <h4>Parameters</h4>
      <dl>${parameters.map(parameterOf)}</dl>
    `}
    ${requestBody === undefined ? "" : html`
      <h4>Body${requestBody.required ? "" : ", if any"}</h4>
      <dl>${contentsOf(requestBody.content)}</dl>
    `}
    <h4>Answers</h4><dl>${Object.entries(responses).map(([status, response]) =>
      html`
        <dt><code>${status}</code></dt>
        <dd>${response.description}${response.content === undefined
          ? ""
          : html`<span class="note">${typeLinks(response.content)}</span>`}${Object.entries(
            response.headers ?? {},
          ).map(([name, header]) =>
            html`<span class="note"><code>${name}</code> ${header.description}</span>`
          )}</dd>
      `
    )}</dl>
    ${operation["x-codeSamples"].map(({ source }) =>
      html`
        <h4>Example</h4>
        <pre tabindex="0"><code>${source}</code></pre>
      `
    )}
    </article>
  `;
}

function parameterOf({ name, in: place, required, description, schema }: Parameter): Html {
  const values = schema.enum === undefined ? "" : `One of ${(schema.enum as string[]).join(", ")}.`;
  const fallback = schema.default === undefined ? "" : `By default ${String(schema.default)}.`;
  const where = `${place}${required ? ", required" : ""}`;
  return html`<dt><code>${name}</code></dt>
<dd>${description} ${values} ${fallback}<span class="note">${where}</span></dd>`;
}

type Contents = NonNullable<Operation["requestBody"]>["content"];

function contentsOf(content: Contents): Html[] {
  return Object.entries(content).map(([type, { schema }]) =>
    html`
      <dt><code>${type}</code></dt>
      <dd>${schemaLink(schema)}</dd>
    `
  );
}

function typeLinks(content: Contents): Html[] {
  return Object.entries(content).map(([type, { schema }], i) =>
    html`${i === 0 ? "" : ", "}<code>${type}</code> ${schemaLink(schema)}`
  );
}

function schemaLink({ $ref }: Record<string, unknown>): Html {
  const name = String($ref).replace(/^.*\//, "");
  return html`<a href="#schema-${name}">${name}</a>`;
}

function schemaOf([name, schema]: [string, Record<string, unknown>]): Html {
  const { description = "", ...rest } = schema;
  return html`
    <article id="schema-${name}">
      <h3>${name}</h3>
      <p>${description}</p>
      <pre tabindex="0"><code>${JSON.stringify(rest, undefined, 2)}</code></pre>
    </article>
  `;
}
