/** What may be typed next, from the table of commands, for the scripts of all shells. */

import { quoted } from "../../host/shell.ts";
import { type CommandEntry, type CommandTable, type OptionEntry, optionsOf } from "../command.ts";

/** A word that may come next. */
export interface Suggestion {
  readonly word: string;
  readonly summary: string;
}

/** What may follow a command or group. */
export interface Step {
  /** Words typed so far, without options; empty at the beginning. */
  readonly path: string;
  readonly words: readonly Suggestion[];
  readonly options: readonly OptionEntry[];
}

/** Returns the beginning, then every group, then every command. */
export function stepsOf({ commands, groups }: CommandTable): readonly Step[] {
  const first = (name: string): string => name.split(" ")[0] ?? name;
  const summaryOf = (word: string): string => groups[word] ?? commands.find(({ name }) => name === word)?.summary ?? "";
  const tops = [...new Set(commands.map(({ name }) => first(name)))];
  return [
    { path: "", words: tops.map((word) => ({ word, summary: summaryOf(word) })), options: [] },
    ...Object.keys(groups).map((path) => ({ path, words: membersOf(path, commands), options: [] })),
    ...commands.map((entry) => ({ path: entry.name, words: choicesOf(entry), options: optionsOf(entry) })),
  ];
}

function membersOf(group: string, commands: readonly CommandEntry[]): readonly Suggestion[] {
  const members = commands.filter(({ name }) => name.startsWith(`${group} `));
  return members.map(({ name, summary }) => ({ word: name.slice(group.length + 1), summary }));
}

function choicesOf(entry: CommandEntry): readonly Suggestion[] {
  return (entry.arguments ?? []).flatMap(({ choices, summary }) => (choices ?? []).map((word) => ({ word, summary })));
}

/** Returns whether the option's value is a place in the file system. */
export function namesFile({ value }: OptionEntry): boolean {
  return value === "file" || value === "folder";
}

/** Returns every option that takes a value, with the command it belongs to. */
export function valueOptions(steps: readonly Step[]): readonly { readonly path: string; readonly option: OptionEntry }[] {
  return steps.flatMap(({ path, options }) =>
    options.filter(({ value }) => value !== undefined).map((option) => ({ path, option })),
  );
}

/**
 * Returns the pattern of paths that may grow, for `case "$place $word"` in bash and zsh: what was typed so far, a blank,
 * and the next word. A first word has the blank alone before it.
 */
export function growingPaths(steps: readonly Step[]): string {
  const paths = steps.map(({ path }) => path).filter((path) => path !== "");
  return paths.map((path) => quoted(path.includes(" ") ? path : ` ${path}`)).join("|");
}
