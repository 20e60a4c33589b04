/** Whoever keeps the client's own key: one for each user and machine, or for each origin of a browser. */

import type { Signer } from "../identity/signer.ts";

/** A keeper of one key. */
export interface Keys {
  /** Resolves to what signs with the key, or undefined before there is one. Throws STORE_UNUSABLE. */
  signer(): Promise<Signer | undefined>;
  /** Resolves to the same, with a key made now if there is none. Of two programs that make one at once, both get the same. */
  signerOrNew(): Promise<Signer>;
}
