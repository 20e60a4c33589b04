/** What a person hands to whoever helps: an examination with what explains it, as one JSON file and without secrets. */

import { release } from "node:os";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { resolveConfig } from "../config/load.ts";
import { type Clock, timestamp } from "../foundation/clock.ts";
import { messageOf } from "../foundation/errors.ts";
import { writeDurably } from "../host/files.ts";
import type { Examination, NodeStatus } from "../sdk-node/index.ts";
import type { Terminal } from "./terminal.ts";

/** Version of the file's form. */
const FORMAT = 1;

/** Tokens and bearers, private keys, and links, whatever text they might have come into. */
const SECRETS = [
  /\bc[a-z]{2}_[0-9A-Za-z]{38}\b/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----/g,
  /cider-fleet:\/\/\S+/g,
];

/** What the file tells besides the machine. */
export interface Support {
  readonly examination: Examination;
  /** Undefined when no node runs. */
  readonly status: NodeStatus | undefined;
}

/** Writes the file, 0600, into `folder` and returns its path. */
export function writeSupportFile({ examination, status }: Support, folder: string, clock: Clock, { env }: Terminal): string {
  const made = timestamp(clock.now());
  const path = join(folder, `cider-fleet-doctor-${made.slice(0, 19).replaceAll(":", "-")}.json`);
  const { platform, arch, versions } = process;
  const machine = { platform, arch, release: release(), node: versions.node, version: manifest.version };
  const content = { supportFile: FORMAT, made, machine, status: status ?? null, settings: settingsIn(env), ...examination };
  writeDurably(path, `${withoutSecrets(JSON.stringify(content, undefined, 2))}\n`);
  return path;
}

/** Returns the text with whatever looks like a secret taken out. */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((rest, secret) => rest.replace(secret, "[removed]"), text);
}

/** Settings that cannot be read are no reason to give no help. */
function settingsIn(env: Terminal["env"]): unknown {
  try {
    const { config, file, origins } = resolveConfig({ env });
    return { file: file ?? null, config, origins: Object.fromEntries(origins) };
  } catch (error) {
    return { unusable: messageOf(error) };
  }
}
