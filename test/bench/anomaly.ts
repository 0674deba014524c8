import { detect } from "../../src/anomaly/detect.ts";
import { emptyDetector } from "../../src/anomaly/detector_state.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import {
  type Callee,
  DAY_MINUTES,
  drawnNature,
  type Fault,
  SERVICE,
  Traffic,
} from "../anomaly/traffic.ts";
import { quietWeeks } from "./quiet_weeks.ts";

const SERVICES = Number(process.env["SERVICES"] ?? 40);
const DAYS = Number(process.env["DAYS"] ?? 7);
const FAULTS = Number(process.env["FAULTS"] ?? 100);
const FIRST_SEED = Number(process.env["FIRST_SEED"] ?? 20_000);

/** Minutes from the fault until it is raised on its edge, or null. */
function faultRun(
  seed: number,
  makeFault: (callee: Callee, from: number) => Fault,
): { readonly edge: number | null; readonly any: number | null } {
  const random = new SeededRandom(seed);
  const drawn = drawnNature(random);
  const [first = { name: "", rate: 0, ms: 0, sigma: 0, errors: 0 }, ...rest] =
    drawn.callees;
  const rate = RATES[seed % RATES.length] ?? 60;
  const callee = { ...first, rate, ms: Math.max(first.ms, 10) };
  const traffic = new Traffic({ ...drawn, callees: [callee, ...rest] }, random);
  const days = seed % 2 === 0 ? 1 : 2;
  const from = Math.floor((days - 1) * DAY_MINUTES + 120 + random.below(1200));
  const fault = makeFault(callee, from);
  let state = emptyDetector();
  let edge: number | null = null;
  let any: number | null = null;
  for (let minute = 0; minute < from + 30; minute++) {
    const detected = detect(state, traffic.next([fault]), {
      minute,
      service: SERVICE,
    });
    state = detected.state;
    if (minute < from) continue;
    for (const anomaly of detected.raised) {
      any ??= minute - from + 1;
      if (anomaly.edge?.to === encodeURIComponent(callee.name)) {
        edge ??= minute - from + 1;
      }
    }
  }
  return { edge, any };
}

const RATES = [25, 60, 150, 400];
const KINDS: Readonly<
  Record<string, (callee: Callee, from: number) => Fault>
> = {
  "+50 % latency": ({ name: callee }, from) => ({
    callee,
    from,
    to: Infinity,
    slower: 1.5,
  }),
  "+100 % latency": ({ name: callee }, from) => ({
    callee,
    from,
    to: Infinity,
    slower: 2,
  }),
  "2 % errors": ({ name: callee }, from) => ({
    callee,
    from,
    to: Infinity,
    errors: 0.02,
  }),
  "5 % errors": ({ name: callee }, from) => ({
    callee,
    from,
    to: Infinity,
    errors: 0.05,
  }),
  "dead callee": ({ name: callee }, from) => ({
    callee,
    from,
    to: Infinity,
    dead: true,
  }),
};
const table: Record<string, object> = {};
for (const [kind, makeFault] of Object.entries(KINDS)) {
  const runs = Array.from({ length: FAULTS }, (_, at) => at + FIRST_SEED);
  const found = runs.map((seed) => faultRun(seed, makeFault));
  const shares = RATES.map((_, at) => {
    const of = found.filter((_one, run) =>
      (run + FIRST_SEED) % RATES.length === at
    );
    const within = of.filter(({ edge }) => edge !== null && edge <= 6).length;
    return [`${RATES[at]}/min`, (within / of.length).toFixed(2)];
  });
  const late = found.filter(({ edge }) => edge !== null).length / FAULTS;
  table[kind] = { ...Object.fromEntries(shares), "within 30 min": late };
}
for (const [kind, shares] of Object.entries(table)) {
  process.stdout.write(`${kind}: ${JSON.stringify(shares)}\n`);
}
process.stdout.write(`${
  JSON.stringify({
    bench: "anomaly",
    quiet: quietWeeks({
      services: SERVICES,
      days: DAYS,
      firstSeed: FIRST_SEED,
    }),
    faults: table,
  })
}\n`);
