/** The commands of API tokens. */

import { PERMISSIONS } from "../foundation/vocabulary.ts";
import type { CommandEntry, OptionEntry } from "./command.ts";
import { TOKEN_SORTS, TOKEN_STATUSES } from "./token-words.ts";

const TOKEN_ARGUMENT = { name: "token", summary: "id, name or first characters of the token" } as const;

const SCOPE: OptionEntry = {
  name: "scope",
  value: "scope",
  summary: 'one right of a custom token; "cider fleet token scopes" lists them, and which nothing uses yet',
  many: true,
};

const PER_MINUTE: OptionEntry = {
  name: "per-minute",
  value: "requests",
  summary: "most requests a minute; no limit unless told",
};

const PRESENTED = "The token is read from standard input, never from an argument";

/** `cider fleet token …`. */
export const TOKEN_COMMANDS: readonly CommandEntry[] = [
  {
    name: "token generate",
    summary: "Issues a token; its text is shown once, alone on stdout when that is not a terminal",
    options: [
      { name: "name", value: "name", summary: "what the token is for", required: true },
      { name: "permissions", value: "preset", summary: "readOnly unless told otherwise", choices: PERMISSIONS },
      SCOPE,
      { name: "expires", value: "when", summary: "never, a duration such as 30d or 1y, or a date; 90d unless told otherwise" },
      { name: "allow-ip", value: "address", summary: "address or network it may be used from", many: true },
      {
        name: "owner",
        value: "peer",
        summary: "peer it belongs to, whose role limits it and with whom it ends; the fleet unless told otherwise",
      },
      PER_MINUTE,
      { name: "hash", value: "hash", summary: 'register a token made elsewhere by its hash, see "token make"; no text is shown' },
    ],
    answers: true,
    node: true,
    examples: [
      "TOKEN=$(cider fleet token generate --name ci)",
      "cider fleet token generate --name ci --permissions fullAccess --expires 30d",
    ],
    load: () => import("./commands/token-generate.ts"),
  },
  {
    name: "token make",
    summary: "Makes a secret and its hash without any node, for one token on many nodes",
    answers: true,
    examples: ["cider fleet token make --json > vault.json"],
    load: () => import("./commands/token-make.ts"),
  },
  {
    name: "token list",
    summary: "Lists tokens, never their texts",
    options: [
      { name: "status", value: "status", summary: "only those", choices: TOKEN_STATUSES },
      { name: "query", value: "text", summary: "part of the name, or the beginning of the id or of the text" },
      {
        name: "sort",
        value: "order",
        summary: "as issued unless told otherwise; - for the other direction",
        choices: TOKEN_SORTS,
      },
    ],
    answers: true,
    node: true,
    load: () => import("./commands/token-list.ts"),
  },
  {
    name: "token scopes",
    summary: "Lists the scopes a token can hold, what each allows, and which nothing uses yet",
    answers: true,
    node: true,
    load: () => import("./commands/token-scopes.ts"),
  },
  {
    name: "token edit",
    summary: "Changes a token's name, rights, expiry or addresses; its text stays",
    arguments: [TOKEN_ARGUMENT],
    options: [
      { name: "name", value: "name", summary: "another name" },
      { name: "permissions", value: "preset", summary: "another preset", choices: PERMISSIONS },
      SCOPE,
      { name: "expires", value: "when", summary: "never, a duration from now such as 30d, or a date" },
      {
        name: "allow-ip",
        value: "address",
        summary: "address or network it may be used from, instead of those before",
        many: true,
      },
      { name: "any-ip", summary: "let it be used from anywhere" },
    ],
    answers: true,
    node: true,
    examples: ["cider fleet token edit ci --permissions readOnly --expires 30d"],
    load: () => import("./commands/token-edit.ts"),
  },
  {
    name: "token rotate",
    summary: "Issues a token in the place of another, which stays good for a grace",
    arguments: [{ ...TOKEN_ARGUMENT, optional: true }],
    options: [
      {
        name: "grace",
        value: "duration",
        summary: "how long the old text stays good: 0, or up to 30d; 24h unless told otherwise",
      },
      { name: "self", summary: "rotate the token read from standard input, by its own right, where the node allows that" },
    ],
    answers: true,
    node: true,
    examples: ["TOKEN=$(cider fleet token rotate ci --grace 1h)", 'TOKEN=$(echo "$TOKEN" | cider fleet token rotate --self)'],
    load: () => import("./commands/token-rotate.ts"),
  },
  {
    name: "token revoke",
    summary: "Ends a token, or many, at once and keeps the record; this cannot be undone",
    arguments: [{ ...TOKEN_ARGUMENT, optional: true }],
    options: [
      { name: "all", summary: "end every token" },
      { name: "owner", value: "owner", summary: "end those that belong to the fleet, or to this peer" },
      { name: "created-by", value: "creator", summary: "end those issued by local, or by this peer" },
      { name: "name", value: "pattern", summary: "end those of this name, in which * stands for any characters" },
      { name: "except", value: "token", summary: "keep this one", many: true },
    ],
    answers: true,
    node: true,
    examples: [
      "cider fleet token revoke ci",
      "cider fleet token revoke --name 'ci-*' --except ci-main",
      "cider fleet token revoke --all",
    ],
    load: () => import("./commands/token-revoke.ts"),
  },
  {
    name: "token delete",
    summary: "Ends a token at once and removes its record",
    arguments: [TOKEN_ARGUMENT],
    answers: true,
    node: true,
    load: () => import("./commands/token-delete.ts"),
  },
  {
    name: "token burn",
    summary: `Ends the very token that is presented. ${PRESENTED}`,
    answers: true,
    node: true,
    examples: ['echo "$TOKEN" | cider fleet token burn'],
    load: () => import("./commands/token-burn.ts"),
  },
  {
    name: "token self",
    summary: `Tells what the presented token may do, and until when. ${PRESENTED}`,
    answers: true,
    node: true,
    examples: ['echo "$TOKEN" | cider fleet token self'],
    load: () => import("./commands/token-self.ts"),
  },
  {
    name: "token inspect",
    summary: `Tells whether a text is a well-formed token, without asking a node, hence not whether it is good. ${PRESENTED}`,
    answers: true,
    examples: ['echo "$TOKEN" | cider fleet token inspect'],
    load: () => import("./commands/token-inspect.ts"),
  },
];
