/** A P-256 private key that cannot be printed, logged or serialised by accident. */

import { fromHex, toHex } from "../foundation/bytes.ts";
import type { Random } from "../foundation/random.ts";
import { publicKeyOf, sign } from "./ecdsa.ts";
import { type PublicKey, parsePublicKey } from "./p256.ts";
import { isScalar, randomScalar } from "./p256-group.ts";

const REDACTED = "[secret key]";

/** A private key with its public half, able to sign. */
export class SecretKey {
  readonly #scalar: Uint8Array;
  /** The 65-byte public key. */
  readonly publicKey: PublicKey;

  private constructor(scalar: Uint8Array, publicKey: PublicKey) {
    this.#scalar = scalar;
    this.publicKey = publicKey;
  }

  /**
   * Returns the key of a 32-byte big-endian scalar; throws SyntaxError unless it is in 1…n−1.
   * @param derive multiplies the base point by the scalar; noble, the default, takes 30 ms when it is first used
   */
  static fromBytes(scalar: Uint8Array, derive: (scalar: Uint8Array) => Uint8Array = publicKeyOf): SecretKey {
    if (!isScalar(scalar)) throw new SyntaxError("not a P-256 private key of 32 bytes");
    return new SecretKey(Uint8Array.from(scalar), parsePublicKey(derive(scalar)));
  }

  /** Returns the key of 64 lower-case hex characters; throws SyntaxError otherwise, without repeating them. */
  static fromHex(text: string): SecretKey {
    return SecretKey.fromBytes(fromHex(text));
  }

  /** Returns a new key, uniform in 1…n−1. */
  static generate(random: Random): SecretKey {
    return SecretKey.fromBytes(randomScalar(random));
  }

  /** Returns r‖s, 64 bytes, over SHA-256 of `message`; deterministic (RFC 6979), with low S, which every verifier takes. */
  sign(message: Uint8Array): Uint8Array {
    return sign(this.#scalar, message);
  }

  /** Returns the 32-byte scalar itself, for the file or store that keeps it. */
  reveal(): Uint8Array {
    return Uint8Array.from(this.#scalar);
  }

  /** Returns the scalar as 64 lower-case hex characters, for the file or store that keeps it. */
  revealHex(): string {
    return toHex(this.#scalar);
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}
