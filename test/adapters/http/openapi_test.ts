import { after, test } from "node:test";
import assert from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { z } from "zod";
import { createCache } from "../../../mod.ts";
import { createCryptography } from "../../../src/adapters/common/cryptography.ts";
import { createHttpApp } from "../../../src/adapters/http/app.ts";
import { ENDPOINTS } from "../../../src/adapters/http/endpoints.ts";
import { openApiDocument } from "../../../src/adapters/http/openapi.ts";
import * as schemas from "../../../src/adapters/http/schemas.ts";
import { EventStreams } from "../../../src/adapters/http/streams.ts";
import { coreOf } from "../../../src/server/cache.ts";
import { CommandDoor } from "../../../src/server/command_door.ts";
import { VERSION } from "../../../src/server/version.ts";
import { startHttpServer } from "./http_server.ts";

const http = await startHttpServer({ httpToken: "secret" });
after(() => http.server.close());

/** Routes that are there to say that nothing is. */
const NOT_FOUND: readonly string[] = ["GET /", "PUT /"];

const document = openApiDocument("1.2.3");

/** Method and route of all that the app answers to, but for what holds for every method. */
function routesOfApp(): string[] {
  using cache = createCache();
  const core = coreOf(cache);
  const { clock } = core.engine;
  const options = { httpToken: "", httpReadonlyToken: "", httpMaxWait: 1 };
  const door = new CommandDoor(core, createCryptography(), options);
  const app = createHttpApp(door, {
    limits: { maxBytes: 1024, timeoutMs: 1000 },
    rateLimit: 0,
    corsOrigins: [],
    isProtected: () => false,
    isOwnPort: false,
    logsAccess: false,
    health: { isReady: () => true, metrics: () => "" },
    streams: new EventStreams(door, clock, () => 1024),
    clock,
    log: () => {},
  });
  return app.routes.filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path}`);
}

test("the document is valid OpenAPI 3.1", async () => {
  const validator = new Validator();
  const result = await validator.validate(JSON.parse(JSON.stringify(document)));
  assert.deepEqual(result.errors, undefined);
  assert.equal(result.valid, true);
  assert.equal(validator.version, "3.1");
});

test("a document that is none is found out", async () => {
  const broken = { ...document, paths: { nowhere: { get: { summary: 1 } } } };
  const result = await new Validator().validate(JSON.parse(JSON.stringify(broken)));
  assert.equal(result.valid, false);
});

test("the document has what the app answers to, and nothing else", () => {
  const documented = ENDPOINTS.flatMap(({ methods, route }) =>
    methods.filter((method) => method !== "head").map((method) =>
      `${method.toUpperCase()} ${route}`
    )
  );
  const answered = routesOfApp().filter((route) => !NOT_FOUND.includes(route));
  assert.deepEqual([...new Set(documented)].sort(), [...new Set(answered)].sort());
  const places = ENDPOINTS.flatMap(({ methods, path }) => methods.map((each) => each + path));
  assert.equal(new Set(places).size, places.length, "no endpoint stands there twice");
  for (const { methods, route, path } of ENDPOINTS) {
    const isSame = route.endsWith("*")
      ? path.startsWith(route.slice(0, -1)) && path.endsWith("}")
      : path === route;
    assert.ok(isSame, `${path} is ${route}`);
    for (const method of methods) assert.ok(document.paths[path][method] !== undefined);
  }
});

test("every parameter of a path is described, and every reference leads somewhere", () => {
  const ids: string[] = [];
  for (const [path, operations] of Object.entries(document.paths)) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const operation of Object.values(operations)) {
      ids.push(operation.operationId);
      const described = (operation.parameters ?? []).filter((each) => each.in === "path");
      assert.deepEqual(described.map(({ name }) => name), names, path);
      for (const parameter of operation.parameters ?? []) assert.ok(parameter.description !== "");
      for (const { source } of operation["x-codeSamples"]) assert.match(source, /^curl /);
    }
  }
  assert.equal(new Set(ids).size, ids.length, "each operation has a name of its own");
  for (
    const [, name] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)
  ) {
    assert.ok(document.components.schemas[name] !== undefined, name);
  }
  assert.ok(!JSON.stringify(document).includes("$defs"));
});

test("examples of the schemas are what the schemas say", () => {
  let count = 0;
  for (const schema of schemas.NAMED_SCHEMAS) {
    for (const example of schema.meta()?.examples as unknown[] ?? []) {
      assert.equal(schema.safeParse(example).success, true, JSON.stringify(example));
      count++;
    }
  }
  assert.ok(count > 5);
});

test("errors and security stand there for all but the public endpoints", () => {
  for (const endpoint of ENDPOINTS) {
    for (const method of endpoint.methods) {
      const { responses, security } = document.paths[endpoint.path][method];
      const isPublic = endpoint.isPublic === true;
      assert.equal(security !== undefined, isPublic, endpoint.path);
      assert.equal("401" in responses, !isPublic, endpoint.path);
    }
  }
  const { securitySchemes } = document.components;
  assert.deepEqual(Object.keys(securitySchemes), ["bearer", "basic", "query"]);
});

/** Checks an answer against the schema that the document has for it. */
async function check(
  method: string,
  path: string,
  status: number,
  schema: z.ZodType | undefined,
  body?: string,
  token = "secret",
): Promise<void> {
  const response = await fetch(http.url + path, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...body === undefined ? {} : { body },
  });
  const text = await response.text();
  assert.equal(response.status, status, `${method} ${path}: ${text}`);
  if (schema === undefined) return;
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  const parsed = schema.safeParse(isJson ? JSON.parse(text) : text);
  assert.equal(parsed.success, true, `${method} ${path}: ${text}`);
}

test("answers are what the document says", async () => {
  const { results, success, failure } = schemas;
  await check(
    "POST",
    "/batch",
    200,
    results,
    '[["SET","a",1],["HGETALL","h"],["GETT"],["GET","n"]]',
  );
  await check("POST", "/batch?atomic=true", 200, results, '[["INCR","n"],["LRANGE","l",0,-1]]');
  await check("POST", "/batch", 400, failure, "[[]]");
  await check("POST", "/batch?atomic=maybe", 400, failure, "[]");
  await check("POST", "/pipeline", 200, results, '[["COMMAND","INFO","GET"],["TIME"]]');
  await check("POST", "/multi-exec", 200, results, '[["GET","a"]]');
  await check("POST", "/", 200, success, '["GET","a"]');
  await check("POST", "/", 400, failure, '["GET"]');
  await check("GET", "/get/a", 200, success);
  await check("GET", "/ping", 200, success);
  for (const route of NOT_FOUND) {
    const [method, path] = route.split(" ");
    await check(method, path, 404, failure);
  }
  await check("GET", "/ping", 401, failure, undefined, "wrong");
  await check("DELETE", "/ping", 405, failure);
  await check("GET", "/healthz", 200, schemas.health);
  await check("GET", "/readyz", 200, schemas.readiness);
  await check("GET", "/metrics", 200, schemas.figures);
  await check("PUT", "/v1/values/v", 201, undefined, "x");
  await check("GET", "/v1/values/v", 200, schemas.valueBytes);
  await check("GET", "/v1/values/nothing", 404, failure);
  await check("GET", "/v1/values/v?db=x", 400, failure);
});

test("the server serves the document to everybody, with its version", async () => {
  const response = await fetch(`${http.url}/openapi.json`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.deepEqual(await response.json(), JSON.parse(JSON.stringify(openApiDocument(VERSION))));
});
