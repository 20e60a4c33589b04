/** The shapes of an examination. */

import * as z from "zod";

/** How the node is to be examined. */
export const runDoctor = z.strictObject({
  /** Mends what can be mended without a person's decision. */
  fix: z.boolean().default(false),
});

const finding = z.object({
  /** What was looked at, as in docs/doctor.md; newer nodes look at more. */
  code: z.string(),
  level: z.enum(["ok", "warn", "error"]),
  /** What was found. */
  what: z.string(),
  /** Why it matters. */
  why: z.string(),
  /** What to do; null when it is well. */
  remedy: z.string().nullable(),
  /** Whether `fix` mends it. */
  fixable: z.boolean(),
});

/** What was found. */
export const examination = z.object({
  findings: z.array(finding),
  /** Codes of what was ill and is well now. */
  mended: z.array(z.string()),
});
