/** `cider fleet token make`: a secret and its hash, without any node; for one token on many nodes. */

import { createHash } from "node:crypto";
import { systemRandom } from "../../foundation/random.ts";
import { makeTokenText } from "../../wire/token.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { hint } from "../terminal.ts";

export function run({ flags, terminal }: Call): Promise<ExitName> {
  const token = makeTokenText(systemRandom);
  const hash = createHash("sha256").update(token).digest("hex");
  if (flags.on("json")) terminal.out.json({ token, hash });
  else terminal.out.block(`${token}\n${hash}`);
  hint(terminal, "keep the first line in a vault, and register the second on every node with");
  hint(terminal, "cider fleet token generate --name my-script --hash HASH");
  return Promise.resolve("OK");
}
