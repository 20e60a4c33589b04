/**
 * What can be set, once: the schema of the file, and how each setting is spelled in the environment and as an option.
 * `config/cider-fleet.example.toml` explains every setting to people; a test holds it equal to this file.
 */

import { isIP } from "node:net";
import { isAbsolute } from "node:path";
import * as z from "zod";
import { utf8 } from "../foundation/bytes.ts";
import { HOUR, parseDuration } from "../foundation/durations.ts";

/** The port of the protocol, announced and assumed by clients. */
export const DEFAULT_PORT = 9473;

/** Who is answered over plain HTTP: this machine, the whole LAN, nobody. */
export const PLAINTEXT = ["loopback", "lan", "never"] as const;

/** Whether the node announces itself on the LAN. */
export const DISCOVERY = ["on", "off"] as const;

/** How much is logged, from most to least. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

const MAX_NAME_BYTES = 64;
const MAX_HOST_NAME = 253;
const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const HOST_NAME = new RegExp(`^${LABEL}(\\.${LABEL})*$`);

const text = (expected: string, holds: (value: string) => boolean) => z.string(expected).refine(holds, expected);

const name = text(
  `must be 1 to ${MAX_NAME_BYTES} bytes of text`,
  (value) => value !== "" && utf8(value).length <= MAX_NAME_BYTES,
);

const PORT = "must be a whole number from 0 to 65535 (0: any free port)";
const port = z.int(PORT).min(0, PORT).max(65535, PORT);

const address = text('must be an IP address, as in "::" or "192.168.1.5"', (value) => isIP(value) !== 0);

const hostName = text(
  'must be a host name, as in "studio.example.org"',
  (value) => value.length <= MAX_HOST_NAME && isIP(value) === 0 && HOST_NAME.test(value.toLowerCase()),
).toLowerCase();

const origin = text('must be an origin, as in "https://studio.example.org"', (value) => {
  return /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value;
});

const expiry = text('must be "never" or a duration, as in "90d"', (value) => value === "never" || isDuration(value));

/** Longest life of a bearer: it is for minutes, and whoever needs more has the token. */
const MAX_BEARER_LIFE = 24 * HOUR;

const bearerLife = text('must be a duration of at most 24h, as in "10m"', (value) => {
  return isDuration(value) && parseDuration(value) <= MAX_BEARER_LIFE;
});

const size = text('must be "never" or a size of at least 64MB, as in "512MB" or "2GB"', (value) => {
  return value === "never" || /^(6[4-9]|[7-9][0-9]|[1-9][0-9]{2,5})MB$|^[1-9][0-9]{0,4}GB$/.test(value);
});

const interfaceName = text('must name an interface, as in "en0" or "docker*"', (value) => {
  return /^[A-Za-z0-9_.:@*-]{1,32}$/.test(value);
});

function isDuration(value: string): boolean {
  try {
    return parseDuration(value) > 0;
  } catch {
    return false;
  }
}

function oneOf<const W extends readonly [string, ...string[]]>(words: W) {
  return z.enum(words, `must be one of ${words.join(", ")}`);
}

function listOf<T extends z.ZodType>(item: T) {
  return z.array(item, 'must be a list, as in ["…", "…"]');
}

const absolutePath = text("must be an absolute path", isAbsolute);

const groupName = text('must be the name of a group, as in "admin"', (value) => /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/.test(value));

/** The file's schema; what it leaves out has its default. */
export const configSchema = z.strictObject({
  /** Name of the node when it starts for the first time; `cider fleet` and clients rename it later. Absent: the host's. */
  name: name.optional(),
  port: port.default(DEFAULT_PORT),
  /** Addresses to listen on; `::` is all of them, of both families. */
  listen: listOf(address).min(1, "must name at least one address").default(["::"]),
  /** Absent: the place of the account, or of the system for root. */
  dataDir: absolutePath.optional(),
  /** Whose members may use the local socket, hence do everything. Absent: the node's own account and root. */
  socketGroup: groupName.optional(),
  plaintext: oneOf(PLAINTEXT).default("loopback"),
  /** Further names that clients may use in `Host` and that the certificate carries. */
  hostNames: listOf(hostName).default([]),
  /** Origins, other than the node's own, whose pages may read answers and make changes (CORS). */
  origins: listOf(origin).default([]),
  /** Folder whose files are served below `/pages/`. Absent: there are none. */
  pages: absolutePath.optional(),
  tokens: z
    .strictObject(
      {
        /** What a token gets whose creator says nothing: `never` or a duration. */
        defaultExpiry: expiry.default("90d"),
        /** How long a bearer lives that a token or peer is exchanged for. */
        bearerLife: bearerLife.default("10m"),
        /** The longest life any token gets, the default included: `never` (no bound) or a duration. */
        maxExpiry: expiry.default("never"),
        /** Whether a token may rotate itself: the same rights, no later end, the old one ends at once. */
        selfRotation: z.boolean("must be true or false").default(false),
      },
      "must be a table",
    )
    .prefault({}),
  record: z
    .strictObject(
      {
        /** How long entries are kept at least: `never` removed, or a duration. */
        maxAge: expiry.default("never"),
        /** How large the record may become before its oldest part goes: `never` too large, or MB and GB of 2^20 and 2^30 bytes. */
        maxSize: size.default("never"),
      },
      "must be a table",
    )
    .prefault({}),
  /** Whether the node announces itself; on loopback alone it never does. */
  discovery: oneOf(DISCOVERY).default("on"),
  discoveryInterfaces: z
    .strictObject(
      {
        /** When not empty: announced on these alone. */
        allow: listOf(interfaceName).default([]),
        /** Never announced on these. */
        deny: listOf(interfaceName).default([]),
      },
      "must be a table",
    )
    .prefault({}),
  logLevel: oneOf(LOG_LEVELS).default("info"),
});

/** The settings a node starts with. */
export type Config = z.output<typeof configSchema> & { readonly dataDir: string };

/** How a setting is written outside of the file; a list is separated by commas there. */
export interface Setting {
  readonly path: readonly string[];
  readonly form: "text" | "number" | "list" | "path" | "switch";
  readonly env: string;
  /** Long option without dashes; undefined where the file and the environment are enough. */
  readonly flag?: string;
}

/** Every setting, in the order of the example file. */
export const SETTINGS: readonly Setting[] = [
  { path: ["name"], form: "text", env: "CIDER_NAME", flag: "name" },
  { path: ["port"], form: "number", env: "CIDER_PORT", flag: "port" },
  { path: ["listen"], form: "list", env: "CIDER_LISTEN", flag: "listen" },
  { path: ["dataDir"], form: "path", env: "CIDER_DATA_DIR", flag: "data-dir" },
  { path: ["socketGroup"], form: "text", env: "CIDER_SOCKET_GROUP", flag: "socket-group" },
  { path: ["plaintext"], form: "text", env: "CIDER_PLAINTEXT", flag: "plaintext" },
  { path: ["hostNames"], form: "list", env: "CIDER_HOST_NAMES", flag: "host-name" },
  { path: ["origins"], form: "list", env: "CIDER_ORIGINS" },
  { path: ["pages"], form: "path", env: "CIDER_PAGES", flag: "pages" },
  { path: ["tokens", "defaultExpiry"], form: "text", env: "CIDER_TOKENS_DEFAULT_EXPIRY" },
  { path: ["tokens", "maxExpiry"], form: "text", env: "CIDER_TOKENS_MAX_EXPIRY" },
  { path: ["tokens", "selfRotation"], form: "switch", env: "CIDER_TOKENS_SELF_ROTATION" },
  { path: ["tokens", "bearerLife"], form: "text", env: "CIDER_TOKENS_BEARER_LIFE" },
  { path: ["record", "maxAge"], form: "text", env: "CIDER_RECORD_MAX_AGE" },
  { path: ["record", "maxSize"], form: "text", env: "CIDER_RECORD_MAX_SIZE" },
  { path: ["discovery"], form: "text", env: "CIDER_DISCOVERY", flag: "discovery" },
  { path: ["discoveryInterfaces", "allow"], form: "list", env: "CIDER_DISCOVERY_ALLOW" },
  { path: ["discoveryInterfaces", "deny"], form: "list", env: "CIDER_DISCOVERY_DENY" },
  { path: ["logLevel"], form: "text", env: "CIDER_LOG_LEVEL", flag: "log-level" },
];

/** Returns the setting's name as people write it: `tokens.defaultExpiry`. */
export function keyOf({ path }: Pick<Setting, "path">): string {
  return path.join(".");
}
