/** What can be subscribed to, and the scope each topic takes. */

import type { Scope } from "../foundation/vocabulary.ts";

/** All topics, in the order of documents. */
export const TOPICS = ["node", "node.stats", "pairing", "peers", "tokens", "audit"] as const;
/** A topic. */
export type Topic = (typeof TOPICS)[number];

/** The scope that an event of the topic takes, asked anew at every delivery. */
export const TOPIC_NEEDS: Readonly<Record<Topic, Scope>> = {
  node: "machines:read",
  "node.stats": "machines:read",
  pairing: "pairing:manage",
  peers: "peers:manage",
  tokens: "tokens:manage",
  audit: "audit:read",
};
