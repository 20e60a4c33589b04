/**
 * The launchd job: a daemon that runs as a person's account from boot on, or that person's agent from login to logout.
 * An agent is subject to macOS 15's privacy of the local network, a daemon is not; root could not run macOS guests.
 */

import { SERVICE_NAME, type ServiceSpec, serviceCommand, serviceLogFile } from "./spec.ts";

/** Seconds that launchd waits between SIGTERM and SIGKILL. */
const EXIT_TIMEOUT = 20;

/** One key with its reason; the value is XML. */
type Member = readonly [reason: string, key: string, value: string];

/** Returns the property list's text. */
export function launchdJob(spec: ServiceSpec): string {
  return `${HEAD}${members(spec).map(memberText).join("\n")}</dict>\n</plist>\n`;
}

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- A cider-fleet node, written by: cider fleet service install. Check after changes: plutil -lint. -->
<plist version="1.0">
<dict>
`;

function memberText([reason, key, value]: Member): string {
  return `\t<!-- ${reason} -->\n\t<key>${key}</key>\n${value}\n`;
}

function members(spec: ServiceSpec): readonly Member[] {
  const log = serviceLogFile(spec);
  return [
    ["What launchctl calls it.", "Label", string(SERVICE_NAME)],
    ...(spec.scope === "system"
      ? [
          [
            "From boot on as this account: root cannot run macOS guests, and needs nothing else here.",
            "UserName",
            string(spec.account),
          ] as const,
        ]
      : []),
    [
      "Absolute paths that outlive upgrades: launchd has no search path of use. No secret is among the words.",
      "ProgramArguments",
      array(serviceCommand(spec)),
    ],
    [
      "A service starts rarely: no compiled code is kept for it.",
      "EnvironmentVariables",
      dict([["NODE_DISABLE_COMPILE_CACHE", string("1")]]),
    ],
    ["A node that nobody started cannot be reached.", "RunAtLoad", "\t<true/>"],
    [
      "A crash or a failed disk is worth another try, a clean end is not. launchd cannot tell a wrong setting from a crash.",
      "KeepAlive",
      dict([["SuccessfulExit", "\t<false/>"]]),
    ],
    ["Seconds between two starts, so that a node that cannot start does not keep the Mac busy.", "ThrottleInterval", integer(10)],
    ["Goodbye, calls of up to 5 s and the checkpoint need time before the kill.", "ExitTimeOut", integer(EXIT_TIMEOUT)],
    ["Octal 077: files are private from the moment they exist.", "Umask", integer(0o077)],
    [
      "1,024 connections, their files and a reserve; launchd's own limit is 256.",
      "SoftResourceLimits",
      dict([["NumberOfFiles", integer(8192)]]),
    ],
    [
      "macOS slows background jobs down; requests from the LAN are answered for people who wait.",
      "ProcessType",
      string("Interactive"),
    ],
    ...(log === undefined
      ? []
      : [
          [
            "What it says before its log is open. Console.app shows it; the node keeps it small, launchd does not.",
            "StandardErrorPath",
            string(log),
          ] as const,
        ]),
  ];
}

function string(text: string): string {
  return `\t<string>${escaped(text)}</string>`;
}

function integer(value: number): string {
  return `\t<integer>${value}</integer>`;
}

function array(items: readonly string[]): string {
  return `\t<array>\n${items.map((item) => `\t${string(item)}\n`).join("")}\t</array>`;
}

function dict(entries: readonly (readonly [string, string])[]): string {
  return `\t<dict>\n${entries.map(([key, value]) => `\t\t<key>${key}</key>\n\t${value}\n`).join("")}\t</dict>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function escaped(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}

function unescaped(text: string): string {
  return Object.entries(ENTITIES).reduceRight((result, [character, entity]) => result.replaceAll(entity, character), text);
}

/** Returns the words of a job's ProgramArguments, as `launchdJob` wrote them; empty when it has none. */
export function launchdCommand(job: string): readonly string[] {
  const list = /<key>ProgramArguments<\/key>\s*<array>([\s\S]*?)<\/array>/.exec(job)?.[1] ?? "";
  return [...list.matchAll(/<string>([^<]*)<\/string>/g)].map(([, word = ""]) => unescaped(word));
}

/** Returns the account that the job runs as, undefined for an agent. */
export function launchdAccount(job: string): string | undefined {
  const text = /<key>UserName<\/key>\s*<string>([^<]*)<\/string>/.exec(job)?.[1];
  return text === undefined ? undefined : unescaped(text);
}
