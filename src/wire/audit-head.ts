/**
 * The end of a node's record, as the node signs it. Whoever keeps one can prove later that lines up to it were cut off
 * or rewritten, by the node's own signature over
 *
 *   lp("cider-fleet-head-v1") lp(nodeKey, 65 bytes) lp(seq, uint64 big-endian) lp(hash, 32 bytes)
 */

import { fromHex, lp } from "../foundation/bytes.ts";

/** Returns the bytes that are signed. @param hash 64 lower-case hex characters */
export function headMessage(nodeKey: Uint8Array, seq: number, hash: string): Uint8Array {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(seq));
  return lp("cider-fleet-head-v1", nodeKey, number, fromHex(hash));
}
