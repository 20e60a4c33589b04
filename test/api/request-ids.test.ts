import { expect, it } from "vitest";
import { requestIds } from "../../src/api/request-ids.ts";
import { isUuid } from "../../src/foundation/ids.ts";
import { ManualClock, SeededRandom } from "../foundation/doubles.ts";

it("are UUIDs of version 7 that sort by time, each another one", () => {
  const clock = new ManualClock();
  clock.wall = 0x017f22e279b0;
  const next = requestIds(clock, new SeededRandom());
  const ids = Array.from({ length: 1000 }, next);
  expect(ids.every(isUuid)).toBe(true);
  expect(ids.filter((id) => !/^017f22e2-79b0-7...-8/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
  clock.advance(1);
  const later = next();
  expect(ids.every((id) => id < later)).toBe(true);
});
