/** What a browser brings where a page names nothing: clock, chance, the database of the page's origin. */

import { systemClock } from "../foundation/clock.ts";
import { systemRandom } from "../foundation/random.ts";
import type { Platform } from "../sdk/platform.ts";
import { IndexedStore } from "./indexed-store.ts";

const ownStore = /* @__PURE__ */ new IndexedStore();

/** The browser's parts. */
export const platform: Platform = {
  clock: systemClock,
  random: systemRandom,
  store: () => ownStore,
  warn: (message) => console.warn(message),
  // A store of texts cannot hold a key that nobody can read; it then stays in the origin's own database.
  keys: (store) => (store instanceof IndexedStore ? store : ownStore),
};
