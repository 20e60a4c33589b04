/** `cider fleet version` */

import manifest from "../../../package.json" with { type: "json" };
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";

export async function run({ flags, terminal }: Call): Promise<ExitName> {
  if (flags.on("json")) {
    const { node, v8 } = process.versions;
    terminal.out.json({
      name: manifest.name,
      version: manifest.version,
      node,
      v8,
      platform: process.platform,
      arch: process.arch,
    });
  } else printVersion(terminal);
  return "OK";
}

/** Prints the version alone, without looking at options. */
export function printVersion(terminal: Terminal): void {
  terminal.out.line(`${manifest.name} ${manifest.version}`);
}
