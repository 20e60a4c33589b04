/** Other programs that claim the same name or the same port, with the two ways out of each. */

import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { holdersOf, isTaken, sayHolders } from "./port-holders.ts";

/** What is found, and what can be done about it. */
export interface Rival {
  readonly what: string;
  readonly waysOut: readonly [string, string];
}

/** The command's name, which others use as well. */
const COMMAND = "cider";

/** Returns every `cider` on the search path that does not belong to the package in `folder`. */
export function otherCiders(path: string | undefined, folder: string): readonly Rival[] {
  const places = (path ?? "").split(delimiter).filter(isAbsolute);
  const found = [...new Set(places)].map((place) => join(place, COMMAND)).filter(isProgram);
  return found
    .filter((program) => !isOurs(program, folder))
    .map((program) => ({
      what: `another program is called ${COMMAND}: ${program}`,
      waysOut: [
        'use "cider-fleet" instead of "cider fleet": they are the same',
        `remove ${program}, or put its folder behind ours in PATH`,
      ],
    }));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isOurs(program: string, folder: string): boolean {
  const real = realpathSync(program);
  return dirname(dirname(real)) === (existsSync(folder) ? realpathSync(folder) : folder);
}

/** Resolves to whoever accepts connections on the port of this machine, undefined when nobody does. */
export async function portRival(port: number, platform: NodeJS.Platform): Promise<Rival | undefined> {
  if (!(await isTaken(port))) return undefined;
  const holders = sayHolders(await holdersOf("tcp", port, platform));
  return {
    what: `port ${port} is taken by ${holders}, maybe the discontinued product that used it`,
    waysOut: ["end that program and its login item", `install on another port: --port ${port + 1}`],
  };
}
