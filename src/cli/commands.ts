/** The one table of commands. What is not in it does not exist: parsing, help, completion and `docs/cli.md` come from here. */

import { ROLES, WEAKER_CHANNELS } from "../foundation/vocabulary.ts";
import { AUDIT_COMMANDS } from "./audit-commands.ts";
import type { CommandEntry, OptionEntry } from "./command.ts";
import { PEERS_COMMANDS } from "./peers-commands.ts";
import { SERVICE_COMMANDS } from "./service/commands.ts";
import { TOKEN_COMMANDS } from "./token-commands.ts";

const DATA_DIR: OptionEntry = { name: "data-dir", value: "folder", summary: "keep the node's data in this folder" };

/** What `up` takes and `config show` shows: each overrides the environment, which overrides the file. */
const SETTINGS: readonly OptionEntry[] = [
  { name: "config", value: "file", summary: "read settings from this file" },
  { name: "name", value: "name", summary: "name of the node when it is started for the first time" },
  { name: "port", value: "port", summary: "port to listen on, 9473 unless told otherwise" },
  { name: "listen", value: "address", summary: "address to listen on instead of all", many: true },
  { name: "socket-group", value: "group", summary: "group whose members may use the local socket, and so do everything" },
  { name: "plaintext", value: "where", summary: "where plain HTTP is answered", choices: ["loopback", "lan", "never"] },
  { name: "host-name", value: "name", summary: "further host name the node answers for", many: true },
  { name: "pages", value: "folder", summary: "serve the web pages in this folder below /pages/" },
  { name: "discovery", value: "state", summary: "whether to announce the node on the LAN", choices: ["on", "off"] },
  { name: "log-level", value: "level", summary: "what to log", choices: ["debug", "info", "warn", "error"] },
  DATA_DIR,
];

const LOG_FILE: OptionEntry = {
  name: "log-file",
  value: "file",
  summary: "write the log there, cut at 10 MiB with three older ones kept",
};

const ON_MOVE: readonly OptionEntry[] = [
  { name: "keep-identity", summary: "the data folder was moved here from another machine: go on as the same node" },
  { name: "renew-identity", summary: "the data folder was copied from another machine: set it aside and begin a new node" },
];

/** Groups of commands, for help. */
export const GROUPS: Readonly<Record<string, string>> = {
  peers: "Lists, adds, changes and removes the keys this node trusts",
  token: "Issues, lists, changes, rotates and ends API tokens",
  audit: "Looks into the record of what was changed and refused, and proves that it is whole",
  service: "Runs the node in the background, from boot or login on",
  config: "Shows settings and where they come from",
};

/** Every command, in the order of help and documents. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "up",
    summary: "Runs a node in the foreground",
    options: [...SETTINGS, LOG_FILE, ...ON_MOVE],
    examples: ["cider fleet up", "cider fleet up --port 9474 --data-dir ~/second-node"],
    load: () => import("./commands/up.ts"),
  },
  {
    name: "status",
    summary: "Tells whether a node runs here, where it listens, and how to call it",
    answers: true,
    node: true,
    load: () => import("./commands/status.ts"),
  },
  {
    name: "pair",
    summary: "Opens a pairing window on this node and shows its code until someone paired",
    options: [
      { name: "link", summary: "show a link without a code, for where nobody can type" },
      { name: "role", value: "role", summary: "what the new peer may do, admin unless told otherwise", choices: ROLES },
      { name: "for", value: "public-key", summary: "let only this key pair, 130 hex characters" },
      { name: "seconds", value: "seconds", summary: "how long, 120 unless told otherwise: 30 to 600, a link alone up to 86400" },
      {
        name: "allow",
        value: "channel",
        summary:
          "let clients pair that cannot tell whom they reach: blind is a page in a browser, which sees no certificate and leaves that to the browser; plain is HTTP over the LAN, which whoever shares the network can read and change",
        choices: WEAKER_CHANNELS,
        many: true,
      },
      { name: "close", summary: "close the open window instead" },
    ],
    answers: true,
    node: true,
    examples: [
      "cider fleet pair",
      "cider fleet pair --link --role operator --seconds 3600",
      "cider fleet pair --allow blind --role viewer",
    ],
    load: () => import("./commands/pair.ts"),
  },
  {
    name: "join",
    summary: "Pairs with another node, by the code or link it shows",
    arguments: [
      { name: "node", summary: "address of the node, its name or id on the LAN, or the link it shows" },
      { name: "code", summary: "the code it shows; asked for when left out", optional: true },
    ],
    options: [
      { name: "name", value: "name", summary: "how the node lists this machine" },
      { name: "role", value: "role", summary: "ask for less than the window gives", choices: ROLES },
    ],
    answers: true,
    examples: ["cider fleet join 192.168.1.20 123456"],
    load: () => import("./commands/join.ts"),
  },
  {
    name: "discover",
    summary: "Lists the nodes on the LAN",
    options: [
      { name: "watch", summary: "go on and tell of nodes that come, change and go" },
      { name: "seconds", value: "seconds", summary: "how long to listen, 1.5 unless told otherwise: 1 to 60" },
    ],
    answers: true,
    examples: ["cider fleet discover", "cider fleet discover --watch --json"],
    load: () => import("./commands/discover.ts"),
  },
  ...PEERS_COMMANDS,
  ...TOKEN_COMMANDS,
  ...AUDIT_COMMANDS,
  {
    name: "cert",
    summary: "Shows the node's certificate authority and how programs come to trust it",
    options: [{ name: "pem", summary: "print the certificate alone" }],
    answers: true,
    node: true,
    examples: ["cider fleet cert --pem > ca.pem"],
    load: () => import("./commands/cert.ts"),
  },
  {
    name: "backup",
    summary: "Writes all of the running node that cannot be made again into one private file, its key included",
    arguments: [{ name: "file", summary: "the file to make, which must not be there" }],
    options: [{ name: "data-dir", value: "folder", summary: "back up the node that keeps its data there" }],
    answers: true,
    examples: ["cider fleet backup node.backup"],
    load: () => import("./commands/backup.ts"),
  },
  {
    name: "restore",
    summary: "Makes a stopped node of a backup, in an empty folder, and revokes its tokens",
    arguments: [{ name: "file", summary: "the backup" }],
    options: [
      { name: "keep-tokens", summary: "leave tokens as they were, also those revoked after the backup was made" },
      { name: "data-dir", value: "folder", summary: "the empty folder that becomes the node's" },
    ],
    answers: true,
    examples: ["cider fleet restore node.backup", "cider fleet restore node.backup --data-dir ~/second-node"],
    load: () => import("./commands/restore.ts"),
  },
  ...SERVICE_COMMANDS,
  {
    name: "doctor",
    summary: "Examines the node and its surroundings, and says what is wrong and what to do",
    options: [
      { name: "fix", summary: "mend what can be mended without a decision of yours" },
      { name: "bundle", summary: "write all of it to a file for whoever helps you; no secret is in it" },
    ],
    answers: true,
    node: true,
    examples: ["cider fleet doctor", "cider fleet doctor --fix", "cider fleet doctor --bundle"],
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "config show",
    summary: "Shows the settings a node would start with",
    options: SETTINGS,
    answers: true,
    load: () => import("./commands/config-show.ts"),
  },
  {
    name: "config path",
    summary: "Tells which file settings are read from",
    options: [{ name: "config", value: "file", summary: "read settings from this file" }],
    answers: true,
    load: () => import("./commands/config-path.ts"),
  },
  {
    name: "completion",
    summary: "Prints a completion script for a shell",
    arguments: [{ name: "shell", summary: "bash, zsh or fish", choices: ["bash", "zsh", "fish"] }],
    examples: ['eval "$(cider fleet completion bash)"', "cider fleet completion fish > ~/.config/fish/completions/cider.fish"],
    load: () => import("./commands/completion.ts"),
  },
  {
    name: "version",
    summary: "Tells the version of this program",
    answers: true,
    load: () => import("./commands/version.ts"),
  },
];

/** Returns the entry of this name. */
export function commandNamed(name: string): CommandEntry | undefined {
  return COMMANDS.find((entry) => entry.name === name);
}
