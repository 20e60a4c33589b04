/** `cider fleet restore`: makes a node of a backup, while none runs in the folder. */

import { readFileSync } from "node:fs";
import { resolveConfig } from "../../config/load.ts";
import { messageOf } from "../../foundation/errors.ts";
import { systemRandom } from "../../foundation/random.ts";
import { isSystemError } from "../../host/files.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";
import { hint } from "../terminal.ts";
import { counted } from "../words.ts";

export async function run({ args, clock, flags, terminal }: Call): Promise<ExitName> {
  const text = readBackup(args[0] ?? "");
  const { config } = resolveConfig({ flags: flags.values, env: terminal.env });
  const { createLogger, restoreBackup } = await import("../../daemon/index.ts");
  const logger = createLogger({ level: "warn", isTerminal: terminal.err.isTTY, write: (line) => terminal.err.write(line) });
  const keepTokens = flags.on("keep-tokens");
  const restored = await restoreBackup({ text, config, keepTokens, clock, random: systemRandom, logger });
  const { archive, name, peers, tokensRevoked } = restored;
  const { nodeId, seq } = archive.head;
  if (flags.on("json"))
    terminal.out.json({
      dataDir: config.dataDir,
      name,
      nodeId,
      seq,
      made: archive.made,
      tokensRevoked,
      tokensKept: keepTokens,
      peers,
    });
  else terminal.out.line(`restored "${name}" as of ${archive.made} in ${config.dataDir}`);
  if (keepTokens) hint(terminal, "tokens revoked after the backup was made work again: see cider fleet token list");
  else hint(terminal, `revoked ${counted(tokensRevoked, "token")}: the backup may be older than a revocation; issue new ones`);
  if (peers > 0) hint(terminal, 'peers removed after the backup was made are back: see "cider fleet peers list"');
  return "OK";
}

function readBackup(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT")) throw new UsageError(`there is no file ${file}`);
    throw new UsageError(`${file} cannot be read: ${messageOf(error)}`);
  }
}
