/** Tokens as project tokens: the same tokens, told and asked for in another form. */

import type { OperationOutput, ParsedInput } from "../catalogue/operations.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Handlers } from "./call.ts";
import type { Parts } from "./parts.ts";
import { tokenIssuer } from "./token-issue.ts";
import { pageOfTokens } from "./token-list.ts";
import { type TokenView, tokenView } from "./token-view.ts";

type ProjectToken = OperationOutput<"CreateProjectToken">;

/** What readOnly is called there. */
const READ_ONLY = "read:*";

/** Returns the handlers of project tokens. */
export function projectHandlers(parts: Parts): Pick<Handlers, "ListProjectTokens" | "CreateProjectToken"> {
  const { node, tokens } = parts;
  const issuer = tokenIssuer(parts);
  const view = tokenView(parts);

  const requireFleet = (fleetId: string): void => {
    if (fleetId !== node.fleetId) throw new FleetError("NOT_FOUND", "there is no such project here; its id is the fleetId");
  };

  return {
    ListProjectTokens: ({ cursor, fleetId, limit }) => {
      requireFleet(fleetId);
      const page = pageOfTokens(tokens.list().map(view), { cursor, limit, status: "active", sort: "createdAt" });
      return { tokens: page.tokens.map((token) => projectToken(token, "redacted")), cursor: page.cursor };
    },

    CreateProjectToken: ({ fleetId, name, permissions, ...expiry }, call) => {
      requireFleet(fleetId);
      const { text, token } = issuer.issue({ name, ...expiry, ...rightsOf(permissions) }, call);
      return projectToken(view(token), text);
    },
  };
}

function rightsOf(permissions: readonly string[]): Pick<ParsedInput<"GenerateAPIToken">, "permissions" | "scopes"> {
  if (permissions.length === 1 && permissions[0] === READ_ONLY) return { permissions: "readOnly" };
  return { permissions: "custom", scopes: [...permissions] };
}

function projectToken({ createdAt, id, name, permissions, scopes }: TokenView, token: string): ProjectToken {
  return { id, token, name, permissions: permissions === "readOnly" ? [READ_ONLY] : [...scopes], createdAt };
}
