/** What a platform brings where a program names nothing. Transports and what stands here are all that differs between platforms. */

import type { Clock } from "../foundation/clock.ts";
import type { Random } from "../foundation/random.ts";
import type { Signer } from "../identity/signer.ts";
import type { Keys } from "./keys.ts";
import type { Store } from "./records.ts";
import type { Warn } from "./token-warning.ts";

/** The parts a platform brings. */
export interface Platform {
  readonly clock: Clock;
  readonly random: Random;
  /** Returns where this user, or this origin, keeps nodes. */
  readonly store: () => Store;
  /** Returns who keeps the client's own key beside that store. */
  readonly keys: (store: Store) => Keys;
  /** Returns the signer of `privateKey`, or throws INVALID_OPTIONS. Absent where a key that can be read is not taken. */
  readonly signerFromHex?: (privateKey: string) => Signer;
  /** Tells whoever runs the program that its token ends soon. */
  readonly warn: Warn;
  /** Whether a host may be the name or id of a node, to be looked for on the LAN. Absent where nothing can look. */
  readonly mayBeNode?: (host: string) => boolean;
}
