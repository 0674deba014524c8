/** What workerd is started with, so that `LiveMemory` can read what it says. */
export const LIVE_MEMORY_FLAGS: readonly string[] = [
  "--expose-gc",
  "--trace-gc",
  "--trace-gc-verbose",
  // What a collection leaves is then what is in use, to the byte.
  "--single-threaded-gc",
  "--no-incremental-marking",
  // Collects whenever the heap has grown by this much, even amid reading.
  "--heap-growing-percent=10",
];

const COLLECTED =
  /^\[\d+:(0x[0-9a-f]+)\].* Mark-Compact .*-> (\d+(?:\.\d+)?) \(/;
const OUTSIDE =
  /^\[\d+:(0x[0-9a-f]+)\] (External memory reported|Backing store memory): +(\d+) KB/;
const LAST = "Backing store memory";
const MIB = 1024 * 1024;

/**
 * The memory in use by an isolate, from V8's trace of its full collections:
 * what each one left in the heap, and the ArrayBuffers outside of it. Garbage,
 * which V8 leaves lying while there is room, does not count.
 *
 * Source: the output of V8's `--trace-gc --trace-gc-verbose`.
 */
export class LiveMemory {
  #rest = "";
  /** By isolate, what its last full collection left in the heap. */
  readonly #heaps: Map<string, number> = new Map();
  /** Full collections so far. */
  collections = 0;
  /** The most that was in use by one isolate, bytes. */
  peakBytes = 0;

  /** Takes what workerd has printed, in pieces of any length. */
  read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#readLine(line);
  }

  #readLine(line: string): void {
    const [, collected = "", heapMib] = COLLECTED.exec(line) ?? [];
    if (heapMib !== undefined) {
      this.#heaps.set(collected, Number(heapMib) * MIB);
      this.collections++;
      return;
    }
    const [, isolate = "", outside, kib] = OUTSIDE.exec(line) ?? [];
    const heapBytes = this.#heaps.get(isolate);
    if (outside === undefined || heapBytes === undefined) return;
    this.peakBytes = Math.max(this.peakBytes, heapBytes + Number(kib) * 1024);
    // What follows may be of a collection of the young alone, which leaves
    // garbage among the old.
    if (outside === LAST) this.#heaps.delete(isolate);
  }
}
