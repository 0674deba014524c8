import type { NodeIdentity } from "../map/node_identity.ts";
import type { ConnectionType } from "../map/service_window.ts";
import type { SpanKind, StatusCode } from "../map/span_kind.ts";
import type { ShopService } from "./shop_services.ts";

/** What identifies a span: what its children and links refer to. */
export interface ShopSpanContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
}

/** A span as an SDK would export it. */
export interface ShopSpan extends ShopSpanContext {
  readonly service: ShopService;
  /** 16 hex digits; "" for a root. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly status: StatusCode;
  /** ns since the epoch. */
  readonly startNs: bigint;
  /** ns since the epoch. */
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly links: readonly ShopSpanContext[];
}

/** One request between two nodes, as the service map has to count it. */
export interface ShopRequest {
  readonly from: NodeIdentity;
  readonly to: NodeIdentity;
  readonly connectionType: ConnectionType;
  readonly messagingSystem: string;
  readonly messagingDestination: string;
  readonly failed: boolean;
  /** Duration of the server's span, ns; null where there is none. */
  readonly serverNs: number | null;
  /** Duration of the client's span, ns; null where there is none. */
  readonly clientNs: number | null;
  /** From the producer's end to the consumer's start, ns; else null. */
  readonly queueNs: number | null;
  /** When it counts: the server's end, else the client's; ns since the epoch. */
  readonly endNs: bigint;
}

/** A span that misses its other half and names no peer. */
export interface ShopUnpaired {
  readonly service: ShopService;
  readonly side: "client" | "server";
  /** When the span ended, ns since the epoch. */
  readonly endNs: bigint;
}

/** What happened in the shop: the spans, and what they mean for the map. */
export interface ShopTraffic {
  readonly spans: ShopSpan[];
  readonly requests: ShopRequest[];
  readonly unpaired: ShopUnpaired[];
}

/** No traffic yet. */
export function noTraffic(): ShopTraffic {
  return { spans: [], requests: [], unpaired: [] };
}

/** How long a span took, ns. */
export function durationNs(span: Pick<ShopSpan, "startNs" | "endNs">): number {
  return Number(span.endNs - span.startNs);
}
