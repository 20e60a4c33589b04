/** `cider fleet config path` */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { defaultConfigFile } from "../../config/load.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { processAccount } from "../socket.ts";
import { hint } from "../terminal.ts";

export async function run({ flags, terminal }: Call): Promise<ExitName> {
  const { env, platform, uid, home } = processAccount(terminal.env);
  const named = flags.text("config") ?? env["CIDER_CONFIG"];
  const path = named === undefined || named === "" ? defaultConfigFile(env, platform, uid, home) : resolve(named);
  const exists = existsSync(path);
  if (flags.on("json")) terminal.out.json({ path, exists });
  else terminal.out.line(path);
  if (!exists) hint(terminal, "there is no such file; without one the defaults hold");
  return "OK";
}
