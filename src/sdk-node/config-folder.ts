/** Where this user's clients keep their key and nodes. The CLI and clients in other languages use the same folder. */

import { isAbsolute, join, resolve } from "node:path";

/**
 * Returns `$CIDER_CONFIG_DIR`; else on macOS the account's `cider-fleet-client` below Application Support, on Windows
 * below `%APPDATA%`, elsewhere `cider-fleet` below `$XDG_CONFIG_HOME` (relative values are ignored).
 */
export function configFolder(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform, home: string): string {
  const named = env["CIDER_CONFIG_DIR"] ?? "";
  if (named !== "") return resolve(named);
  if (platform === "darwin") return join(home, "Library/Application Support/cider-fleet-client");
  if (platform === "win32") return join(env["APPDATA"] ?? join(home, "AppData/Roaming"), "cider-fleet-client");
  const config = env["XDG_CONFIG_HOME"] ?? "";
  return join(isAbsolute(config) ? config : join(home, ".config"), "cider-fleet");
}
