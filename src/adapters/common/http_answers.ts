/** Answers of HTTP that say more than whoever made them knows. */

/**
 * Tells the client not to ask again on the same connection, where that is so once the answer is
 * there. HTTP/2 has other means, and its connections are not given the header.
 */
export async function closeAfter(
  answer: Response | Promise<Response>,
  isLast: () => boolean,
): Promise<Response> {
  const response = await answer;
  if (isLast()) response.headers.set("connection", "close");
  return response;
}
