/** The steps of an installation as data: printed by a dry run, carried out and taken back by `perform.ts`. */

import type { ToolCommand } from "./manager.ts";

/** One step. */
export type ServiceStep =
  /** Makes the system account unless it is there. */
  | { readonly kind: "account"; readonly name: string; readonly home: string }
  /** Makes the folder unless it is there. */
  | { readonly kind: "folder"; readonly path: string; readonly mode: number; readonly owner?: string | undefined }
  /** Moves a data folder and hands everything in it to `owner`. */
  | { readonly kind: "move"; readonly from: string; readonly to: string; readonly owner?: string | undefined }
  /** Keeps what has the name under another one. */
  | { readonly kind: "aside"; readonly path: string; readonly to: string }
  /** Copies the program's files, for everybody to read. */
  | { readonly kind: "copy"; readonly from: string; readonly to: string; readonly parts: readonly string[] }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly mode: number;
      readonly text: string;
      readonly owner?: string | undefined;
    }
  | { readonly kind: "remove"; readonly path: string }
  | ({ readonly kind: "run" } & ToolCommand);

/** Returns what the step does, as a dry run prints it. */
export function describeStep(step: ServiceStep): string {
  switch (step.kind) {
    case "account":
      return `make account ${step.name}, unless it is there:\n${indented(accountCommand(step.name, step.home).join(" "))}`;
    case "folder":
      return `make folder ${step.path} (${octal(step.mode)}${by(step.owner)})`;
    case "move":
      return `move ${step.from} to ${step.to}${step.owner === undefined ? "" : `, owned by ${step.owner}`}`;
    case "aside":
      return `keep ${step.path} as ${step.to}`;
    case "copy":
      return `copy ${step.parts.join(", ")} of ${step.from} to ${step.to}`;
    case "file":
      return `write ${step.path} (${octal(step.mode)}${by(step.owner)}):\n${indented(step.text.trimEnd())}`;
    case "remove":
      return `remove ${step.path}`;
    case "run":
      return `run:\n${indented(step.words.join(" "))}`;
  }
}

/** Returns the words that make a system account of Linux, without login and without a folder of its own. */
export function accountCommand(name: string, home: string): readonly string[] {
  return ["useradd", "--system", "--user-group", "--home-dir", home, "--no-create-home", "--shell", "/usr/sbin/nologin", name];
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

function by(owner: string | undefined): string {
  return owner === undefined ? "" : `, ${owner}`;
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${line}`.trimEnd())
    .join("\n");
}
