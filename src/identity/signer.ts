/** Whoever can sign with a key it may not be able to show: a `SecretKey`, a keychain, a secure enclave. */

import type { PublicKey } from "../crypto/p256.ts";

/** A key that signs. */
export interface Signer {
  readonly publicKey: PublicKey;
  /** Returns r‖s, 64 bytes, of ECDSA P-256 over SHA-256 of `message`. */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
