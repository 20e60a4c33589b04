/** The folder of the owner's pages, looked at before anything in it is served to everybody. */

import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { sep } from "node:path";
import type { Config } from "../config/schema.ts";
import { FleetError } from "../foundation/errors.ts";

/**
 * Returns where the folder really is, undefined when none is configured. Throws CONFIG_INVALID when it is no folder that
 * this account can read, or when it and the data folder are one inside the other: then the node's state would be a page.
 */
export function pagesFolder({ dataDir, pages }: Pick<Config, "dataDir" | "pages">): string | undefined {
  if (pages === undefined) return undefined;
  const [folder, data] = [readableFolder(pages), realpathSync(dataDir)];
  if (holds(folder, data) || holds(data, folder))
    throw invalid(`pages ${pages} and the data folder ${dataDir} must not be one inside the other`);
  return folder;
}

function readableFolder(path: string): string {
  try {
    if (!statSync(path).isDirectory()) throw new Error("it is no folder");
    accessSync(path, constants.R_OK | constants.X_OK);
    return realpathSync(path);
  } catch (error) {
    throw invalid(`pages ${path} is not a folder that this account can read`, error);
  }
}

function holds(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

function invalid(message: string, cause?: unknown): FleetError {
  return new FleetError("CONFIG_INVALID", message, { key: "pages" }, { cause });
}
