/** Subscriptions. A topic that needs a scope the caller lacks is refused here, and every delivery asks again. */

import { TOPIC_NEEDS, type Topic } from "../catalogue/topics.ts";
import { FleetError } from "../foundation/errors.ts";
import { isWord } from "../foundation/vocabulary.ts";
import type { Line } from "../ledger/line.ts";
import { blocksAfter, type Extent, linesOf } from "../ledger/reader.ts";
import { type Actor, mayPerform } from "../policy/actor.ts";
import type { Deliver } from "../record/events.ts";
import { readLine } from "../record/query.ts";
import type { Handlers, StreamCall } from "./call.ts";
import type { Parts } from "./parts.ts";
import type { Turns } from "./turns.ts";

/** Lines a subscriber may have missed; who missed more lists them instead. */
export const MAX_MISSED = 1_000;

/** Returns the handler of subscriptions. */
export function eventHandlers({ events, ledger, statsFeed }: Parts, turns: Turns): Pick<Handlers, "Subscribe"> {
  /** The topics each socket asked for last: while one request waits for its turn, the socket may send another. */
  const latest = new WeakMap<Deliver, readonly string[]>();

  const subscribe = async (call: StreamCall, topics: readonly string[], since: number | undefined): Promise<number> => {
    const { deliver } = call;
    latest.set(deliver, topics);
    if (since === undefined) {
      const { head } = ledger.extent; // entries that are not on disk yet will be published once they are
      events.subscribe(deliver, topics);
      return head.seq;
    }
    refuseGone(since, ledger.extent);
    await turns.take(call, async () => {
      const { extent } = ledger;
      refuseGone(since, extent);
      if (latest.get(deliver) === topics) await events.resume(deliver, topics, linesAfter(extent, since));
    });
    return since;
  };

  return {
    Subscribe: async ({ topics, interval, since }, call) => {
      const { actor, deliver, signal } = call;
      for (const topic of topics) requireTopic(actor, topic);
      const seq = await subscribe(call, topics, since);
      // The socket may have closed while it was sent what it missed; it would never unsubscribe.
      if (!signal.aborted && isWord(topics, "node.stats")) statsFeed.subscribe(deliver, interval);
      else statsFeed.unsubscribe(deliver);
      return { topics, seq };
    },
  };
}

function requireTopic(actor: Actor, topic: Topic): void {
  const scope = TOPIC_NEEDS[topic];
  if (mayPerform(actor, { need: scope, verb: "read" })) return;
  throw new FleetError("INSUFFICIENT_SCOPE", `events of ${topic} take the scope ${scope}`, { scope });
}

function refuseGone(since: number, { head }: Extent): void {
  const details = { since, seq: head.seq };
  if (since > head.seq)
    throw new FleetError("RESUME_GONE", `this record ends at ${head.seq}; what came up to ${since} is not in it`, details);
  if (head.seq - since > MAX_MISSED) {
    throw new FleetError(
      "RESUME_GONE",
      `${head.seq - since} entries came since ${since}, more than ${MAX_MISSED}; list them instead`,
      details,
    );
  }
}

/** Yields the lines behind `since`; throws RESUME_GONE when the first of them was removed. */
async function* linesAfter(extent: Extent, since: number): AsyncGenerator<Line, void, undefined> {
  let previous = since;
  for await (const block of blocksAfter(extent, since)) {
    for (const bytes of linesOf(block)) {
      const line = readLine(extent, bytes);
      if (line.seq !== ++previous) throw new FleetError("RESUME_GONE", `entry ${previous} is not kept any more`, { since });
      yield line;
    }
  }
}
