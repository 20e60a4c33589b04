/** The commands of peers. */

import { PEER_KINDS, ROLES } from "../foundation/vocabulary.ts";
import type { CommandEntry } from "./command.ts";

const PEER_ARGUMENT = { name: "peer", summary: "id, name or first characters of the id" } as const;

/** `cider fleet peers …`. */
export const PEERS_COMMANDS: readonly CommandEntry[] = [
  {
    name: "peers list",
    summary: "Lists the keys this node trusts",
    answers: true,
    node: true,
    load: () => import("./commands/peers-list.ts"),
  },
  {
    name: "peers add",
    summary: "Trusts a key that was made elsewhere, without pairing",
    options: [
      { name: "public-key", value: "key", summary: "130 hex characters", required: true },
      { name: "name", value: "name", summary: "how it is listed", required: true },
      { name: "role", value: "role", summary: "what it may do", choices: ROLES, required: true },
      { name: "kind", value: "kind", summary: "what it is, sdk unless told otherwise; grants nothing", choices: PEER_KINDS },
    ],
    answers: true,
    node: true,
    load: () => import("./commands/peers-add.ts"),
  },
  {
    name: "peers rename",
    summary: "Gives a peer another name",
    arguments: [PEER_ARGUMENT, { name: "name", summary: "the new name" }],
    answers: true,
    node: true,
    load: () => import("./commands/peers-rename.ts"),
  },
  {
    name: "peers role",
    summary: "Gives a peer another role; its open connections and personal tokens feel it at once",
    arguments: [PEER_ARGUMENT, { name: "role", summary: "what it may do from now on", choices: ROLES }],
    answers: true,
    node: true,
    load: () => import("./commands/peers-role.ts"),
  },
  {
    name: "peers remove",
    summary: "Ends trust in a key, with its connections and personal tokens",
    arguments: [PEER_ARGUMENT],
    options: [{ name: "with-created", summary: "end the fleet tokens that it issued, too" }],
    answers: true,
    node: true,
    load: () => import("./commands/peers-remove.ts"),
  },
];
