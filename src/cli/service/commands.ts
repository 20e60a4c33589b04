/** The commands of the service. */

import type { CommandEntry, OptionEntry } from "../command.ts";

const USER: OptionEntry = { name: "user", summary: "this account's own service" };
const SYSTEM: OptionEntry = { name: "system", summary: "the system's service" };
const DRY_RUN: OptionEntry = { name: "dry-run", summary: "print what would be done, and do nothing" };
const ROOT: OptionEntry = {
  name: "root",
  value: "folder",
  summary: "work on files below this folder; nothing is started or stopped",
};

/** What every one of them takes: without a scope the service that is installed is meant, the system's first. */
const COMMON = [USER, SYSTEM, DRY_RUN] as const;

/** `cider fleet service …`. */
export const SERVICE_COMMANDS: readonly CommandEntry[] = [
  {
    name: "service install",
    summary: "Makes the node of this account a service, keeping its identity, peers and tokens",
    options: [
      { ...USER, summary: "from login on, as this account" },
      { ...SYSTEM, summary: "from boot on; what is done unless told otherwise" },
      { name: "fresh", summary: "begin with a new identity; a node in the way is kept under another name" },
      { name: "data-dir", value: "folder", summary: "take over the node in this folder" },
      { name: "account", value: "name", summary: "account of a system service on Linux, cider-fleet unless told otherwise" },
      { name: "socket-group", value: "group", summary: "group whose members may use the local socket of such an account" },
      { name: "port", value: "port", summary: "port to listen on" },
      { name: "node", value: "file", summary: "Node to run it with, at a path that outlives upgrades" },
      { name: "linger", summary: "let an account's own service run on after logout (Linux)" },
      DRY_RUN,
      ROOT,
    ],
    answers: true,
    examples: [
      "sudo cider-fleet service install",
      "cider fleet service install --user --linger",
      "cider fleet service install --dry-run",
    ],
    load: () => import("../commands/service-install.ts"),
  },
  {
    name: "service uninstall",
    summary: "Ends the service and removes its unit; the node's data stay",
    options: [
      ...COMMON,
      { name: "purge", summary: "remove the data as well, after asking" },
      { name: "yes", summary: "do not ask" },
      ROOT,
    ],
    load: () => import("../commands/service-uninstall.ts"),
  },
  { name: "service start", summary: "Starts the service", options: COMMON, load: () => import("../commands/service-start.ts") },
  {
    name: "service stop",
    summary: "Stops the service until it is started again",
    options: COMMON,
    load: () => import("../commands/service-stop.ts"),
  },
  {
    name: "service restart",
    summary: "Stops and starts the service",
    options: COMMON,
    load: () => import("../commands/service-restart.ts"),
  },
  {
    name: "service status",
    summary: "Tells how the service is, and what of its unit is gone or different",
    options: [USER, SYSTEM, ROOT],
    answers: true,
    load: () => import("../commands/service-status.ts"),
  },
  {
    name: "service logs",
    summary: "Shows the end of the service's log",
    options: [
      ...COMMON,
      { name: "lines", value: "count", summary: "how many, 100 unless told otherwise: 1 to 10000" },
      { name: "follow", summary: "go on with what comes, until Ctrl-C" },
    ],
    load: () => import("../commands/service-logs.ts"),
  },
];
