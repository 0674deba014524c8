import { SpanKind } from "../map/span_kind.ts";
import type { Journey } from "./shop_journey.ts";
import { SHOP, type ShopService } from "./shop_services.ts";
import type { ShopSpanContext } from "./shop_span.ts";

/** What an HTTP call's two spans say of it. */
export function httpCall(method: string, route: string) {
  return {
    name: `${method} ${route}`,
    clientAttributes: {
      "http.request.method": method,
      "server.address": "shop.example",
      "url.full": `https://shop.example${route}?page=2`,
    },
    serverAttributes: {
      "http.request.method": method,
      "http.route": route,
      "http.response.status_code": 200,
    },
  };
}

/** What a gRPC call's two spans say of it. */
export function grpcCall(name: string) {
  const attributes = {
    "rpc.system": "grpc",
    "rpc.service": name.slice(0, name.indexOf("/")),
  };
  return { name, clientAttributes: attributes, serverAttributes: attributes };
}

/** The catalog is asked: its cache, then its database. */
export function listProducts(
  journey: Journey,
  parent: ShopSpanContext,
  { from = SHOP.gateway, to = SHOP.catalog }: {
    from?: ShopService;
    to?: ShopService;
  } = {},
): void {
  journey.call(parent, {
    from,
    to: [to],
    ...grpcCall("shop.Catalog/List"),
    medianMs: 6,
  }, (list) => {
    journey.lone(list, {
      from: to,
      kind: SpanKind.CLIENT,
      name: "GET products",
      medianMs: 0.6,
      attributes: {
        "db.system.name": "redis",
        "server.address": "redis.shop.internal",
      },
      shownAs: { type: "database", node: "redis.shop.internal" },
    });
    journey.lone(list, {
      from: to,
      kind: SpanKind.CLIENT,
      name: "SELECT products",
      medianMs: 5,
      attributes: {
        "db.system.name": "postgresql",
        "db.namespace": "products",
        "server.address": "postgres.shop.internal",
      },
      shownAs: { type: "database", node: "postgres.shop.internal" },
    });
    journey.work(list, { service: to, name: "sort products", medianMs: 1 });
  });
}

/**
 * One client span that one or two server spans answer; each of them calls its
 * own service.
 */
export function recommend(
  journey: Journey,
  parent: ShopSpanContext,
  { twice }: { twice: boolean },
): void {
  const { gateway, recommendation } = SHOP;
  journey.call(parent, {
    from: gateway,
    to: twice ? [recommendation, recommendation] : [recommendation],
    ...grpcCall("shop.Recommendation/For"),
    medianMs: 20,
  }, (request) => {
    journey.call(request, {
      from: recommendation,
      to: [recommendation],
      ...grpcCall("shop.Recommendation/Rank"),
      medianMs: 9,
    });
  });
}

/** A message that nobody with spans takes. */
export function publishClick(journey: Journey, parent: ShopSpanContext): void {
  journey.lone(parent, {
    from: SHOP.gateway,
    kind: SpanKind.PRODUCER,
    name: "clicks publish",
    medianMs: 1,
    attributes: {
      "messaging.system": "kafka",
      "messaging.destination.name": "clicks",
    },
    shownAs: { type: "virtual_node", node: "clicks" },
  });
}

/** A cache that is known by its network address alone. */
export function openCart(
  journey: Journey,
  parent: ShopSpanContext,
  { from }: { from: ShopService },
): void {
  journey.call(parent, {
    from,
    to: [SHOP.cart],
    ...grpcCall("shop.Cart/Open"),
    medianMs: 4,
  }, (open) => {
    journey.lone(open, {
      from: SHOP.cart,
      kind: SpanKind.CLIENT,
      name: "HGETALL cart",
      medianMs: 0.5,
      attributes: {
        "db.system": "redis",
        "network.peer.address": "10.1.2.3",
        "network.peer.port": 6379,
      },
      shownAs: { type: "database", node: "10.1.2.3:6379" },
    });
  });
}

/** Another namespace, and an external API behind it. */
export function pay(journey: Journey, parent: ShopSpanContext): void {
  const { checkout, payment } = SHOP;
  journey.call(parent, {
    from: checkout,
    to: [payment],
    ...grpcCall("finance.Payment/Charge"),
    medianMs: 12,
  }, (charge) => {
    journey.lone(charge, {
      from: payment,
      kind: SpanKind.CLIENT,
      name: "POST",
      medianMs: 180,
      attributes: {
        "http.request.method": "POST",
        "server.address": "api.cardbank.example",
        "url.full": "https://api.cardbank.example/v1/charges",
      },
      shownAs: { type: "virtual_node", node: "api.cardbank.example" },
    });
  });
}

/** A call that does not say whom it calls. */
export function checkFraud(journey: Journey, parent: ShopSpanContext): void {
  journey.lone(parent, {
    from: SHOP.checkout,
    kind: SpanKind.CLIENT,
    name: "check fraud",
    medianMs: 3,
    attributes: { "check.rules": 12 },
    shownAs: null,
  });
}

/** A database that is known by its name alone. */
export function storeOrder(journey: Journey, parent: ShopSpanContext): void {
  journey.lone(parent, {
    from: SHOP.checkout,
    kind: SpanKind.CLIENT,
    name: "INSERT orders",
    medianMs: 7,
    attributes: { "db.system": "mysql", "db.name": "orders" },
    shownAs: { type: "database", node: "orders" },
  });
}

/** A database that `peer.service` names. */
export function storeParcel(journey: Journey, parent: ShopSpanContext): void {
  journey.lone(parent, {
    from: SHOP.ordersWorker,
    kind: SpanKind.CLIENT,
    name: "INSERT parcels",
    medianMs: 6,
    attributes: {
      "db.system.name": "postgresql",
      "peer.service": "parcels-db",
      "server.address": "postgres.shop.internal",
    },
    shownAs: { type: "database", node: "parcels-db" },
  });
}

/** An external API that only its URL names. */
export function quoteParcel(journey: Journey, parent: ShopSpanContext): void {
  journey.lone(parent, {
    from: SHOP.shipping,
    kind: SpanKind.CLIENT,
    name: "GET",
    medianMs: 90,
    attributes: {
      "http.request.method": "GET",
      "url.full": "https://rates.parcel.example:8443/v2/quote?zone=4",
    },
    shownAs: { type: "virtual_node", node: "rates.parcel.example" },
  });
}

/** An external API that only its RPC service names. */
export function sendMail(journey: Journey, parent: ShopSpanContext): void {
  journey.lone(parent, {
    from: SHOP.email,
    kind: SpanKind.CLIENT,
    name: "mail.Relay/Send",
    medianMs: 60,
    attributes: { "rpc.system": "grpc", "rpc.service": "mail.Relay" },
    shownAs: { type: "virtual_node", node: "mail.Relay" },
  });
}

/** A caller without spans of its own that the server's span names. */
export function servePartner(journey: Journey): void {
  journey.entry({
    service: SHOP.gateway,
    name: "GET /products",
    medianMs: 3,
    attributes: {
      "http.request.method": "GET",
      "http.route": "/products",
      "peer.service": "partner-portal",
    },
    caller: "partner-portal",
  }, (request) => listProducts(journey, request));
}

/** A caller that nothing names. */
export function serveRobot(journey: Journey): void {
  journey.entry({
    service: SHOP.gateway,
    name: "GET /robots.txt",
    medianMs: 1,
    attributes: { "http.request.method": "GET", "http.route": "/robots.txt" },
    caller: "user",
  }, () => {});
}

/** A caller whose span never comes. */
export function serveLostCaller(journey: Journey): void {
  journey.orphan({
    service: SHOP.gateway,
    name: "GET /health",
    medianMs: 1,
    attributes: { "http.request.method": "GET", "http.route": "/health" },
  });
}

/** The same names in another environment. */
export function tryStaging(journey: Journey): void {
  const { stagingGateway, stagingCatalog } = SHOP;
  journey.entry({
    service: stagingGateway,
    name: "GET /products",
    medianMs: 3,
    attributes: { "http.request.method": "GET", "http.route": "/products" },
    caller: "user",
  }, (request) => {
    listProducts(journey, request, {
      from: stagingGateway,
      to: stagingCatalog,
    });
  });
}

/** A service that works alone. */
export function syncPrices(journey: Journey): void {
  journey.span({
    service: SHOP.priceSync,
    name: "sync prices",
    kind: SpanKind.INTERNAL,
    medianMs: 250,
  });
}
