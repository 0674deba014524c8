import { SpanKind } from "../map/span_kind.ts";
import type { SeededRandom } from "./seeded_random.ts";
import { Journey, type Message } from "./shop_journey.ts";
import { SHOP } from "./shop_services.ts";
import type { ShopTraffic } from "./shop_span.ts";
import {
  checkFraud,
  grpcCall,
  httpCall,
  listProducts,
  openCart,
  pay,
  publishClick,
  quoteParcel,
  recommend,
  sendMail,
  serveLostCaller,
  servePartner,
  serveRobot,
  storeOrder,
  storeParcel,
  syncPrices,
  tryStaging,
} from "./shop_steps.ts";

const ORDERS = { system: "kafka", destination: "orders" } as const;
const SHIPMENTS = { system: "rabbitmq", destination: "shipments" } as const;
/** Orders that the worker takes out of the queue at once. */
const ORDERS_TAKEN = 3;

/**
 * A shop of ten services and what is around them, whose visitors leave spans.
 * All that is random comes from the given source, and time from the caller.
 *
 * @example One visitor's spans, and what the map has to show of them
 * ```ts
 * import { SeededRandom } from "../src/local/seeded_random.ts";
 * import { Shop } from "../src/local/shop.ts";
 * import { noTraffic } from "../src/local/shop_span.ts";
 *
 * const traffic = noTraffic();
 * new Shop(new SeededRandom(1)).visit(traffic, 1_700_000_000_000_000_000n);
 * expect(traffic.spans.length).toBeGreaterThan(0);
 * ```
 */
export class Shop {
  readonly #random: SeededRandom;
  #orders: Message[] = [];

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /**
   * Someone or something visits the shop, and the orders made earlier are
   * taken out of the queue where enough of them wait.
   *
   * @param traffic What happens is added to it.
   * @param startNs When the visit begins, ns since the epoch.
   */
  visit(traffic: ShopTraffic, startNs: bigint): void {
    const journey = new Journey(traffic, this.#random, { startNs });
    this.#pick()(journey);
    while (this.#orders.length >= ORDERS_TAKEN) this.#takeOrders(traffic);
  }

  /** Takes what still waits out of the queue. */
  close(traffic: ShopTraffic): void {
    while (this.#orders.length > 0) this.#takeOrders(traffic);
  }

  #pick(): (journey: Journey) => void {
    const choices: [number, (journey: Journey) => void][] = [
      [0.4, (journey) => this.#browse(journey)],
      [0.2, (journey) => this.#fillCart(journey)],
      [0.12, (journey) => this.#buy(journey)],
      [0.08, servePartner],
      [0.05, serveRobot],
      [0.05, serveLostCaller],
      [0.07, tryStaging],
    ];
    let rest = this.#random.fraction();
    for (const [share, run] of choices) {
      if (rest < share) return run;
      rest -= share;
    }
    return syncPrices;
  }

  #browse(journey: Journey): void {
    const { storefront, gateway } = SHOP;
    const twice = this.#random.chance(0.2);
    journey.span({
      service: storefront,
      name: "documentLoad",
      kind: SpanKind.INTERNAL,
      medianMs: 120,
    }, (page) => {
      journey.call(page, {
        from: storefront,
        to: [gateway],
        ...httpCall("GET", "/products"),
        medianMs: 3,
      }, (request) => {
        listProducts(journey, request);
        recommend(journey, request, { twice });
        publishClick(journey, request);
      });
    });
  }

  #fillCart(journey: Journey): void {
    const { storefront, gateway } = SHOP;
    journey.call(null, {
      from: storefront,
      to: [gateway],
      ...httpCall("POST", "/cart"),
      medianMs: 2,
    }, (request) => openCart(journey, request, { from: gateway }));
  }

  #buy(journey: Journey): void {
    const { storefront, gateway, checkout } = SHOP;
    journey.call(null, {
      from: storefront,
      to: [gateway],
      ...httpCall("POST", "/checkout"),
      medianMs: 3,
    }, (request) => {
      journey.call(request, {
        from: gateway,
        to: [checkout],
        ...grpcCall("shop.Checkout/PlaceOrder"),
        medianMs: 8,
      }, (order) => {
        openCart(journey, order, { from: checkout });
        pay(journey, order);
        checkFraud(journey, order);
        storeOrder(journey, order);
        this.#orders.push(
          journey.produce(order, { from: checkout, ...ORDERS }),
        );
      });
    });
  }

  #takeOrders(traffic: ShopTraffic): void {
    const [first, ...more] = this.#orders.splice(0, ORDERS_TAKEN);
    if (first === undefined) return;
    this.#ship(traffic, [first, ...more]);
    for (const order of [first, ...more]) this.#notify(traffic, order);
  }

  #ship(traffic: ShopTraffic, orders: [Message, ...Message[]]): void {
    const startNs = orders[0].producer.endNs;
    const journey = new Journey(traffic, this.#random, { startNs });
    const shipments: Message[] = [];
    journey.consume({
      to: SHOP.ordersWorker,
      messages: orders,
      by: "link",
      name: "orders process",
      medianMs: 15,
    }, (process) => {
      storeParcel(journey, process);
      shipments.push(
        journey.produce(process, { from: SHOP.ordersWorker, ...SHIPMENTS }),
      );
    });
    const linked = this.#random.chance(0.5);
    for (const shipment of shipments) {
      journey.consume({
        to: SHOP.shipping,
        messages: [shipment],
        by: linked ? "parent and link" : "parent",
        name: "shipments process",
        medianMs: 10,
      }, (process) => quoteParcel(journey, process));
    }
  }

  #notify(traffic: ShopTraffic, order: Message): void {
    const startNs = order.producer.endNs;
    const journey = new Journey(traffic, this.#random, { startNs });
    journey.consume({
      to: SHOP.email,
      messages: [order],
      by: "link",
      name: "orders notify",
      medianMs: 5,
    }, (process) => sendMail(journey, process));
  }
}
