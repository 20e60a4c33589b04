/** `cider fleet completion` */

import type { Call, CommandTable } from "../command.ts";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import { zshScript } from "../completion/zsh.ts";
import type { ExitName } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";

const SCRIPTS: Readonly<Record<string, (table: CommandTable) => string>> = { bash: bashScript, zsh: zshScript, fish: fishScript };

export async function run({ args, terminal, table }: Call): Promise<ExitName> {
  const script = SCRIPTS[args[0] ?? ""];
  if (script === undefined) throw new UsageError(`completion is for ${Object.keys(SCRIPTS).join(", ")}`);
  terminal.out.write(script(table));
  return "OK";
}
