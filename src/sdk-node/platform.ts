/** What Node brings where a program names nothing: clock, chance, the files of this user. */

import { systemClock } from "../foundation/clock.ts";
import { systemRandom } from "../foundation/random.ts";
import { ownHome } from "../host/accounts.ts";
import type { Platform } from "../sdk/platform.ts";
import { StoredKey, signerFromHex } from "../sdk/stored-key.ts";
import { configFolder } from "./config-folder.ts";
import { FileStore } from "./file-store.ts";
import { mayBeNode } from "./lan-names.ts";

/** Returns the store of this user and machine. */
export function userStore(): FileStore {
  return new FileStore(configFolder(process.env, process.platform, ownHome()));
}

/** Node's parts. */
export const platform: Platform = {
  clock: systemClock,
  random: systemRandom,
  store: userStore,
  keys: (store) => new StoredKey(store, systemRandom),
  signerFromHex,
  warn: (message, code) => process.emitWarning(message, { type: "CiderFleetWarning", code }),
  mayBeNode,
};
