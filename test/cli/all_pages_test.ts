import { expect, test } from "vitest";
import { allPages, MAX_PAGES } from "../../src/cli/all_pages.ts";

test.each([
  [MAX_PAGES, null],
  [MAX_PAGES + 1, `${MAX_PAGES}`],
])("allPages() asks for MAX_PAGES at the most, of %i", async (pages, next) => {
  let asked = 0;
  const found = await allPages(() => {
    asked++;
    return Promise.resolve({
      entries: [],
      next: asked < pages ? `${asked}` : null,
    });
  }, { limit: 10, pageLimit: 10 });
  expect([asked, found.next]).toEqual([MAX_PAGES, next]);
});
