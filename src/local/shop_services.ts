import type { NodeIdentity } from "../map/node_identity.ts";

/** A service of the shop: who it is, and what its SDK says about it. */
export interface ShopService {
  readonly node: NodeIdentity;
  /** Attributes of its OTLP resource. */
  readonly resource: Readonly<Record<string, string>>;
}

/** The services that the shop's traffic comes from. */
export const SHOP = {
  storefront: service("storefront", {
    "telemetry.sdk.language": "webjs",
    "browser.platform": "Linux",
    "browser.language": "en",
  }),
  gateway: service("gateway", { "telemetry.sdk.language": "nodejs" }),
  catalog: service("catalog", { "telemetry.sdk.language": "go" }),
  recommendation: service("recommendation", {
    "telemetry.sdk.language": "python",
  }),
  cart: service("cart", { "telemetry.sdk.language": "dotnet" }),
  checkout: service("checkout", { "telemetry.sdk.language": "java" }),
  payment: service("payment", { "telemetry.sdk.language": "java" }, {
    namespace: "finance",
  }),
  ordersWorker: service("orders-worker", { "telemetry.sdk.language": "java" }),
  shipping: service("shipping", { "telemetry.sdk.language": "rust" }),
  email: service("email", { "telemetry.sdk.language": "ruby" }),
  /** Calls nobody and is called by nobody. */
  priceSync: service("price-sync", { "telemetry.sdk.language": "python" }),
  /** The same names as above, in another environment. */
  stagingGateway: service("gateway", { "telemetry.sdk.language": "nodejs" }, {
    environment: "staging",
  }),
  stagingCatalog: service("catalog", { "telemetry.sdk.language": "go" }, {
    environment: "staging",
  }),
} as const;

function service(
  name: string,
  attributes: Readonly<Record<string, string>>,
  { namespace = "shop", environment = "production" } = {},
): ShopService {
  return {
    node: { namespace, name, environment },
    resource: {
      "service.name": name,
      "service.namespace": namespace,
      "deployment.environment.name": environment,
      ...attributes,
    },
  };
}
