import { foldName } from "../map/fold_name.ts";
import type { NodeIdentity } from "../map/node_identity.ts";
import { NodeTrait } from "../map/node_type.ts";
import { SpanKind } from "../map/span_kind.ts";
import type {
  ResourceAttributes,
  SpanAttributes,
  SpanRow,
} from "../otlp/span_batch.ts";
import type { SpanFacts } from "../trace/span_facts.ts";
import { samplingWeight } from "./sampling_weight.ts";

/** What SDKs call a service that nobody named. */
export const UNKNOWN_SERVICE = "unknown_service";
/** The longest duration that is told from a longer one, ns (52 days). */
export const MAX_DURATION_NS = 2 ** 52;

const MOBILE_SYSTEMS = /^(android|ios|ipados)$/i;
const MOBILE_LANGUAGES = /^(swift|kotlin)$/;
const HOST = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^:/?#]+)/i;
const NO_ATTRIBUTES: SpanAttributes = {};

/** A span's facts without its ids. */
export type SpanMeaning = Omit<SpanFacts, "traceId" | "spanId" | "parentId">;

/** The service that a resource names. */
export function serviceOf(resource: ResourceAttributes): NodeIdentity {
  return {
    namespace: resource.serviceNamespace ?? "",
    name: resource.serviceName || UNKNOWN_SERVICE,
    environment: resource.environmentName ?? resource.environmentOld ?? "",
  };
}

/** Bits of `NodeTrait` that a resource shows. */
export function resourceTraits(resource: ResourceAttributes): number {
  const { sdkLanguage = "", osName = "", cloudPlatform = "" } = resource;
  const browser = sdkLanguage === "webjs" ||
    resource.browserPlatform !== undefined ||
    resource.browserLanguage !== undefined;
  const mobile = MOBILE_SYSTEMS.test(osName) ||
    MOBILE_LANGUAGES.test(sdkLanguage);
  const worker = cloudPlatform === "cloudflare.workers";
  return (browser ? NodeTrait.BROWSER : 0) |
    (mobile && !browser ? NodeTrait.MOBILE : 0) |
    (worker ? NodeTrait.WORKER_PLATFORM : 0) |
    (resource.faasName !== undefined && !worker ? NodeTrait.FUNCTION : 0);
}

/**
 * What a span means for the map: which node is at its other end, whether that
 * is a database, a broker, for how many spans it stands.
 *
 * Source: Grafana Tempo's service graphs name a node by `peer.service`, then
 * what the database attributes say; beyond it, `server.address` and the host
 * of the URL name an external one.
 *
 * @param resource Its service and the traits that the resource shows.
 */
export function classify(
  row: SpanRow,
  resource: { readonly service: NodeIdentity; readonly traits: number },
): SpanMeaning {
  const attributes = row.attributes ?? NO_ATTRIBUTES;
  const database = row.kind === SpanKind.CLIENT && isDatabase(attributes);
  return {
    kind: row.kind,
    status: row.status,
    ...timeOf(row),
    service: resource.service,
    traits: resource.traits | spanTraits(row, attributes),
    operation: foldName(row.name),
    weight: samplingWeight(row.traceState, attributes.sampling),
    peer: peerOf(row, attributes, database),
    database,
    system:
      (database
        ? attributes.dbSystemName ?? attributes.dbSystem
        : attributes.messagingSystem) ?? "",
    destination: database ? "" : destinationOf(attributes),
    endpoint: row.kind === SpanKind.SERVER ? endpointOf(attributes) : "",
    linked: row.kind === SpanKind.CONSUMER && row.links !== null,
  };
}

/** A span's time; one that is too long keeps its end, in which it counts. */
function timeOf(
  row: SpanRow,
): Pick<SpanFacts, "startHigh" | "startLow" | "durationNs"> {
  const { startHigh, startLow, durationNs } = row;
  if (durationNs <= MAX_DURATION_NS) {
    return { startHigh, startLow, durationNs: Math.max(durationNs, 0) };
  }
  const excessNs = BigInt(durationNs) - BigInt(MAX_DURATION_NS);
  const startNs = (BigInt(startHigh) << 32n) + BigInt(startLow) + excessNs;
  return {
    startHigh: Number((startNs >> 32n) & 0xffffffffn),
    startLow: Number(startNs & 0xffffffffn),
    durationNs: MAX_DURATION_NS,
  };
}

function isDatabase(attributes: SpanAttributes): boolean {
  return databaseName(attributes) !== undefined;
}

function databaseName(attributes: SpanAttributes): string | undefined {
  return attributes.dbNamespace || attributes.dbName || attributes.dbSystem ||
    attributes.dbSystemName || undefined;
}

function destinationOf(attributes: SpanAttributes): string {
  return attributes.messagingDestinationName ??
    attributes.messagingDestinationOld ?? "";
}

function peerOf(
  row: SpanRow,
  attributes: SpanAttributes,
  database: boolean,
): string {
  const { peerService = "" } = attributes;
  const address = attributes.serverAddress || attributes.netPeerName;
  switch (row.kind) {
    case SpanKind.CLIENT:
    case SpanKind.PRODUCER:
      if (peerService !== "") return peerService;
      if (address) return address;
      return database
        ? networkPeer(attributes) || databaseName(attributes) || ""
        : hostOf(attributes) || attributes.rpcService ||
          destinationOf(attributes);
    case SpanKind.SERVER:
      return row.parentAt < 0 ? peerService : "";
    case SpanKind.CONSUMER:
    case SpanKind.INTERNAL:
    case SpanKind.UNSPECIFIED:
      return "";
  }
}

function networkPeer(attributes: SpanAttributes): string {
  const { networkPeerAddress = "", networkPeerPort = "" } = attributes;
  if (networkPeerAddress === "" || networkPeerPort === "") {
    return networkPeerAddress;
  }
  return `${networkPeerAddress}:${networkPeerPort}`;
}

function hostOf(attributes: SpanAttributes): string {
  const url = attributes.urlFull ?? attributes.httpUrl;
  if (url === undefined) return "";
  return HOST.exec(url)?.[1]?.toLowerCase() ?? "";
}

function endpointOf(attributes: SpanAttributes): string {
  const { httpRoute } = attributes;
  if (httpRoute === undefined) return "";
  const method = attributes.httpRequestMethod ?? attributes.httpMethod ?? "";
  // Where a server knows no route, some instrumentations give the path.
  const route = foldName(httpRoute);
  return method === "" ? route : `${method} ${route}`;
}

function spanTraits(row: SpanRow, attributes: SpanAttributes): number {
  switch (row.kind) {
    case SpanKind.SERVER: {
      const http = attributes.httpRequestMethod ?? attributes.httpMethod ??
        attributes.httpRoute;
      return NodeTrait.SERVES |
        (http === undefined ? 0 : NodeTrait.SERVES_HTTP) |
        (attributes.rpcSystem === undefined ? 0 : NodeTrait.SERVES_RPC);
    }
    case SpanKind.CONSUMER:
      return NodeTrait.CONSUMES;
    case SpanKind.CLIENT:
    case SpanKind.PRODUCER:
      return NodeTrait.CALLS;
    case SpanKind.INTERNAL:
    case SpanKind.UNSPECIFIED:
      return 0;
  }
}
