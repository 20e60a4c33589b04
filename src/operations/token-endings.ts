/** How tokens end before their time: revoked one by one or in a sweep, deleted, or burnt by whoever presents one or its bearer. */

import { credentialLabel, type TextCredential } from "../policy/actor.ts";
import { revocations, selectTokens } from "../tokens/revoke.ts";
import type { Token } from "../tokens/token.ts";
import type { ChangeCall, Handlers } from "./call.ts";
import type { Parts } from "./parts.ts";

type EndingOperation = "RevokeAPIToken" | "RevokeAPITokens" | "BurnAPIToken" | "BurnToken" | "DeleteAPIToken";

/** Returns the handlers that end tokens. */
export function tokenEndingHandlers(parts: Parts): Pick<Handlers, EndingOperation> {
  const { activity, bearers, clock, credentials, sessions, tokens } = parts;

  /** Revoking twice succeeds and changes nothing: whoever cleans up after a leak may run a script twice. */
  const revoke = (token: Token, call: ChangeCall, actor?: string) => {
    const changes = token.revoked ? [] : revocations([token], tokens, clock.now());
    const connectionsClosed = changes.length === 0 ? 0 : call.commit(changes, actor).connectionsClosed;
    return { id: token.id, status: "revoked" as const, connectionsClosed };
  };

  /** Needs no right but the text, whatever the token's addresses or expiry: whoever has the text could do worse with it. */
  const burn = (credential: TextCredential, call: ChangeCall) => {
    const { id, kind } = credential;
    const label = credentialLabel(credential);
    if (kind === "token") return revoke(tokens.require(id), call, label);
    bearers.end(id);
    return { id, status: "revoked" as const, connectionsClosed: sessions.end(label, "revoked") };
  };

  return {
    RevokeAPIToken: ({ id }, call) => revoke(tokens.require(id), call),

    RevokeAPITokens: (selection, call) => {
      const begun = clock.elapsed();
      const now = clock.now();
      const changes = revocations(selectTokens(tokens, selection, now), tokens, now, selection.except);
      const connectionsClosed = changes.length === 0 ? 0 : call.commit(changes).connectionsClosed;
      return { tokens: changes.map(({ id }) => id), connectionsClosed, milliseconds: clock.elapsed() - begun };
    },

    BurnAPIToken: ({ token }, call) => burn(credentials.bearer(token), call),

    /** RFC 7009 §2.2: the answer is the same when there was nothing to end. */
    BurnToken: ({ token }, call) => {
      const credential = credentials.find(token);
      if (credential !== undefined) burn(credential, call);
      return {};
    },

    DeleteAPIToken: ({ id }, call) => {
      const beside = revocations([tokens.require(id)], tokens, clock.now(), [id]);
      const { connectionsClosed } = call.commit([...beside, { type: "token.deleted", id }]);
      activity.forget(credentialLabel({ kind: "token", id }));
      return { id, status: "deleted", connectionsClosed };
    },
  };
}
