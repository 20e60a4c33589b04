/**
 * The store of a page's origin, in IndexedDB: the nodes as texts, and the key pair as the object it is. A key that cannot be
 * read survives a reload there, and nobody who reads the database reads the key.
 */

import { FleetError, isFleetError } from "../foundation/errors.ts";
import type { Keys } from "../sdk/keys.ts";
import type { Signer } from "../sdk/options.ts";
import type { Store } from "../sdk/records.ts";
import { isJsonObject } from "../wire/parse.ts";
import { generateKeyPair, signerOf } from "./signer.ts";

const VERSION = 1;
const TEXTS = "texts";
const KEYS = "keys";
const OWN = "own";

/** One database of the page's origin. */
export class IndexedStore implements Store, Keys {
  readonly #name: string;
  #database: Promise<IDBDatabase> | undefined;

  /** @param name of the database; made when something is looked for */
  constructor(name = "cider-fleet") {
    this.#name = name;
  }

  /** Resolves to the text, or undefined. Rejects with STORE_UNUSABLE, as all of these do. */
  async get(name: string): Promise<string | undefined> {
    const text: unknown = await this.#request(TEXTS, "readonly", (store) => store.get(name));
    return typeof text === "string" ? text : undefined;
  }

  /** Keeps the text, in place of the one before. */
  async set(name: string, text: string): Promise<void> {
    await this.#request(TEXTS, "readwrite", (store) => store.put(text, name));
  }

  /** Resolves to the names of all nodes. */
  async list(): Promise<readonly string[]> {
    const names = await this.#request(TEXTS, "readonly", (store) => store.getAllKeys(IDBKeyRange.bound("nodes/", "nodes0")));
    return names.filter((name) => typeof name === "string");
  }

  /** Resolves to what signs with this origin's key, or undefined before there is one. */
  async signer(): Promise<Signer | undefined> {
    const pair: unknown = await this.#request(KEYS, "readonly", (store) => store.get(OWN));
    return pair === undefined ? undefined : signerOf(asKeyPair(pair));
  }

  /** Resolves to the same, with a key made now if there is none. Of two tabs that make one at once, both get the same. */
  async signerOrNew(): Promise<Signer> {
    const present = await this.signer();
    if (present !== undefined) return present;
    const made = await generateKeyPair();
    await this.#request(KEYS, "readwrite", (store) => store.add(made, OWN)).catch(async (error: unknown) => {
      // Another tab was first: `add` replaces nothing.
      if ((await this.signer()) === undefined) throw error;
    });
    const kept = await this.signer();
    if (kept === undefined) throw new FleetError("STORE_UNUSABLE", "the browser did not keep the key it was given");
    return kept;
  }

  /** Makes one request and resolves to its result once the transaction is through, which for changes means kept. */
  async #request<T>(part: string, mode: IDBTransactionMode, make: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    try {
      const database = await this.#open();
      const transaction = database.transaction(part, mode, { durability: "strict" });
      const request = make(transaction.objectStore(part));
      await settled(transaction);
      return request.result;
    } catch (cause) {
      throw unusable(this.#name, cause);
    }
  }

  #open(): Promise<IDBDatabase> {
    this.#database ??= open(this.#name, () => {
      this.#database = undefined;
    });
    this.#database.catch(() => {
      this.#database = undefined;
    });
    return this.#database;
  }
}

/** @param closed called when the browser or another tab takes the database away; the next request opens it again */
function open(name: string, closed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = () => {
      for (const part of [TEXTS, KEYS]) request.result.createObjectStore(part);
    };
    request.onerror = () => reject(asError(request.error));
    request.onsuccess = () => {
      const database = request.result;
      database.onclose = closed;
      database.onversionchange = () => {
        database.close();
        closed();
      };
      resolve(database);
    };
  });
}

function settled(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(asError(transaction.error));
  });
}

function asKeyPair(value: unknown): CryptoKeyPair {
  const { privateKey, publicKey } = isJsonObject(value) ? value : {};
  if (privateKey instanceof CryptoKey && publicKey instanceof CryptoKey) return { privateKey, publicKey };
  throw new FleetError(
    "STORE_UNUSABLE",
    "what this page's database keeps as its key is none; clear the page's data and pair again",
  );
}

function asError(error: DOMException | null): Error {
  return error ?? new Error("it was closed");
}

function unusable(name: string, cause: unknown): FleetError {
  if (isFleetError(cause)) return cause;
  const why = cause instanceof Error ? cause.message : "unknown failure";
  return new FleetError("STORE_UNUSABLE", `the database "${name}" of this page cannot be used: ${why}`, {}, { cause });
}
