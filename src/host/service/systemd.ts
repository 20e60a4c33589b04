/**
 * The systemd unit, each setting below its reason: the whole sandbox for a service with an account of its own, and what
 * needs no privilege for one that a person's own manager runs.
 */

import { dirname } from "node:path";
import { socketPathFor } from "../data-folder.ts";
import { SERVICE_NAME, type ServiceSpec, serviceCommand } from "./spec.ts";

/** Settings that share a reason. */
type Group = readonly [reason: string, ...settings: string[]];

/**
 * Exit codes after which starting again only repeats the message: the words or the configuration must be mended first.
 * They are those of the command line (`USAGE`, `CONFIG`); a test holds them together.
 */
export const HOPELESS_EXITS = [2, 78] as const;

/** Returns the unit's text. */
export function systemdUnit(spec: ServiceSpec): string {
  const system = spec.scope === "system";
  const service = [...running(spec), ...(system ? ownAccount(spec) : []), ...ending()];
  return [
    "# A cider-fleet node, written by: cider fleet service install",
    "# Settings of yours belong into a drop-in, which an upgrade leaves alone: systemctl edit cider-fleet",
    "",
    "[Unit]",
    "Description=cider-fleet node",
    ...UNIT.flatMap(lines),
    "",
    "[Service]",
    ...service.flatMap(lines),
    "",
    "# What follows takes away what a node never needs. Not here: MemoryDenyWriteExecute, because V8 compiles at run time;",
    "# ProcSubset=pid, because the node reports the machine's memory from /proc/meminfo.",
    "",
    ...(system ? [...WITHOUT_PRIVILEGE, ...chown(spec), ...WITH_PRIVILEGE] : WITHOUT_PRIVILEGE).flatMap(lines),
    "",
    "[Install]",
    `WantedBy=${system ? "multi-user.target" : "default.target"}`,
    "",
  ].join("\n");
}

function lines([reason, ...settings]: Group): readonly string[] {
  return [`# ${reason}`, ...settings];
}

const UNIT: readonly Group[] = [
  ["It listens on every address, present or to come, so it needs the network's stack and not a route.", "After=network.target"],
  [
    "A node that fails at once, again and again, is left stopped for somebody to look at.",
    "StartLimitIntervalSec=60",
    "StartLimitBurst=5",
  ],
];

function running(spec: ServiceSpec): readonly Group[] {
  return [
    [
      "Started is when HTTP answers: the node says so through systemd-notify, a process of its own in this unit.",
      "Type=notify",
      "NotifyAccess=all",
    ],
    ["A large ledger is verified before the node answers.", "TimeoutStartSec=120"],
    [
      "Absolute paths that outlive upgrades: no search path, no version manager. No secret is among the words.",
      `ExecStart=${serviceCommand(spec).map(systemdWord).join(" ")}`,
    ],
    ["A service starts rarely: no compiled code is kept among its data.", "Environment=NODE_DISABLE_COMPILE_CACHE=1"],
  ];
}

function ownAccount({ account, socketGroup }: ServiceSpec): readonly Group[] {
  return [
    ["No root: the port is above 1024 and everything it owns is in its own folders.", `User=${account}`],
    ...(socketGroup === undefined
      ? []
      : [
          [
            "The group whose members may use the local socket; the node hands it over.",
            `SupplementaryGroups=${socketGroup}`,
          ] as const,
        ]),
    [
      "Made by systemd below /var/lib, owned by the account above; the node refuses to start if others can look inside.",
      `StateDirectory=${SERVICE_NAME}`,
      "StateDirectoryMode=0700",
    ],
    [
      "The local socket's folder below /run: who may enter it has all rights.",
      `RuntimeDirectory=${SERVICE_NAME}`,
      `RuntimeDirectoryMode=${socketGroup === undefined ? "0700" : "0750"}`,
    ],
  ];
}

function ending(): readonly Group[] {
  return [
    ["Files are private from the moment they exist.", "UMask=0077"],
    [
      "The daemon says goodbye, finishes calls (5 s) and writes its checkpoint; what it started is killed with it at the end.",
      "KillMode=mixed",
      "TimeoutStopSec=20",
    ],
    [
      "A crash or a failed disk is worth another try: the ledger is verified at each start.",
      "Restart=on-failure",
      "RestartSec=2",
    ],
    [
      "2, 78: the words above or the configuration must be mended first; starting again would only repeat the message.",
      `RestartPreventExitStatus=${HOPELESS_EXITS.join(" ")}`,
    ],
    ["1,024 connections, their files and a reserve.", "LimitNOFILE=8192"],
  ];
}

const WITHOUT_PRIVILEGE: readonly Group[] = [
  ["No rights can be gained by running another program.", "NoNewPrivileges=yes", "RestrictSUIDSGID=yes"],
  [
    "TCP and UDP; the local socket and the lock; netlink, by which the node learns this machine's addresses.",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
  ],
  [
    "No sandbox of its own, no real-time scheduling, no other kernel personality.",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "LockPersonality=yes",
  ],
  [
    "Only this machine's own calls, and of those what services use; a refused call is an error to the node, not its death.",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@resources @privileged",
    "SystemCallErrorNumber=EPERM",
  ],
];

/** Allows the system call that hands the socket to a group: the filter above refuses it. */
function chown({ socketGroup }: ServiceSpec): readonly Group[] {
  if (socketGroup === undefined) return [];
  return [["But for handing the local socket to its group.", "SystemCallFilter=@chown"]];
}

const WITH_PRIVILEGE: readonly Group[] = [
  ["No capability at all.", "CapabilityBoundingSet=", "AmbientCapabilities="],
  [
    "The system is read-only but for the folders above; homes and other programs' temporary files are not there at all.",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "PrivateMounts=yes",
  ],
  [
    "The kernel, its clock, its logs and the host's name are somebody else's to change.",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
  ],
  ["Other accounts' processes are not visible.", "ProtectProc=invisible"],
  ["Nothing of it is left in memory that others could attach to.", "RemoveIPC=yes"],
];

/** Returns the folders that the unit's own settings make, for a test that holds them to the code's. */
export function unitFolders(): { readonly data: string; readonly run: string } {
  const data = `/var/lib/${SERVICE_NAME}`;
  return { data, run: dirname(socketPathFor(data, "linux")) };
}

/** Returns `text` as one word of ExecStart (systemd.service(5), systemd.unit(5)): quoted, without specifiers and variables. */
export function systemdWord(text: string): string {
  const plain = text.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w@%+=:,./$-]+$/.test(plain) ? plain : `"${plain.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Returns the words of a unit's ExecStart, as `systemdWord` wrote them; empty when it has none. */
export function systemdCommand(unit: string): readonly string[] {
  const line = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? "";
  const words = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  return words.map((word) => {
    const text = word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, "$1") : word;
    return text.replaceAll("$$", "$").replaceAll("%%", "%");
  });
}
