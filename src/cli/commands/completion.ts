/** `cider fleet completion` */

import type { Call } from "../command.ts";
import { completionScript, SHELLS } from "../completion.ts";
import type { ExitName } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";

export async function run({ args, terminal }: Call): Promise<ExitName> {
  const shell = SHELLS.find((name) => name === args[0]);
  if (shell === undefined) throw new UsageError(`completion is for ${SHELLS.join(", ")}`);
  terminal.out.write(completionScript(shell));
  return "OK";
}
