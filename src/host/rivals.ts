/** Other programs that claim the same name or the same port, with the two ways out of each. */

import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, dirname, isAbsolute, join } from "node:path";

/** What is found, and what can be done about it. */
export interface Rival {
  readonly what: string;
  readonly waysOut: readonly [string, string];
}

/** The command's name, which others use as well. */
const COMMAND = "cider";

/** Milliseconds that something on this machine may take to accept. */
const ACCEPT_TIME = 1000;

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

/** Returns whoever accepts connections on the port of this machine, undefined when nobody does. */
export async function portHolder(port: number, platform: NodeJS.Platform): Promise<Rival | undefined> {
  if (!(await accepts("127.0.0.1", port)) && !(await accepts("::1", port))) return undefined;
  const command = platform === "darwin" ? `lsof -nP -iTCP:${port} -sTCP:LISTEN` : `ss -ltnp 'sport = :${port}'`;
  return {
    what: `port ${port} is taken, maybe by the discontinued product that used it`,
    waysOut: [`end that program and its login item (find it with: ${command})`, `install on another port: --port ${port + 1}`],
  };
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ACCEPT_TIME });
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket
      .once("connect", () => settle(true))
      .once("error", () => settle(false))
      .once("timeout", () => settle(false));
  });
}
