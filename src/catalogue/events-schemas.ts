/** The shapes of subscriptions. */

import * as z from "zod";
import { TOPICS } from "./topics.ts";

/** What a socket is to be told. */
export const subscription = z.strictObject({
  topics: z.array(z.enum(TOPICS)).max(TOPICS.length),
  /** Seconds between `node.stats` events. */
  interval: z.int().min(1).max(3600).default(5),
  /** `seq` of the last event received: what came since is sent first; RESUME_GONE when that is too long ago. */
  since: z.int().min(0).optional(),
});

/** What it will be told, from which number of the record on. */
export const subscribed = z.object({ topics: z.array(z.enum(TOPICS)), seq: z.int() });
