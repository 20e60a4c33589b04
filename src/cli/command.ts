/** What a command is, as data. The one list of them is `commands.ts`; parsing, help, completion and documents come from it. */

import type { Clock } from "../foundation/clock.ts";
import type { ExitName } from "./exit-codes.ts";
import type { Flags } from "./flags.ts";
import type { Terminal } from "./terminal.ts";

/** One option of a command. */
export interface OptionEntry {
  /** Long name without dashes. */
  readonly name: string;
  /** What stands for its value in help; absent for a switch. */
  readonly value?: string;
  readonly summary: string;
  /** The only values it takes. */
  readonly choices?: readonly string[];
  /** May be given more than once. */
  readonly many?: true;
  readonly required?: true;
}

/** One argument of a command. */
export interface ArgumentEntry {
  readonly name: string;
  readonly summary: string;
  readonly optional?: true;
  readonly choices?: readonly string[];
}

/** What a command gets: its words, already checked against its entry, and where to answer. */
export interface Call {
  readonly flags: Flags;
  readonly args: readonly string[];
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** All commands: passed in, because what the table loads cannot import the table. */
  readonly table: CommandTable;
}

/** The whole table. */
export interface CommandTable {
  readonly commands: readonly CommandEntry[];
  /** What groups of commands are for, by their word. */
  readonly groups: Readonly<Record<string, string>>;
}

/** The one export of each file in `commands/`. */
export interface CommandModule {
  readonly run: (call: Call) => Promise<ExitName>;
}

/** One command. */
export interface CommandEntry {
  /** One word, or group and word: `token generate`. */
  readonly name: string;
  /** One sentence, third person, without full stop. */
  readonly summary: string;
  /** What help prints below the options: lines people can copy. */
  readonly examples?: readonly string[];
  readonly arguments?: readonly ArgumentEntry[];
  readonly options?: readonly OptionEntry[];
  /** What its group does when no other of its words follows. */
  readonly isDefault?: true;
  /** Answers on stdout, hence takes `--json`. */
  readonly answers?: true;
  /** Talks to a node: the local one, of `--data-dir`, or of `--host`. */
  readonly node?: true;
  load(): Promise<CommandModule>;
}

/** The option of every command that answers. */
export const JSON_OPTION: OptionEntry = { name: "json", summary: "answer as JSON, one value a line" };

/** The options of every command that talks to a node. */
export const NODE_OPTIONS: readonly OptionEntry[] = [
  { name: "data-dir", value: "folder", summary: "talk to the node that keeps its data there" },
  {
    name: "host",
    value: "host[:port]",
    summary: "talk to another node, by address, name or id, with the credentials stored for it",
  },
];

/** Returns all options the command takes, the general ones last. */
export function optionsOf(entry: CommandEntry): readonly OptionEntry[] {
  return [...(entry.options ?? []), ...(entry.answers ? [JSON_OPTION] : []), ...(entry.node ? NODE_OPTIONS : [])];
}
