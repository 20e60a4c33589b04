/** Subscriptions. */

import * as shape from "./events-schemas.ts";
import type { Operation } from "./operation.ts";

/** The one stream. */
export const EVENT_OPERATIONS = {
  Subscribe: {
    kind: "stream",
    need: "self",
    verb: "read",
    rest: null,
    input: shape.subscription,
    output: shape.subscribed,
    since: "0.1.0",
    summary: "Replaces the set of topics whose events this WebSocket is sent.",
  },
} as const satisfies Readonly<Record<string, Operation>>;
