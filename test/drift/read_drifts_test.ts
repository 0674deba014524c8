import { expect, test } from "vitest";
import {
  MAX_DRIFT_AHEAD_MS,
  MAX_DRIFT_ID_LENGTH,
  MAX_DRIFT_LENGTH,
  MAX_DRIFT_PROBLEMS,
  MAX_DRIFT_TEXT_LENGTH,
  MAX_DRIFTS_PER_REQUEST,
  MAX_IMPACTED_RESOURCES,
} from "../../src/drift/drift_limits.ts";
import { withId } from "../../src/drift/drift_id.ts";
import { readDrifts, type ToldDrift } from "../../src/drift/read_drifts.ts";

const NOW_MS = Date.parse("2026-01-31T14:40:00Z");
const TIME = "2026-01-31T14:32:00Z";
const TIME_MS = Date.parse(TIME);

const DEEPDRIFT = {
  id: "drift-7",
  resource_id: "aws:sg:sg-123456",
  resource_type: "security_group",
  type: "modified",
  timestamp: TIME,
  before: { ingress: [5432] },
  after: { ingress: [] },
  diff: { ingress: { removed: [5432] } },
  root_cause: {
    cloudtrail_event_id: "ct-1",
    event_name: "RevokeSecurityGroupIngress",
    user_identity: "alice",
    user_arn: "arn:aws:iam::1:user/alice",
    source_ip: "10.1.2.3",
    timestamp: TIME,
  },
  impacted_resources: ["aws:ec2:i-1"],
  severity: "high",
};

const WEBHOOK = {
  event_type: "terraform_drift_detected",
  provider: "aws",
  account_id: "123456789012",
  resource_type: "aws_security_group",
  resource_id: "sg-123456",
  change_type: "modified",
  detected_at: TIME,
  source: "tfdrift-falco",
  severity: "critical",
  region: "eu-west-1",
  user: "alice",
  expected: { ingress: [5432] },
  actual: { ingress: [] },
  diff: "- 5432",
  cloudtrail_event: "RevokeSecurityGroupIngress",
  request_id: "req-1",
  version: "1.0.0",
  labels: { team: "shop" },
};

function one(body: unknown): ToldDrift {
  const read = readDrifts(body, NOW_MS);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const [drift, ...others] = read.drifts;
  if (drift === undefined || others.length > 0) throw new Error("not one");
  return drift;
}

function problems(body: unknown): readonly string[] {
  const read = readDrifts(body, NOW_MS);
  return read.ok
    ? []
    : read.problems.map(({ parameter, problem }) => `${parameter} ${problem}`);
}

function bad(fields: object): string {
  const [first = ""] = problems({ ...DEEPDRIFT, ...fields });
  return first;
}

test("readDrifts() reads DeepDrift's events", () => {
  expect(one(DEEPDRIFT)).toEqual({
    id: "drift-7",
    resourceId: "aws:sg:sg-123456",
    resourceType: "security_group",
    type: "modified",
    severity: "high",
    timeMs: TIME_MS,
    source: "deepdrift",
    rootCause: {
      cloudtrailEventId: "ct-1",
      eventName: "RevokeSecurityGroupIngress",
      userIdentity: "alice",
      userArn: "arn:aws:iam::1:user/alice",
      sourceIp: "10.1.2.3",
      timeMs: TIME_MS,
    },
    impactedResources: ["aws:ec2:i-1"],
    before: { ingress: [5432] },
    after: { ingress: [] },
    diff: { ingress: { removed: [5432] } },
    metadata: {},
    truncated: [],
  });
});

test("readDrifts() reads what calls the type drift_type and the time detected_at", () => {
  const drift = one({
    resource_id: "i-1",
    drift_type: "Created",
    detected_at: TIME_MS / 1000,
    severity: null,
    metadata: { by: "bob" },
    team: "shop",
  });
  expect(drift).toMatchObject({
    id: null,
    type: "created",
    timeMs: TIME_MS,
    severity: "medium",
    source: "airdig",
    rootCause: null,
    metadata: { by: "bob", team: "shop" },
  });
});

test("readDrifts() reads TFDrift-Falco's webhook", () => {
  const drift = one(WEBHOOK);
  expect(drift).toEqual({
    id: null,
    resourceId: "sg-123456",
    resourceType: "aws_security_group",
    type: "modified",
    severity: "critical",
    timeMs: TIME_MS,
    source: "tfdrift-falco",
    rootCause: {
      cloudtrailEventId: "req-1",
      eventName: "RevokeSecurityGroupIngress",
      userIdentity: "alice",
      userArn: "",
      sourceIp: "",
      timeMs: TIME_MS,
    },
    impactedResources: [],
    before: { ingress: [5432] },
    after: { ingress: [] },
    diff: "- 5432",
    metadata: {
      provider: "aws",
      account_id: "123456789012",
      region: "eu-west-1",
      request_id: "req-1",
      version: "1.0.0",
      labels: { team: "shop" },
    },
    truncated: [],
  });
});

test("readDrifts() reads several forms in one array, in order", () => {
  const read = readDrifts([WEBHOOK, DEEPDRIFT], NOW_MS);
  expect(read).toMatchObject({
    ok: true,
    drifts: [{ source: "tfdrift-falco" }, { source: "deepdrift" }],
  });
});

test("readDrifts() says which field of which event is wrong, by the sender's name", () => {
  const wrong = [
    DEEPDRIFT,
    { ...WEBHOOK, change_type: "exploded", detected_at: "yesterday" },
    { ...DEEPDRIFT, resource_id: "", root_cause: { user_arn: 7 } },
    "no event",
    { ...DEEPDRIFT, type: undefined, timestamp: undefined },
    { drift_type: "created", resource_id: "x" },
  ];
  expect(problems(wrong).map((text) => text.split(" ")[0])).toEqual([
    "[1].change_type",
    "[1].detected_at",
    "[2].resource_id",
    "[2].root_cause.user_arn",
    "[3]",
    "[4].type",
    "[4].timestamp",
    "[5].detected_at",
  ]);
  for (const body of [null, 7, "text", []]) {
    expect(problems(body)).toEqual([expect.stringMatching(/^body must/)]);
  }
  expect(bad({ type: "exploded" }))
    .toBe("type must be one of created, modified, deleted, unknown");
  expect(bad({ severity: "bad" }))
    .toBe("severity must be one of critical, high, medium, low, info");
  // Not a moment, but how long ago.
  expect(bad({ timestamp: "5m" })).toMatch(/^timestamp must be an RFC 3339/);
});

test("readDrifts() takes as much as its limits say", () => {
  const { id: _, ...nameless } = DEEPDRIFT;
  const most = Array.from({ length: MAX_DRIFTS_PER_REQUEST }, () => nameless);
  expect(problems(most)).toEqual([]);
  expect(problems([...most, nameless])).toEqual([
    `body must hold 1 to ${MAX_DRIFTS_PER_REQUEST} events`,
  ]);
  expect(bad({ id: "i".repeat(MAX_DRIFT_ID_LENGTH) })).toBe("");
  expect(bad({ id: "i".repeat(MAX_DRIFT_ID_LENGTH + 1) })).toMatch(/^id must/);
  for (const name of ["resource_id", "resource_type", "source"]) {
    expect(bad({ [name]: "x".repeat(MAX_DRIFT_TEXT_LENGTH) })).toBe("");
    expect(bad({ [name]: "x".repeat(MAX_DRIFT_TEXT_LENGTH + 1) }))
      .toContain(`${name} must`);
  }
  const ids = Array.from({ length: MAX_IMPACTED_RESOURCES }, () => "i-1");
  expect(bad({ impacted_resources: ids })).toBe("");
  expect(bad({ impacted_resources: [...ids, "i-1"] }))
    .toMatch(/^impacted_resources must/);
  expect(bad({ timestamp: NOW_MS + MAX_DRIFT_AHEAD_MS })).toBe("");
  expect(bad({ timestamp: NOW_MS + MAX_DRIFT_AHEAD_MS + 1 }))
    .toMatch(/^timestamp must be after 1970/);
  expect(bad({ timestamp: "1970-01-01T00:00:00Z" }))
    .toMatch(/^timestamp must be after 1970/);
  const wrong = Array.from({ length: MAX_DRIFT_PROBLEMS + 1 }, () => 7);
  expect(problems(wrong)).toHaveLength(MAX_DRIFT_PROBLEMS);
});

test("readDrifts() leaves out the largest parts of an event that is too large", () => {
  const { before: _, ...told } = DEEPDRIFT;
  const length = JSON.stringify(one({ ...told, before: "" })).length;
  const fitting = "x".repeat(MAX_DRIFT_LENGTH - length);
  expect(one({ ...told, before: fitting }))
    .toMatchObject({ before: fitting, truncated: [] });
  const beyond = one({ ...told, before: `${fitting}x` });
  expect(beyond).toMatchObject({ before: null, truncated: ["before"] });
  expect(beyond.after).toEqual(DEEPDRIFT.after);
  const all = one({
    ...told,
    before: "x".repeat(MAX_DRIFT_LENGTH),
    metadata: { note: "x".repeat(MAX_DRIFT_LENGTH) },
    impacted_resources: Array.from({ length: 20 }, () => "x".repeat(2000)),
  });
  expect(all.truncated.toSorted())
    .toEqual(["before", "impactedResources", "metadata"]);
  expect(JSON.stringify(all).length).toBeLessThanOrEqual(MAX_DRIFT_LENGTH);
});

test("withId() gives the same event the same id, and others another", async () => {
  async function idOf(fields: object): Promise<string> {
    return (await withId(one({ ...WEBHOOK, ...fields }))).id;
  }
  const id = await idOf({});
  // Told again, with more words and a moment later: the same call of the cloud.
  expect(await idOf({ severity: "low", detected_at: NOW_MS })).toBe(id);
  const others = await Promise.all([
    idOf({ request_id: "req-2" }),
    idOf({ request_id: null }),
    idOf({ request_id: null, detected_at: NOW_MS }),
    idOf({ resource_id: "sg-2" }),
    idOf({ change_type: "deleted" }),
  ]);
  expect(new Set([id, ...others]).size).toBe(6);
  expect((await withId(one(DEEPDRIFT))).id).toBe("drift-7");
});
