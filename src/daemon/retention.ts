/** How much of the record the settings keep, in the ledger's terms. */

import type { Config } from "../config/schema.ts";
import { parseDuration } from "../foundation/durations.ts";
import type { Retention } from "../ledger/retention.ts";

const MIB = 1024 * 1024;

/** Returns the retention that the settings ask for; `never` keeps everything. */
export function retentionOf({ maxAge, maxSize }: Config["record"]): Retention {
  return {
    maxAge: maxAge === "never" ? null : parseDuration(maxAge),
    maxBytes: maxSize === "never" ? null : Number.parseInt(maxSize, 10) * (maxSize.endsWith("GB") ? 1024 * MIB : MIB),
  };
}
