/** The client's own key as a text in a store, as programs keep it: it can be read, and so it can be copied and backed up. */

import { SecretKey } from "../crypto/secret-key.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Random } from "../foundation/random.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import type { Signer } from "../identity/signer.ts";
import { parseString } from "../wire/parse.ts";
import type { Keys } from "./keys.ts";
import { parseVersioned, reading, type Store, writeVersioned } from "./records.ts";

const KEY = "key";

/** Keeps the key as a text. */
export class StoredKey implements Keys {
  readonly #store: Store;
  readonly #random: Random;

  constructor(store: Store, random: Random) {
    this.#store = store;
    this.#random = random;
  }

  /** Resolves to the key of this user and machine, or undefined before the first pairing. Throws STORE_UNUSABLE. */
  async signer(): Promise<SecretKey | undefined> {
    const text = await this.#store.get(KEY);
    return text === undefined
      ? undefined
      : reading(KEY, () => SecretKey.fromHex(parseString(parseVersioned(text), "privateKey")));
  }

  /** Resolves to the id of that key, by which every node knows this user and machine. */
  async ownId(): Promise<NodeId | undefined> {
    const key = await this.signer();
    return key === undefined ? undefined : nodeIdOf(key.publicKey);
  }

  /** Resolves to that key, made now if there is none. */
  async signerOrNew(): Promise<SecretKey> {
    const present = await this.signer();
    if (present !== undefined) return present;
    const made = SecretKey.generate(this.#random);
    await this.#store.set(KEY, writeVersioned({ nodeId: nodeIdOf(made.publicKey), privateKey: made.revealHex() }));
    const kept = await this.signer();
    if (kept === undefined) throw new FleetError("STORE_UNUSABLE", "the store did not keep the key it was given");
    return kept;
  }
}

/** Returns the signer of 64 hex characters; throws INVALID_OPTIONS, without repeating them. */
export function signerFromHex(privateKey: string): Signer {
  try {
    return SecretKey.fromHex(privateKey);
  } catch {
    throw new FleetError("INVALID_OPTIONS", "privateKey must be the 64 lower-case hex characters that pairing returned");
  }
}
