/** The group of P-256, from @noble/curves: its points and their arithmetic, without signatures. */

import { weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { bytesToNumberBE } from "@noble/curves/utils.js";
import type { Random } from "../foundation/random.ts";
import { CURVE } from "./p256.ts";

/** Bytes of a scalar, big-endian. */
export const SCALAR_LENGTH = 32;

/** A point of the group. Secret scalars go through `multiply`, never through its variants for public ones. */
export const Point = /* @__PURE__ */ weierstrass(CURVE);
export type Point = InstanceType<typeof Point>;

/** Returns whether `bytes` are a scalar: 32 of them, big-endian, in 1…n−1. */
export function isScalar(bytes: Uint8Array): boolean {
  return bytes.length === SCALAR_LENGTH && Point.Fn.isValidNot0(bytesToNumberBE(bytes));
}

/** Returns a new scalar, uniform in 1…n−1. */
export function randomScalar(random: Random): Uint8Array {
  for (;;) {
    const scalar = random.bytes(SCALAR_LENGTH);
    if (isScalar(scalar)) return scalar;
  }
}
