/** /openapi.json: what the HTTP door answers to, as an OpenAPI 3.1 document. */
import type { Context } from "hono";
import { z } from "zod";
import type { HttpEnv } from "./app.ts";
import { JSON_TYPE } from "./answers.ts";
import { TOKEN_PARAMETER } from "./auth.ts";
import { type Answer, type Content, type Endpoint, ENDPOINTS, TAGS } from "./endpoints.ts";
import { failure, NAMED_SCHEMAS } from "./schemas.ts";

const COMPONENTS = "#/components/schemas/";

type JsonObject = Record<string, unknown>;

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonObject;
}

type DocumentContent = Record<string, { readonly schema: JsonObject }>;

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: DocumentContent };
  readonly responses: Readonly<
    Record<string, {
      readonly description: string;
      readonly content?: DocumentContent;
      readonly headers?: Readonly<Record<string, { readonly description: string }>>;
    }>
  >;
  readonly security?: readonly [];
  readonly "x-codeSamples": readonly { readonly lang: string; readonly source: string }[];
}

export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly security: readonly JsonObject[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonObject>>;
    readonly securitySchemes: JsonObject;
  };
}

/** Those that hold for every endpoint with a token. */
const COMMON_ANSWERS: Readonly<Record<number, Answer>> = {
  401: { description: "No token was shown, or a wrong one.", content: { [JSON_TYPE]: failure } },
  403: { description: "The sender may not do this.", content: { [JSON_TYPE]: failure } },
  429: {
    description: "More requests came than http-rate-limit.",
    content: { [JSON_TYPE]: failure },
  },
  503: { description: "The server is shutting down.", content: { [JSON_TYPE]: failure } },
};

const SECURITY_SCHEMES = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "http-token, http-readonly-token, or a token of ACL RESTTOKEN.",
  },
  basic: { type: "http", scheme: "basic", description: "Name and password of a user." },
  query: {
    type: "apiKey",
    in: "query",
    name: TOKEN_PARAMETER,
    description: `A token as ?${TOKEN_PARAMETER}=…, for clients that cannot set headers.`,
  },
};

/** Makes the document. @param version of the server */
export function openApiDocument(version: string): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const endpoint of ENDPOINTS) {
    const operations = paths[endpoint.path] ??= {};
    for (const method of endpoint.methods) operations[method] = operationOf(endpoint, method);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "CrabCache",
      version,
      description:
        'A Redis-compatible cache over HTTP. Errors are always {"error": …}; where a token ' +
        "is set, all but the public endpoints need it.",
    },
    tags: Object.values(TAGS).map((name) => ({ name })),
    security: [{ bearer: [] }, { basic: [] }, { query: [] }, {}],
    paths,
    components: { schemas: componentSchemas(), securitySchemes: SECURITY_SCHEMES },
  };
}

/** Makes the handler, which keeps the text. @param version of the server */
export function openApiHandler(version: string): (c: Context<HttpEnv>) => Response {
  let text: string | undefined;
  return (c) => {
    text ??= JSON.stringify(openApiDocument(version));
    return c.body(text, 200, { "content-type": JSON_TYPE });
  };
}

function operationOf(endpoint: Endpoint, method: string): Operation {
  const { path, tag, summary, description, body, isPublic, example } = endpoint;
  const answers = isPublic === true ? endpoint.answers : { ...COMMON_ANSWERS, ...endpoint.answers };
  const takesBody = body !== undefined && method !== "get" && method !== "head";
  const parameters = parametersOf(endpoint);
  return {
    operationId: `${method}${
      path.replace(/[^a-z0-9]+(\w?)/gi, (_, letter) => letter.toUpperCase())
    }`,
    tags: [tag],
    summary,
    ...description === undefined ? {} : { description },
    ...parameters.length === 0 ? {} : { parameters },
    ...takesBody
      ? { requestBody: { required: body.isRequired, content: contentOf(body.content) } }
      : {},
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [
        status,
        responseOf(method === "head" ? { ...answer, content: {} } : answer),
      ]),
    ),
    ...isPublic === true ? { security: [] } : {},
    "x-codeSamples": [{ lang: "Shell", source: example }],
  };
}

function responseOf({ description, content, headers }: Answer): Operation["responses"][string] {
  return {
    description,
    ...content === undefined ? {} : { content: contentOf(content) },
    ...headers === undefined ? {} : {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, says]) => {
          return [name, { description: says, schema: { type: "string" } }];
        }),
      ),
    },
  };
}

function contentOf(content: Content): DocumentContent {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [type, { schema: referenceTo(schema) }]),
  );
}

function referenceTo(schema: z.ZodType): JsonObject {
  return { $ref: COMPONENTS + idOf(schema) };
}

function parametersOf({ parameters = {} }: Endpoint): Parameter[] {
  return (["path", "query", "header"] as const).flatMap((place) => {
    const shape = parameters[place];
    if (shape === undefined) return [];
    const { properties = {}, required = [] } = plain(z.toJSONSchema(shape));
    return Object.entries(properties as Record<string, JsonObject>).map(([name, schema]) => {
      const { description = "", ...rest } = schema;
      return {
        name,
        in: place,
        required: place === "path" || (required as string[]).includes(name) && !("default" in rest),
        description: String(description),
        schema: rest,
      };
    });
  });
}

/** The schemas that have names. */
function componentSchemas(): Record<string, JsonObject> {
  const named = z.registry<{ id: string }>();
  for (const schema of NAMED_SCHEMAS) named.add(schema, { id: idOf(schema) });
  const { schemas } = z.toJSONSchema(named, { uri: (id) => COMPONENTS + id });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, plain(schema)]));
}

function idOf(schema: z.ZodType): string {
  const id = z.globalRegistry.get(schema)?.id;
  if (id === undefined) throw new TypeError("a schema of a body needs a name of its own");
  return id;
}

/** Without what says which dialect it is in, as the document says that for all. */
function plain(schema: object): JsonObject {
  const { $schema: _dialect, $id: _id, ...rest } = schema as JsonObject;
  return rest;
}
