/**
 * The settings a node starts with: defaults < file < environment < flags.
 *
 * Whatever cannot be used stops start-up: CONFIG_INVALID names the file with line and column, the variable or the
 * option, and what belongs there. A key that does not exist is an error, so that a slip is not a silent default.
 */

import { readFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import type * as z from "zod";
import { FleetError, messageOf } from "../foundation/errors.ts";
import { ownHome } from "../host/accounts.ts";
import { defaultDataFolder } from "../host/data-folder.ts";
import { isSystemError } from "../host/files.ts";
import { nearestKey } from "./nearest.ts";
import { type Config, configSchema, keyOf, SETTINGS, type Setting } from "./schema.ts";
import { invalidAt, parseToml, positionOf, type Table } from "./toml.ts";

/** Where settings may come from. */
export interface ConfigSources {
  /** What was typed, by long option name without dashes; a repeated option is a list. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A file that was named and must therefore be there. Absent: `$CIDER_CONFIG`, then the default place if it exists. */
  readonly file?: string | undefined;
  readonly platform?: NodeJS.Platform;
  readonly uid?: number;
  readonly home?: string;
}

/** What decided a setting. */
export type Origin = "default" | "file" | "environment" | "flag";

/** The settings with what is needed to explain them. */
export interface ResolvedConfig {
  readonly config: Config;
  /** The file that was read, undefined when there was none. */
  readonly file: string | undefined;
  /** By setting, as in `tokens.defaultExpiry`. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** Returns the settings; throws CONFIG_INVALID. */
export function loadConfig(sources: ConfigSources): Config {
  return resolveConfig(sources).config;
}

/** Returns the settings and where each comes from; throws CONFIG_INVALID. */
export function resolveConfig(sources: ConfigSources): ResolvedConfig {
  const {
    env = process.env,
    flags = {},
    platform = process.platform,
    uid = process.getuid?.() ?? -1,
    home = ownHome(),
  } = sources;
  const origins = new Map<string, Origin>(SETTINGS.map((setting) => [keyOf(setting), "default"]));
  const named = sources.file ?? nonEmpty(env["CIDER_CONFIG"]);
  const file = readConfigFile(named ?? defaultConfigFile(env, platform, uid, home), named !== undefined);

  let merged: Table = {};
  for (const setting of SETTINGS) {
    const candidates: readonly (readonly [Origin, string, unknown])[] = [
      ["flag", `--${setting.flag ?? ""}`, setting.flag === undefined ? undefined : typed(setting, flags[setting.flag])],
      ["environment", setting.env, typed(setting, nonEmpty(env[setting.env]))],
      ["file", "", file && valueAt(file.table, setting.path)],
    ];
    for (const [origin, source, value] of candidates) {
      if (value === undefined) continue;
      if (origin !== "file") requireValid(source, setting, value);
      if (origins.get(keyOf(setting)) !== "default") continue;
      merged = withValue(merged, setting.path, value);
      origins.set(keyOf(setting), origin);
    }
  }
  const config = configSchema.parse(merged);
  return {
    config: { ...config, dataDir: config.dataDir ?? defaultDataFolder(env, platform, uid, home) },
    file: file?.path,
    origins,
  };
}

/** Returns the file that is read when none is named: the system's for root, else the account's. */
export function defaultConfigFile(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  uid: number,
  home: string,
): string {
  return join(configFolder(env, platform, uid, home), "cider-fleet", "cider-fleet.toml");
}

function configFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  uid: number,
  home: string,
): string {
  if (platform === "darwin") return join(uid === 0 ? "/" : home, "Library/Application Support");
  if (uid === 0) return "/etc";
  const folder = env["XDG_CONFIG_HOME"] ?? "";
  return isAbsolute(folder) ? folder : join(home, ".config");
}

function readConfigFile(path: string, required: boolean): { path: string; table: Table } | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (!required && isSystemError(error, "ENOENT", "ENOTDIR")) return undefined;
    throw new FleetError(
      "CONFIG_INVALID",
      `the configuration ${path} cannot be read: ${whyUnread(error)}`,
      { file: path },
      { cause: error },
    );
  }
  const table = parseToml(text, path);
  const [issue] = configSchema.safeParse(table).error?.issues ?? [];
  if (issue === undefined) return { path, table };
  const { path: keys, reason } = explain(issue);
  throw invalidAt(path, positionOf(text, keys), reason, keys.join("."));
}

function whyUnread(error: unknown): string {
  if (isSystemError(error, "ENOENT")) return "there is no such file";
  if (isSystemError(error, "EACCES")) return "this account may not";
  return messageOf(error);
}

/** Returns the key an issue is about, and what to say of it. */
function explain(issue: z.core.$ZodIssue): { path: readonly string[]; reason: string } {
  const path = issue.path.filter((part) => typeof part === "string");
  if (issue.code !== "unrecognized_keys") return { path, reason: `${path.join(".")} ${issue.message}` };
  const [unknown = ""] = issue.keys;
  const key = [...path, unknown].join(".");
  const near = nearestKey(key, SETTINGS.map(keyOf));
  const hint = near === undefined ? `settings are ${SETTINGS.map(keyOf).join(", ")}` : `did you mean ${near}?`;
  return { path: [...path, unknown], reason: `there is no setting ${key}; ${hint}` };
}

/** Throws CONFIG_INVALID that names the variable or option `source` when the setting cannot have this value. */
function requireValid(source: string, setting: Setting, value: unknown): void {
  const [issue] = configSchema.safeParse(withValue({}, setting.path, value)).error?.issues ?? [];
  if (issue !== undefined) throw new FleetError("CONFIG_INVALID", `${source} ${issue.message}`, { source, key: keyOf(setting) });
}

/** Returns the text of a variable or option as the type the schema checks. A malformed number or switch stays text, and the schema refuses it. */
function typed({ form }: Setting, value: unknown): unknown {
  if (typeof value !== "string") return value;
  switch (form) {
    case "text":
      return value;
    case "path":
      return resolve(value);
    case "number":
      return /^[0-9]{1,9}$/.test(value) ? Number(value) : value;
    case "switch":
      return value === "true" ? true : value === "false" ? false : value;
    case "list":
      return value.split(",").map((item) => item.trim());
  }
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

function valueAt(table: Table, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Table | undefined)?.[key], table);
}

/** Returns the table with one more value, at a path. */
function withValue(table: Table, path: readonly string[], value: unknown): Table {
  const [key = "", ...rest] = path;
  const inner = table[key] as Table | undefined;
  return { ...table, [key]: rest.length === 0 ? value : withValue(inner ?? {}, rest, value) };
}
