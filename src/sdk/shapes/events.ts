/** Subscriptions of a socket. */

/** What a socket can subscribe to; each event needs the topic's scope when it is delivered. */
export type Topic = "node" | "node.stats" | "pairing" | "peers" | "tokens" | "audit";

/** What a socket is to be told. */
export interface Subscribe {
  readonly topics: readonly Topic[];
  readonly interval?: number | undefined;
  readonly since?: number | undefined;
}

/** What a socket will be told from here on. */
export interface Subscribed {
  readonly topics: readonly Topic[];
  /** The ledger's number up to which nothing will be sent again. */
  readonly seq: number;
}
