/** What signs in a page: a WebCrypto key that can be used and kept, and not be read, by the page or by what breaks into it. */

import { parsePublicKey } from "../crypto/p256.ts";
import { owned, webCrypto } from "../crypto/web-crypto.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Signer } from "../sdk/options.ts";

const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** Resolves to a new P-256 key pair whose private key cannot be exported; IndexedDB keeps it as it is. */
export function generateKeyPair(): Promise<CryptoKeyPair> {
  return webCrypto().generateKey(KEY, false, ["sign", "verify"]);
}

/** Resolves to what signs with this key pair. Rejects with INVALID_OPTIONS unless it is one of ECDSA on P-256 that may sign. */
export async function signerOf({ privateKey, publicKey }: CryptoKeyPair): Promise<Signer> {
  const subtle = webCrypto();
  const isUsable = privateKey.algorithm.name === KEY.name && privateKey.usages.includes("sign");
  try {
    if (!isUsable) throw new SyntaxError("not a key that signs");
    return {
      publicKey: parsePublicKey(new Uint8Array(await subtle.exportKey("raw", publicKey))),
      sign: async (message) => new Uint8Array(await subtle.sign(SIGNATURE, privateKey, owned(message))),
    };
  } catch (cause) {
    throw new FleetError("INVALID_OPTIONS", "a signer needs a key pair of ECDSA on P-256 that may sign", {}, { cause });
  }
}
