/** What signs in a page: a WebCrypto key that can be used and kept, and not be read, by the page or by what breaks into it. */

import { parsePublicKey } from "../crypto/p256.ts";
import { KEY_ALGORITHM, owned, SIGNATURE_ALGORITHM, webCrypto } from "../crypto/web-crypto.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Signer } from "../sdk/options.ts";

/** Resolves to a new P-256 key pair whose private key cannot be exported; IndexedDB keeps it as it is. */
export function generateKeyPair(): Promise<CryptoKeyPair> {
  return webCrypto().generateKey(KEY_ALGORITHM, false, ["sign", "verify"]);
}

/** Resolves to what signs with this key pair. Rejects with INVALID_OPTIONS unless it is one of ECDSA on P-256 that may sign. */
export async function signerOf({ privateKey, publicKey }: CryptoKeyPair): Promise<Signer> {
  const subtle = webCrypto();
  const isUsable = privateKey.algorithm.name === KEY_ALGORITHM.name && privateKey.usages.includes("sign");
  try {
    if (!isUsable) throw new SyntaxError("not a key that signs");
    return {
      publicKey: parsePublicKey(new Uint8Array(await subtle.exportKey("raw", publicKey))),
      sign: async (message) => new Uint8Array(await subtle.sign(SIGNATURE_ALGORITHM, privateKey, owned(message))),
    };
  } catch (cause) {
    throw new FleetError("INVALID_OPTIONS", "a signer needs a key pair of ECDSA on P-256 that may sign", {}, { cause });
  }
}
