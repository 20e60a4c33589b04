/** Examinations of a node. */

/** What an examination of a node found. */
export interface Examination {
  readonly findings: readonly Finding[];
  /** Codes of what was ill and is well now. */
  readonly mended: readonly string[];
}

/** One thing that was looked at. */
export interface Finding {
  /** What was looked at, as in docs/doctor.md; newer nodes look at more. */
  readonly code: string;
  readonly level: "ok" | "warn" | "error";
  /** What was found. */
  readonly what: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do; null when it is well. */
  readonly remedy: string | null;
  /** Whether `fix` mends it. */
  readonly fixable: boolean;
}
