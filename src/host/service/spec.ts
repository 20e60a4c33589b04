/**
 * The node as a service of this machine: what a unit must say, as data. Texts of units (`systemd.ts`,
 * `launchd.ts`), decisions and the steps of an installation follow from it and touch nothing.
 */

import { join } from "node:path";
import { systemDataFolder } from "../data-folder.ts";

/** The unit's name, the job's label and the account's name. */
export const SERVICE_NAME = "cider-fleet";

/** Systems whose services are known. */
export type ServicePlatform = "darwin" | "linux";

/** `system`: from boot on, whoever is logged in. `user`: one account's own, from its login on. */
export type ServiceScope = "system" | "user";

/** Where a service stands. */
export interface ServicePlace {
  readonly platform: ServicePlatform;
  readonly scope: ServiceScope;
  /** Home of the account that the node runs as. */
  readonly home: string;
}

/** All that a unit says; nothing in it is a secret. Paths are absolute. */
export interface ServiceSpec extends ServicePlace {
  /** The account that the node runs as. */
  readonly account: string;
  /** Node itself, at a path that outlives its upgrades. */
  readonly node: string;
  /** `bin/cider-fleet.cjs`. */
  readonly program: string;
  readonly dataDir: string;
  /** The settings' file; absent: the account's own default place is read. */
  readonly config?: string | undefined;
  readonly port?: number | undefined;
  /** Whose members may use the local socket; for services with an account of their own. */
  readonly socketGroup?: string | undefined;
}

/** Returns the file of the unit or property list. */
export function unitPath({ platform, scope, home }: ServicePlace): string {
  if (platform === "darwin") {
    return join(scope === "system" ? "/Library/LaunchDaemons" : join(home, "Library/LaunchAgents"), `${SERVICE_NAME}.plist`);
  }
  return join(scope === "system" ? "/etc/systemd/system" : join(home, ".config/systemd/user"), `${SERVICE_NAME}.service`);
}

/** Returns the data folder of a service that takes over no other. */
export function serviceDataFolder({ platform, scope, home }: ServicePlace): string {
  if (platform === "darwin") return join(home, "Library/Application Support/cider-fleet");
  return scope === "system" ? systemDataFolder("linux") : join(home, ".local/state/cider-fleet");
}

/** Returns the folder of the service's own copy of the program, where it needs one. */
export function serviceProgramFolder({ platform, scope, home }: ServicePlace): string {
  if (scope === "system") return "/usr/local/lib/cider-fleet";
  return join(home, platform === "darwin" ? "Library/Application Support/cider-fleet-program" : ".local/lib/cider-fleet");
}

/** Returns the file that the node logs to, in the folder that Console.app shows; undefined where the journal keeps logs. */
export function serviceLogFile({ platform, home }: ServicePlace): string | undefined {
  return platform === "darwin" ? join(home, "Library/Logs/cider-fleet/cider-fleet.log") : undefined;
}

/** Returns the words that start the node: no shell, no search path. */
export function serviceCommand(spec: ServiceSpec): readonly string[] {
  const options: readonly (readonly [string, string | undefined])[] = [
    ["--data-dir", spec.dataDir],
    ["--config", spec.config],
    ["--port", spec.port?.toString()],
    ["--socket-group", spec.socketGroup],
    ["--log-file", serviceLogFile(spec)],
  ];
  const given = options.flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  return [spec.node, spec.program, "up", ...given];
}
