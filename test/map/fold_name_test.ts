import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { foldName, MAX_FOLDED_NAMES } from "../../src/map/fold_name.ts";

const FOLDED: readonly (readonly [string, string])[] = [
  ["/users/123", "/users/{id}"],
  ["GET /users/123", "GET /users/{id}"],
  ["GET /users/123/orders/456", "GET /users/{id}/orders/{id}"],
  ["GET /users/123/", "GET /users/{id}/"],
  ["GET /0", "GET /{id}"],
  ["GET /balance/-42", "GET /balance/{id}"],
  ["GET /cart?x=1", "GET /cart"],
  ["GET /cart?", "GET /cart"],
  ["GET /cart#top", "GET /cart"],
  ["GET /search?q=a b/c d", "GET /search"],
  ["GET /search?next=/users/1", "GET /search"],
  ["GET /cart?x=1 HTTP/1.1", "GET /cart"],
  ["/cart/7?x=1#y", "/cart/{id}"],
  [
    "GET https://shop.example/users/123?x=1",
    "GET https://shop.example/users/{id}",
  ],
  ["https://shop.example?x=1", "https://shop.example"],
  ["https://shop.example:8080/7", "https://shop.example:8080/{id}"],
  ["GET https://ann:secret@shop.example/", "GET https://shop.example/"],
  ["GET http://10.0.0.1/users/7", "GET http://10.0.0.1/users/{id}"],
  ["//cdn.example/img/98765.png", "//cdn.example/img/{id}.png"],
  [
    "GET /orders/6f1c2f5e-7a49-4f0c-9d2e-0c1e7b7f3a11",
    "GET /orders/{id}",
  ],
  ["/x/ABCDEFAB-ABCD-4ABC-ABCD-ABCDEFABCDEF", "/x/{id}"],
  ["/trace/5b8efff798038103d269b633813fc60c", "/trace/{id}"],
  ["/commit/3f2a9c1b", "/commit/{id}"],
  ["/commit/facade12", "/commit/{id}"],
  ["/tx/0xdeadbeef01", "/tx/{id}"],
  ["/static/app.3f2a9c1b.js", "/static/{id}.js"],
  ["/assets/main-aabbccd1.css", "/assets/{id}.css"],
  ["/img/12345.jpeg", "/img/{id}.jpeg"],
  ["/v/7.mp4", "/v/{id}.mp4"],
  ["/watch/dQw4w9WgXcQ", "/watch/{id}"],
  ["/n/V1StGXR8_Z5jdHi6B-myT", "/n/{id}"],
  ["/u/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/u/{id}"],
  ["/c/cjld2cjxh0000qzrmn831i7rn", "/c/{id}"],
  ["/o/507f1f77bcf86cd799439011", "/o/{id}"],
  ["/session/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkw", "/session/{id}"],
  ["/orders/ORD-12345", "/orders/{id}"],
  ["/users/ann@shop.example", "/users/{id}"],
  ["/users/ann%40shop.example", "/users/{id}"],
  ["/users/ann.b+c@mail.shop.example/edit", "/users/{id}/edit"],
  ["/report/2024-01-31", "/report/{id}"],
  ["/report/2024-01", "/report/{id}"],
  ["/report/20240131", "/report/{id}"],
  ["/at/2024-01-31T10:00:00.000Z", "/at/{id}"],
  ["/map/52.5200,13.4050", "/map/{id}"],
  ["/tag/%E6%97%A5%E6%9C%AC", "/tag/{id}"],
  ["users/42", "users/{id}"],
  ["render users/42 twice", "render users/{id} twice"],
];

const UNCHANGED: readonly string[] = [
  "",
  "/",
  "SELECT shop.orders",
  "SELECT * FROM t WHERE id = 123",
  "SELECT /* hint */ a FROM t WHERE b = ?",
  "checkout",
  "checkout 12345",
  "http2",
  "s3 PutObject",
  "orders process",
  "GET",
  "/cart.v1.Cart/AddItem",
  "grpc.health.v1.Health/Check",
  "cart.Carts/GetAllUsersByIdOrName",
  "GET /api/v2/items/{id}",
  "GET /api/v1beta1/items",
  "/static/app.js",
  "/robots.txt",
  "/jquery-3.6.0.min.js",
  "POST /oauth2/token",
  "GET /oauth2-v2/callback",
  "GET /2fa/verify",
  "GET /x HTTP/1.1",
  "/docs/1.22.1/intro",
  "/users/:id",
  "/users/:userId12345/orders",
  "/:lang?/home",
  "/users/<int:id>/",
  "/users/[id]",
  "/users/(\\d{4,10})/x",
  "/files/*",
  "/to-be-or-not-to-be",
  "/deadbeef",
  "/getUserProfileSettings",
  "/npm/@scope/pkg",
  "/npm/react@18.2.0/main",
  "https://shop.example",
  "https://shop.example/",
  "https://shop.example/cart/add",
  "C#/loader",
  "text/html",
  "a  b/c  d",
];

test.each(FOLDED)("foldName(%j) is %j", (name, folded) => {
  expect(foldName(name)).toBe(folded);
});

test.each(UNCHANGED)("foldName() leaves %j as it is", (name) => {
  expect(foldName(name)).toBe(name);
});

const piece = fc.constantFrom(
  ..."/?#:@.%-_ {}*a1Zé".split(""),
  "://",
  "123",
  "{id}",
  "%40",
  "3f2a9c1b",
  ".png",
  "v2",
  "ann@shop.example",
);

test("foldName() of a folded name changes nothing", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join("")),
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        fc.string(),
      ),
      (name) => {
        const folded = foldName(name);
        expect(foldName(folded)).toBe(folded);
      },
    ),
    { numRuns: 1000 },
  );
});

test("foldName() makes one name of users, moments and 95 % of random tokens", () => {
  const id = fc.oneof(
    fc.uuid(),
    fc.nat().map(String),
    fc.nat().map((seed) =>
      createHash("sha256").update(`${seed}`).digest("base64url")
    ),
    fc.ulid(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  );
  const names = fc.sample(id, { numRuns: 2000, seed: 1 })
    .map((text) => foldName(`GET /users/${text}?r=${text}`));
  const folded = names.filter((name) => name === "GET /users/{id}");
  expect(folded.length).toBeGreaterThan(0.95 * names.length);
});

test("foldName() takes time in proportion to the name, whatever is in it", () => {
  const pieces = ["/", "@", "%40", "a@", "a.", "-", "0a", "://", " ?", "?:"];
  for (const piece of pieces) {
    const began = performance.now();
    foldName(`/${piece.repeat(100_000)}!`);
    expect(performance.now() - began).toBeLessThan(1000);
  }
});

test("foldName() gives the same answers beyond MAX_FOLDED_NAMES names", () => {
  for (let at = 0; at <= MAX_FOLDED_NAMES + 1; at++) {
    expect(foldName(`/x/${at}`)).toBe("/x/{id}");
  }
  expect(foldName("/users/123")).toBe("/users/{id}");
});
