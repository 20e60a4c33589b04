/** The one place where lines are committed. When a line ends a credential, its connections and bearers end in the same tick. */

import { isFleetError } from "../foundation/errors.ts";
import type { Entry } from "../ledger/line.ts";
import type { EndReason } from "../sessions/sessions.ts";
import type { Committed } from "./call.ts";
import type { Parts } from "./parts.ts";

interface Ending {
  readonly kind: "peer" | "token";
  readonly why: EndReason;
}

/** Which credential a change ends, and what its live connections are told. */
const ENDINGS: Readonly<Record<string, Ending>> = {
  "token.revoked": { kind: "token", why: "revoked" },
  "token.deleted": { kind: "token", why: "deleted" },
  "token.expired": { kind: "token", why: "expired" },
  "peer.removed": { kind: "peer", why: "removed" },
  "peer.registered": { kind: "peer", why: "re-registered" },
};

/** Changes that may bring a credential's end nearer or forbid an address, without ending it. */
const NARROWINGS: ReadonlySet<string> = new Set(["token.edited", "token.rotated"]);

/** Commits lines, and carries out their consequences for what is live. */
export class Commits {
  readonly #parts: Pick<Parts, "bearers" | "ledger" | "sessions">;

  constructor(parts: Pick<Parts, "bearers" | "ledger" | "sessions">) {
    this.#parts = parts;
  }

  /** Commits one line. Throws as `Ledger.commit`; then nothing changed and nothing ended. */
  commit(entry: Entry): Committed {
    const { ledger, sessions } = this.#parts;
    const line = ledger.commit(entry);
    let connectionsClosed = 0;
    for (const change of entry.changes) {
      const ending = ENDINGS[change.type];
      if (ending !== undefined) connectionsClosed += this.#end(ending, String(change["id"]));
    }
    if (entry.changes.some(({ type }) => NARROWINGS.has(type))) sessions.review();
    return { line, connectionsClosed };
  }

  /** Commits what was noticed during a call. The call does not fail when the disk is full or the node stops. */
  note(entry: Entry): void {
    try {
      this.commit(entry);
    } catch (error) {
      if (!isFleetError(error, "STORAGE_FULL") && !isFleetError(error, "SHUTTING_DOWN")) throw error;
    }
  }

  /** Ends a credential's connections, its bearers, and their connections. Returns how many connections closed. */
  #end({ kind, why }: Ending, id: string): number {
    const { bearers, sessions } = this.#parts;
    const labels = [`${kind}:${id}`, ...bearers.endOf(kind, id).map((bearer) => `bearer:${bearer}`)];
    return labels.reduce((count, label) => count + sessions.end(label, why), 0);
  }
}
