/** An answer as JSON that no cache keeps: the map changes every second. */
export function answerJson(answer: object): Response {
  return Response.json(answer, { headers: { "cache-control": "no-store" } });
}
