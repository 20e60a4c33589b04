/** Other programs that claim the same name or the same port, with the two ways out of each. */

import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { holdersOf, isTaken, sayHolders } from "./port-holders.ts";

/** What is found, and what can be done about it. */
export interface Rival {
  readonly what: string;
  readonly waysOut: readonly [string, string];
}

/** The command's name, which others use as well. */
const COMMAND = "cider";

/** Returns every `cider` on the search path that is another program than the package in `folder`, or a copy of that. */
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
  const theirs = dirname(dirname(realpathSync(program)));
  return theirs === (existsSync(folder) ? realpathSync(folder) : folder) || isCopy(theirs);
}

/** A service runs a copy of what is installed; whatever calls itself by our name is no stranger. */
function isCopy(folder: string): boolean {
  try {
    return /"name"\s*:\s*"cider-fleet"/.test(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {
    return false;
  }
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
