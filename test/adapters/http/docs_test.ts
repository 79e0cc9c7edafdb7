import { after, test } from "node:test";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ENDPOINTS } from "../../../src/adapters/http/endpoints.ts";
import { docsPage } from "../../../src/adapters/http/docs.ts";
import { openApiDocument } from "../../../src/adapters/http/openapi.ts";
import { NAMED_SCHEMAS } from "../../../src/adapters/http/schemas.ts";
import { startHttpServer } from "./http_server.ts";

const http = await startHttpServer({ httpToken: "secret" });
after(() => http.server.close());

const response = await fetch(`${http.url}/docs`);
const page = await response.text();

test("the page is served to everybody", () => {
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
});

test("the page has every endpoint, every schema, and no empty place", () => {
  for (const { path, summary, methods } of ENDPOINTS) {
    assert.ok(page.includes(`<code>${path}</code>`), path);
    assert.ok(page.includes(`<p>${summary}.</p>`), summary);
    for (const method of methods) assert.ok(page.includes(`<span class="method ${method}">`));
  }
  for (const schema of NAMED_SCHEMAS) {
    assert.ok(page.includes(`<article id="schema-${schema.meta()?.id}">`));
  }
  assert.equal(/undefined|\[object|NaN/.exec(page)?.[0], undefined);
});

test("each of its own links leads somewhere, and each name stands there once", () => {
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
  const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, link]) => link);
  assert.ok(links.length > ENDPOINTS.length);
  for (const link of links) {
    assert.ok(link === "openapi.json" || ids.includes(link.slice(1)), link);
  }
});

test("the page needs nothing from elsewhere, and may have nothing but its style", () => {
  const found = /<script|<link|<img|<iframe|src=|@import|url\(|style="|\son\w+=/.exec(page);
  assert.equal(found?.[0], undefined);
  const [, style] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? [];
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = response.headers.get("content-security-policy") ?? "";
  assert.ok(policy.startsWith(`default-src 'none'; style-src 'sha256-${hash}';`), policy);
  assert.doesNotMatch(policy, /unsafe/);
  assert.match(style, /prefers-color-scheme: dark/);
  assert.match(style, /max-width: 48rem/);
  assert.match(page, /<meta name="viewport" content="width=device-width, initial-scale=1">/);
});

test("what stands in the document is text, never markup", async () => {
  const document = openApiDocument("<b>1</b>");
  const html = String(await docsPage(document));
  assert.ok(html.includes("&lt;b&gt;1&lt;/b&gt;"));
  assert.ok(!html.includes("<b>1"));
});
