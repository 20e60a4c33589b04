/** Looks for nodes and writes what it sees, when it sees it: one JSON line a change, times as `Date.now()` has them. */

import { Browser } from "../../../../src/discovery/browser.ts";
import { usableLinks } from "../../../../src/discovery/links.ts";
import { systemClock } from "../../../../src/foundation/clock.ts";

const write = (line: object): boolean => process.stdout.write(`${JSON.stringify({ at: Date.now(), ...line })}\n`);

// Loaded before the time counts.
await import("multicast-dns");
write({ asked: true });
await Browser.open({
  clock: systemClock,
  links: () => usableLinks({ allow: [], deny: [] }),
  onChange: (sightings) => write({ sightings }),
});
