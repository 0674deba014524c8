import { expect, test } from "vitest";
import {
  GuessBrake,
  MAX_GUESSES_PER_SECOND,
  MAX_GUESSING_ADDRESSES,
  senderNetwork,
} from "../../src/access/guess_brake.ts";
import { BURST_S } from "../../src/access/token_bucket.ts";

const BURST = MAX_GUESSES_PER_SECOND * BURST_S;

function guess(brake: GuessBrake, times: number, nowMs = 0): number {
  return Array.from({ length: times })
    .filter(() => brake.mayLookUp("a", nowMs)).length;
}

test("GuessBrake lets a burst through, not one more, and MAX_GUESSES_PER_SECOND later on", () => {
  const brake = new GuessBrake();
  expect(guess(brake, BURST)).toBe(BURST);
  expect(guess(brake, 1)).toBe(0);
  expect(brake.mayLookUp("b", 0)).toBe(true);
  expect(guess(brake, 1000, 1000)).toBe(MAX_GUESSES_PER_SECOND);
});

test("GuessBrake takes back what was found, also where nothing was left", () => {
  const brake = new GuessBrake();
  guess(brake, BURST);
  brake.found("a", 0);
  expect(guess(brake, 2)).toBe(1);
});

test("GuessBrake never stops senders of whom nothing is known", () => {
  const brake = new GuessBrake();
  for (let at = 0; at <= BURST; at++) {
    expect(brake.mayLookUp("", 0)).toBe(true);
  }
  expect(brake.size).toBe(0);
});

test("GuessBrake remembers MAX_GUESSING_ADDRESSES, and lets the oldest go", () => {
  const brake = new GuessBrake();
  guess(brake, BURST);
  for (let at = 1; at < MAX_GUESSING_ADDRESSES; at++) {
    brake.mayLookUp(`other ${at}`, 0);
  }
  expect(brake.size).toBe(MAX_GUESSING_ADDRESSES);
  expect(guess(brake, 1)).toBe(0);
  for (let at = 0; at < MAX_GUESSING_ADDRESSES; at++) {
    brake.mayLookUp(`new ${at}`, 0);
  }
  expect(brake.size).toBe(MAX_GUESSING_ADDRESSES);
  expect(guess(brake, 1)).toBe(1);
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8:1:2::6", "2001:db8:1:2"],
  ["2001:db8::6", "2001:db8"],
  ["::1", ""],
  ["127.0.0.1", ""],
  ["10.1.2.3", ""],
  ["192.168.1.2", ""],
  ["172.15.0.1", "172.15.0.1"],
  ["172.16.0.1", ""],
  ["172.31.255.1", ""],
  ["172.32.0.1", "172.32.0.1"],
  ["fd00:1:2:3::4", ""],
])("senderNetwork() of %s is %j", (address, network) => {
  const headers = new Headers({ "cf-connecting-ip": address });
  expect(senderNetwork(headers)).toBe(network);
});
