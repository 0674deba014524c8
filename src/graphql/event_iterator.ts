/**
 * What a stream tells, as GraphQL reads it. To return from it cancels the
 * stream at once, though a value is waited for: an async generator would wait
 * for it first.
 *
 * @param valuesOf What an event is told as: nothing, one value or several.
 */
export function eventIterator<Event, Value>(
  stream: ReadableStream<Event>,
  valuesOf: (event: Event) => readonly Value[] | Promise<readonly Value[]>,
): AsyncIterableIterator<Value> {
  const reader = stream.getReader();
  const waiting: Value[] = [];
  async function next(): Promise<IteratorResult<Value>> {
    for (;;) {
      const value = waiting.shift();
      if (value !== undefined) return { done: false, value };
      const read = await reader.read();
      if (read.done) return { done: true, value: undefined };
      waiting.push(...await valuesOf(read.value));
    }
  }
  async function end(): Promise<IteratorResult<Value>> {
    await reader.cancel();
    return { done: true, value: undefined };
  }
  return {
    next,
    return: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
