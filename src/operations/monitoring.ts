/** For monitors: whether the node is ready, and what it measures of itself. */

import { FleetError } from "../foundation/errors.ts";
import type { Handlers } from "./call.ts";
import type { Parts } from "./parts.ts";

/** What keeps a node from carrying out changes, in words. */
const TROUBLES = {
  full: "the disk is full; only revoking and removing work",
  failed: "the disk failed; the node is stopping",
} as const;

/** Returns the handlers for monitors. */
export function monitoringHandlers({ ledger, metrics }: Parts): Pick<Handlers, "GetReady" | "GetMetrics"> {
  return {
    GetReady: () => {
      const trouble = ledger.trouble();
      if (trouble !== undefined) throw new FleetError("NOT_READY", TROUBLES[trouble]);
      return { ready: true };
    },

    GetMetrics: () => ({ text: metrics.text() }),
  };
}
