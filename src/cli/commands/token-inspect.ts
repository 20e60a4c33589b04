/** `cider fleet token inspect`: form and checksum, which need no node and say nothing of whether it is good. */

import { inspectToken } from "../../wire/token.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { readPresentedToken } from "../presented-token.ts";
import { hint } from "../terminal.ts";

export async function run({ flags, terminal }: Call): Promise<ExitName> {
  const inspected = inspectToken(await readPresentedToken(terminal));
  if (flags.on("json")) terminal.out.json(inspected);
  else if (inspected.wellFormed) terminal.out.line(`a well-formed token, ${inspected.tokenPrefix}…`);
  else terminal.out.line("not a token: cut, mistyped, or something else");
  if (inspected.wellFormed) hint(terminal, 'only its node knows whether it is good: see "cider fleet token self"');
  return inspected.wellFormed ? "OK" : "FAILED";
}
