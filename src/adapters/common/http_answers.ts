/** Answers of HTTP that say more than whoever made them knows. */

/** Adds headers to an answer, which are asked for once it is there. */
export async function withHeaders(
  answer: Response | Promise<Response>,
  headers: () => readonly (readonly [name: string, value: string])[],
): Promise<Response> {
  const response = await answer;
  for (const [name, value] of headers()) response.headers.set(name, value);
  return response;
}

/**
 * Tells the client not to ask again on the same connection. HTTP/2 has other means, and its
 * connections are not given the header.
 */
export const LAST_ANSWER = ["connection", "close"] as const;

/** Tells the client that HTTP/3 is served at a port, for a day. */
export function alsoHttp3(port: number): readonly [name: string, value: string] {
  return ["alt-svc", `h3=":${port}"; ma=86400`];
}
