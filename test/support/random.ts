/** Chance with one known draw. */

import { type Random, systemRandom } from "../../src/foundation/random.ts";

/** Every pairing code is 904817, the only draw of six bytes; everything else is real chance. */
export const knownCode: Random = {
  bytes: (length) => (length === 6 ? Uint8Array.of(9, 0, 4, 8, 1, 7) : systemRandom.bytes(length)),
};
