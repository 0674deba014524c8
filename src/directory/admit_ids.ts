import { OVERFLOW_NAME } from "../map/window_entries.ts";

/** Services that a tenant may have; what is beyond counts as `__overflow__`. */
export const MAX_SERVICES_PER_TENANT = 1000;
/** Services that a key may bring in, where it has no limit of its own. */
export const MAX_SERVICES_PER_KEY = 250;
/**
 * Services that a key may bring in within one hour of the clock. For all keys
 * of a tenant together it is `MAX_SERVICES_PER_TENANT`, which holds already:
 * a new service is not forgotten within the hour.
 */
export const MAX_NEW_SERVICES_PER_HOUR = 100;
/** Characters of all ids and keys, which the Directory stores as one value. */
export const MAX_SERVICE_IDS_LENGTH = 1_500_000;
/** A service silent for longer than this makes room where there is none, ms. */
export const SERVICE_SILENT_MS = 7 * 24 * 3_600_000;
/** Whoever asks for a service asks again after this time, ms. */
export const ADMISSION_MS = 3_600_000;

const HOUR_MS = 3_600_000;
/** `lastSeenHour` is written anew when it is this old. */
const HOURS_BETWEEN_SIGHTS = 24;

/** A service that a tenant has. */
export interface KnownService {
  /** `nodeId` of the service. */
  readonly id: string;
  /** The key that brought it in, "" for the operator's. */
  readonly keyId: string;
  /** Hours since the epoch. */
  readonly firstSeenHour: number;
  /** Hours since the epoch; up to 25 hours before it was truly seen. */
  readonly lastSeenHour: number;
}

/** What a tenant's Directory knows. */
export interface DirectoryState {
  /** In the order of their first span. */
  readonly services: readonly KnownService[];
  /** Whether a service was ever refused. */
  readonly overflowed: boolean;
}

/** Services that sent spans, and who brings them. */
export interface AdmissionRequest {
  /** `nodeId`s. */
  readonly ids: readonly string[];
  /** "" for the operator's, for whom only the tenant's limits hold. */
  readonly keyId: string;
  /** The key's own limit, or null. */
  readonly maxServices: number | null;
}

/** The limit that refused a service: the tenant's, the key's, the hour's. */
export type RefusedBy = "tenant" | "key" | "hour";

/** A service that does not get in now. */
export interface Refusal {
  /** `nodeId` of the service. */
  readonly id: string;
  readonly limit: RefusedBy;
}

/**
 * Adds services to those known, up to the limits. Where there is no room, the
 * service that has been silent longest gives its place, if that is longer
 * than `SERVICE_SILENT_MS`.
 *
 * @param nowMs Now, ms since the epoch.
 * @returns `state` itself where nothing has changed.
 *
 * @example A key that brings more services than it may
 * ```ts
 * import { admitIds } from "../src/directory/admit_ids.ts";
 *
 * const empty = { services: [], overflowed: false };
 * const { state, refused } = admitIds(empty, {
 *   ids: ["cart", "web"], keyId: "page", maxServices: 1,
 * }, 0);
 * expect(state.services.map(({ id }) => id)).toEqual(["cart"]);
 * expect(refused).toEqual([{ id: "web", limit: "key" }]);
 * ```
 */
export function admitIds(
  state: DirectoryState,
  request: AdmissionRequest,
  nowMs: number,
): { readonly state: DirectoryState; readonly refused: readonly Refusal[] } {
  const admission = new Admission(state, request, nowMs);
  // What is known first: it must not make room for what comes along with it.
  const others = request.ids.filter((id) => !admission.seeAgain(id));
  const refused: Refusal[] = [];
  for (const id of others) {
    const limit = admission.admit(id);
    if (limit !== null) refused.push({ id, limit });
  }
  // What is refused is counted under this name, which has to be known too.
  const overflowed = state.overflowed || refused.length > 0 ||
    request.ids.includes(OVERFLOW_NAME);
  const same = !admission.changed && overflowed === state.overflowed;
  return {
    state: same ? state : { services: admission.services(), overflowed },
    refused,
  };
}

class Admission {
  readonly #known: Map<string, KnownService>;
  readonly #keyId: string;
  readonly #maxServices: number;
  readonly #hour: number;
  #silent: KnownService[] | null = null;
  #length = 0;
  #ofKey = 0;
  #newOfKey = 0;
  changed = false;

  constructor(
    state: DirectoryState,
    { keyId, maxServices }: AdmissionRequest,
    nowMs: number,
  ) {
    this.#known = new Map();
    this.#keyId = keyId;
    this.#maxServices = maxServices ?? MAX_SERVICES_PER_KEY;
    this.#hour = Math.floor(nowMs / HOUR_MS);
    for (const service of state.services) this.#add(service);
  }

  services(): readonly KnownService[] {
    return [...this.#known.values()];
  }

  /** Whether a service is known; it is then seen now. */
  seeAgain(id: string): boolean {
    if (id === OVERFLOW_NAME) return true;
    const service = this.#known.get(id);
    if (service === undefined) return false;
    if (this.#hour - service.lastSeenHour >= HOURS_BETWEEN_SIGHTS) {
      this.#known.set(id, { ...service, lastSeenHour: this.#hour });
      this.changed = true;
    }
    return true;
  }

  /** Adds a service, or says which limit is in the way. */
  admit(id: string): RefusedBy | null {
    if (this.#known.has(id)) return null;
    const room = this.#roomFor(id);
    if (typeof room === "string") return room;
    for (const gone of room) this.#remove(gone);
    this.#add({
      id,
      keyId: this.#keyId,
      firstSeenHour: this.#hour,
      lastSeenHour: this.#hour,
    });
    this.changed = true;
    return null;
  }

  /** The services that would have to go for a new one, or what forbids it. */
  #roomFor(id: string): readonly KnownService[] | RefusedBy {
    const gone = new Set<KnownService>();
    if (this.#keyId !== "") {
      if (this.#ofKey >= this.#maxServices) {
        const own = this.#longestSilent((it) => it.keyId === this.#keyId);
        if (own === undefined) return "key";
        gone.add(own);
      }
      if (this.#newOfKey >= MAX_NEW_SERVICES_PER_HOUR) return "hour";
    }
    let length = this.#length + id.length + this.#keyId.length;
    for (const service of gone) length -= lengthOf(service);
    while (
      this.#known.size - gone.size >= MAX_SERVICES_PER_TENANT ||
      length > MAX_SERVICE_IDS_LENGTH
    ) {
      const other = this.#longestSilent((it) => !gone.has(it));
      if (other === undefined) return "tenant";
      gone.add(other);
      length -= lengthOf(other);
    }
    return [...gone];
  }

  #longestSilent(
    wanted: (service: KnownService) => boolean,
  ): KnownService | undefined {
    this.#silent ??= this.services()
      .filter(({ lastSeenHour }) => isSilent(lastSeenHour, this.#hour))
      .sort((a, b) => a.lastSeenHour - b.lastSeenHour);
    return this.#silent.find(wanted);
  }

  #add(service: KnownService): void {
    this.#known.set(service.id, service);
    this.#length += lengthOf(service);
    if (service.keyId !== this.#keyId) return;
    this.#ofKey++;
    if (service.firstSeenHour >= this.#hour) this.#newOfKey++;
  }

  #remove(service: KnownService): void {
    this.#known.delete(service.id);
    this.#length -= lengthOf(service);
    if (service.keyId === this.#keyId) this.#ofKey--;
    this.#silent = this.#silent?.filter((it) => it !== service) ?? null;
  }
}

function lengthOf({ id, keyId }: KnownService): number {
  return id.length + keyId.length;
}

/** Whether it was silent for long, whatever the times leave in doubt. */
function isSilent(lastSeenHour: number, hour: number): boolean {
  const lastAskedHour = lastSeenHour + HOURS_BETWEEN_SIGHTS + 1;
  return hour * HOUR_MS - lastAskedHour * HOUR_MS - ADMISSION_MS >
    SERVICE_SILENT_MS;
}
