/** A token as simply as it can be thought: what a node must agree with, whatever happens in whatever order. */

export interface ModelToken {
  readonly id: string;
  readonly text: string;
  name: string;
  permissions: string;
  /** Milliseconds since the epoch, as the node answered it; null for never. */
  expiresAt: number | null;
  /** Milliseconds it was given to live when that was last decided. */
  life: number | null;
  state: "active" | "expired" | "revoked" | "deleted";
  rotatedFrom?: string;
  rotatedTo?: string;
  graceUntil?: number;
}

export class Model {
  readonly tokens: ModelToken[] = [];

  /** Time passed: what has ended stays ended. */
  pass(now: number): void {
    for (const token of this.tokens) {
      const ends = [token.expiresAt, token.graceUntil, this.successorOf(token)?.expiresAt].filter(
        (end) => typeof end === "number",
      );
      if (token.state === "active" && ends.some((end) => end <= now)) token.state = "expired";
    }
  }

  successorOf({ rotatedTo }: ModelToken): ModelToken | undefined {
    return this.tokens.find(({ id }) => id === rotatedTo);
  }

  /** Whether its rights, and its successor's, are enough to change anything. */
  mayWrite(token: ModelToken): boolean {
    return [token, this.successorOf(token) ?? token].every(({ permissions }) => permissions === "fullAccess");
  }

  /** Ends the token, and its predecessor if that still stands beside it. */
  revoke(token: ModelToken, state: "revoked" | "deleted" = "revoked"): void {
    token.state = state;
    this.endPredecessor(token);
  }

  endPredecessor({ rotatedFrom }: ModelToken): void {
    const before = this.tokens.find(({ id }) => id === rotatedFrom);
    if (before?.state === "active") before.state = "revoked";
  }

  rotate(token: ModelToken, next: Pick<ModelToken, "id" | "text" | "expiresAt">, graceUntil: number | null): void {
    this.endPredecessor(token);
    const { life, name, permissions } = token;
    this.tokens.push({ ...next, name, permissions, life, state: "active", rotatedFrom: token.id });
    token.rotatedTo = next.id;
    if (graceUntil === null) token.state = "revoked";
    else token.graceUntil = graceUntil;
  }

  /** What the node must list: all but the deleted, oldest first. */
  listed(): readonly object[] {
    return this.tokens
      .filter(({ state }) => state !== "deleted")
      .map(({ expiresAt, id, name, permissions, rotatedFrom, rotatedTo, state }) => ({
        id,
        name,
        permissions,
        status: state,
        expiresAt,
        rotatedFrom,
        rotatedTo,
      }));
  }

  /** What whoever presents the token must be told. */
  answerTo({ state }: ModelToken): string {
    return { active: "ok", expired: "TOKEN_EXPIRED", revoked: "TOKEN_REVOKED", deleted: "TOKEN_INVALID" }[state];
  }
}
