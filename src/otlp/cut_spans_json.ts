import { JsonCursor } from "./json_cursor.ts";
import { wantedFields, type WantedKeys } from "./wanted_keys.ts";

const REQUEST = wantedFields(["resourceSpans"]);
const RESOURCE_SPANS = wantedFields(["scopeSpans"]);
const SCOPE_SPANS = wantedFields(["spans"]);

const COMMA = 0x2c;

/** {@linkcode cutSpans} of a body in JSON. */
export function cutSpansJson(
  body: Uint8Array,
  drop: (ordinal: number) => boolean,
): Uint8Array<ArrayBuffer> {
  return new JsonCut(body, drop).finish();
}

class JsonCut {
  readonly #cursor: JsonCursor;
  readonly #drop: (ordinal: number) => boolean;
  // Starts as the body; what is kept moves to its front.
  readonly #out: Uint8Array<ArrayBuffer>;
  #length = 0;
  // From here on nothing is in its place yet.
  #keptFrom = 0;
  #ordinal = 0;

  constructor(body: Uint8Array, drop: (ordinal: number) => boolean) {
    this.#cursor = new JsonCursor(body);
    this.#drop = drop;
    this.#out = new Uint8Array(body);
  }

  finish(): Uint8Array<ArrayBuffer> {
    const cursor = this.#cursor;
    this.#eachOf(
      REQUEST,
      () =>
        this.#eachItem(() =>
          this.#eachOf(
            RESOURCE_SPANS,
            () =>
              this.#eachItem(() =>
                this.#eachOf(SCOPE_SPANS, () => this.#cutArray())
              ),
          )
        ),
    );
    cursor.end();
    this.#remove(cursor.at, cursor.at);
    return this.#out.subarray(0, this.#length);
  }

  // The field may come twice: both are meant.
  #eachOf(field: WantedKeys<string>, visit: () => void): void {
    const cursor = this.#cursor;
    for (let more = cursor.enterItem(); more; more = cursor.nextField()) {
      if (cursor.field(field) === undefined) cursor.skip();
      else visit();
    }
  }

  #eachItem(visit: () => void): void {
    const cursor = this.#cursor;
    for (let more = cursor.enterArray(); more; more = cursor.nextItem()) {
      visit();
    }
  }

  #cutArray(): void {
    const cursor = this.#cursor;
    let isAnyKept = false;
    // The comma before the item.
    let commaAt = 0;
    for (let more = cursor.enterArray(); more; more = cursor.nextItem()) {
      cursor.peek();
      const start = cursor.at;
      cursor.skip();
      const end = cursor.at;
      const hasNext = cursor.peek() === COMMA;
      const nextCommaAt = cursor.at;
      if (!this.#drop(this.#ordinal++)) isAnyKept = true;
      else if (isAnyKept) this.#remove(commaAt, end);
      else this.#remove(start, hasNext ? nextCommaAt + 1 : end);
      commaAt = nextCommaAt;
    }
  }

  #remove(start: number, end: number): void {
    this.#out.copyWithin(this.#length, this.#keptFrom, start);
    this.#length += start - this.#keptFrom;
    this.#keptFrom = end;
  }
}
