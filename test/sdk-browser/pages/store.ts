/** The store and the signer of pages, with what their test asks of them on `kept`. */

import { verifyAsync } from "../../../src/crypto/web-crypto.ts";
import { toHex, utf8 } from "../../../src/foundation/bytes.ts";
import { isFleetError } from "../../../src/foundation/errors.ts";
import { generateKeyPair, IndexedStore, signerOf } from "../../../src/sdk-browser/index.ts";

/** Resolves to `work`'s value, or to the code of its error. */
async function told<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (isFleetError(error)) return error.code;
    throw error;
  }
}

const kept = {
  set: (name: string, text: string) => told(() => new IndexedStore().set(name, text)),
  get: (name: string) => told(() => new IndexedStore().get(name)),
  list: () => told(() => new IndexedStore().list()),

  /** The public key of the origin's signer in hex; undefined before there is one. */
  key: () => told(async () => (await new IndexedStore().signer())?.publicKey).then(hex),
  keyOrNew: () => told(async () => (await new IndexedStore().signerOrNew()).publicKey).then(hex),

  /** Whether what two stores sign, made at once, verifies with one key. */
  race: async () => {
    const [a, b] = await Promise.all([new IndexedStore("race").signerOrNew(), new IndexedStore("race").signerOrNew()]);
    const message = utf8("at once");
    return [hex(a.publicKey) === hex(b.publicKey), await verifyAsync(a.publicKey, message, await b.sign(message))];
  },

  /** Names of what happens to whoever wants the private key's bytes. */
  export: async () => {
    const { privateKey } = await generateKeyPair();
    const forms = ["pkcs8", "jwk"] as const;
    const tried = forms.map((form) =>
      crypto.subtle.exportKey(form, privateKey).then(String, (error: unknown) => (error instanceof Error ? error.name : "?")),
    );
    return [privateKey.extractable, ...(await Promise.all(tried))];
  },

  /** What `signerOf` says to keys of other kinds. */
  otherKeys: async () => {
    const make = (algorithm: EcKeyGenParams, usages: readonly KeyUsage[]) => crypto.subtle.generateKey(algorithm, false, usages);
    const pairs = [
      await make({ name: "ECDSA", namedCurve: "P-384" }, ["sign", "verify"]),
      await make({ name: "ECDH", namedCurve: "P-256" }, ["deriveBits"]),
    ];
    return Promise.all(pairs.map((pair) => told(async () => hex((await signerOf(pair)).publicKey))));
  },

  /** Puts something in the place of the key, as a damaged database would have it. */
  damage: () =>
    new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open("cider-fleet");
      opening.onsuccess = () => {
        const writing = opening.result.transaction("keys", "readwrite");
        writing.objectStore("keys").put("no key", "own");
        writing.oncomplete = () => {
          opening.result.close();
          resolve();
        };
        writing.onabort = () => reject(new Error("not written"));
      };
    }),
};

function hex(key: Uint8Array | string | undefined): string | undefined {
  return key instanceof Uint8Array ? toHex(key) : key;
}

Object.assign(globalThis, { kept });
