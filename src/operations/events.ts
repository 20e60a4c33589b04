/** Subscriptions. What a subscriber may see is asked at every delivery, not here. */

import { isWord } from "../foundation/vocabulary.ts";
import type { Handlers } from "./call.ts";
import type { Parts } from "./parts.ts";

export function eventHandlers({ events, ledger, statsFeed }: Parts): Pick<Handlers, "Subscribe"> {
  return {
    Subscribe: ({ topics, interval }, { deliver }) => {
      events.subscribe(
        deliver,
        topics.filter((topic) => topic !== "node.stats"),
      );
      if (isWord(topics, "node.stats")) statsFeed.subscribe(deliver, interval);
      else statsFeed.unsubscribe(deliver);
      // What is not on disk yet is still to be published, and will be.
      return { topics, seq: ledger.synced };
    },
  };
}
