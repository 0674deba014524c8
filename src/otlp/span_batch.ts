import type { SpanKind, StatusCode } from "../map/span_kind.ts";
import type { RejectionReason } from "./rejection.ts";

/**
 * What reading one request's bytes yields: the same from protobuf and JSON.
 * Ids are offsets into `ids`, so that no object is made for one.
 */
export interface SpanBatch {
  /** Where ids stand: the body itself (protobuf) or their own bytes (JSON). */
  readonly ids: Uint8Array;
  readonly spans: readonly SpanRow[];
  /** Spans that can never be accepted. */
  readonly rejected: number;
  /** Why the first of them was rejected, with its place; "" without any. */
  readonly rejection: string;
  /**
   * Which they are: ordinals over all spans of the body, from 0, ascending.
   * Those from `MAX_SPANS_PER_REQUEST` on are not listed, as all are rejected.
   */
  readonly rejectedSpans: readonly number[];
  /** How many were rejected for each reason. */
  readonly rejections: ReadonlyMap<RejectionReason, number>;
  /** Links that are left out since their span has too many. */
  readonly droppedLinks: number;
}

/** One accepted span: what the service map needs of it. */
export interface SpanRow {
  /** Offset of the 16 bytes of the trace id in `SpanBatch.ids`. */
  readonly traceAt: number;
  /** Offset of the 8 bytes of the span id. */
  readonly spanAt: number;
  /** Offset of the 8 bytes of the parent's span id; -1 for a root. */
  readonly parentAt: number;
  readonly kind: SpanKind;
  readonly status: StatusCode;
  /** The start, ns since the epoch: its upper 32 bits. */
  readonly startHigh: number;
  /** The start, ns since the epoch: its lower 32 bits. */
  readonly startLow: number;
  /** End less start, ns, exact up to 2^53; negative where they are swapped. */
  readonly durationNs: number;
  readonly name: string;
  /** `tracestate`, "" where there is none. */
  readonly traceState: string;
  readonly resource: ResourceAttributes;
  /** Wanted attributes, as strings; null where the span has none of them. */
  readonly attributes: SpanAttributes | null;
  /** Offsets of (trace id, span id) of each link, in pairs; null without any. */
  readonly links: readonly number[] | null;
}

/** Resource attributes that are read, by the field that holds them. */
export const RESOURCE_ATTRIBUTES = {
  "service.name": "serviceName",
  "service.namespace": "serviceNamespace",
  "deployment.environment.name": "environmentName",
  "deployment.environment": "environmentOld",
  "telemetry.sdk.language": "sdkLanguage",
  "cloud.platform": "cloudPlatform",
  "faas.name": "faasName",
  "cloud.resource_id": "cloudResourceId",
  "cloud.resource.id": "cloudResourceIdOld",
  "aws.ecs.task.arn": "ecsTaskArn",
  "aws.ecs.container.arn": "ecsContainerArn",
  "k8s.pod.uid": "podUid",
  "k8s.pod.name": "podName",
  "k8s.namespace.name": "podNamespace",
  "host.id": "hostId",
  "host.name": "hostName",
  "os.name": "osName",
  "browser.platform": "browserPlatform",
  "browser.language": "browserLanguage",
} as const;

/** Span attributes that are read, by the field that holds them. */
export const SPAN_ATTRIBUTES = {
  "peer.service": "peerService",
  "server.address": "serverAddress",
  "net.peer.name": "netPeerName",
  "network.peer.address": "networkPeerAddress",
  "network.peer.port": "networkPeerPort",
  "db.namespace": "dbNamespace",
  "db.name": "dbName",
  "db.system": "dbSystem",
  "db.system.name": "dbSystemName",
  "url.full": "urlFull",
  "http.url": "httpUrl",
  "http.route": "httpRoute",
  "http.request.method": "httpRequestMethod",
  "http.method": "httpMethod",
  "rpc.service": "rpcService",
  "rpc.system": "rpcSystem",
  "messaging.system": "messagingSystem",
  "messaging.destination.name": "messagingDestinationName",
  "messaging.destination": "messagingDestinationOld",
} as const;

/** The wanted attributes of one resource; one object per resource of a batch. */
export type ResourceAttributes = {
  -readonly [
    K in typeof RESOURCE_ATTRIBUTES[keyof typeof RESOURCE_ATTRIBUTES]
  ]?: string;
};

/** The wanted attributes of one span. `sampling` is the configured one. */
export type SpanAttributes =
  & {
    -readonly [K in typeof SPAN_ATTRIBUTES[keyof typeof SPAN_ATTRIBUTES]]?:
      string;
  }
  & { sampling?: string };
