import { expect, test } from "vitest";
import {
  admitIds,
  MAX_SERVICE_IDS_LENGTH,
  MAX_SERVICES_PER_TENANT,
} from "../../src/directory/admit_ids.ts";
import { OVERFLOW_NAME } from "../../src/map/window_entries.ts";

test("admitIds() takes MAX_SERVICES_PER_TENANT services and refuses the next", () => {
  const ids = Array.from(
    { length: MAX_SERVICES_PER_TENANT + 1 },
    (_, at) => `service ${at}`,
  );
  const { services, refused } = admitIds([], ids);
  expect(services).toEqual([...ids.slice(0, -1), OVERFLOW_NAME]);
  expect(refused).toEqual(ids.slice(-1));
});

test("admitIds() takes MAX_SERVICE_IDS_LENGTH characters and refuses one more", () => {
  const long = "a".repeat(MAX_SERVICE_IDS_LENGTH - 1);
  expect(admitIds([long], ["b"]).refused).toEqual([]);
  expect(admitIds([long], ["bb"]).refused).toEqual(["bb"]);
});
