/** `cider fleet config show`: what a node started with the same options would use, as TOML with the origin of each line. */

import { resolveConfig } from "../../config/load.ts";
import { keyOf, SETTINGS } from "../../config/schema.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { say } from "../terminal.ts";

export async function run({ flags, terminal }: Call): Promise<ExitName> {
  const { out, env } = terminal;
  const resolved = resolveConfig({ flags: flags.values, env, file: flags.text("config") });
  const { config, file, origins } = resolved;
  if (flags.on("json")) {
    out.json({ file: file ?? null, config, origins: Object.fromEntries(origins) });
    return "OK";
  }
  say(terminal, file === undefined ? "no configuration file was read" : `read ${file}`);
  for (const setting of SETTINGS) {
    const key = keyOf(setting);
    const value = valueAt(config, setting.path);
    const line = value === undefined ? `# ${key} is not set` : `${key} = ${JSON.stringify(value)}`;
    out.line(`${line}  ${out.paint("dim", `# ${origins.get(key) ?? "default"}`)}`);
  }
  return "OK";
}

function valueAt(config: object, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], config);
}
