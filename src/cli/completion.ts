/** Completion scripts from the table of commands. Both program names complete alike, `cider` after its word `fleet`. */

import { type CommandEntry, type OptionEntry, optionsOf } from "./command.ts";
import { COMMANDS, GROUPS } from "./commands.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** Returns the script for the shell. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell]();
}

const SCRIPTS: Readonly<Record<Shell, () => string>> = { bash, zsh, fish };

/** The words that may follow what was typed so far; `""` is the beginning. */
interface Step {
  readonly words: readonly Suggestion[];
  readonly options: readonly OptionEntry[];
}

interface Suggestion {
  readonly word: string;
  readonly summary: string;
}

/** Returns what may follow each command and each group. */
function steps(): ReadonlyMap<string, Step> {
  const tops = [...new Set(COMMANDS.map(({ name }) => name.split(" ")[0] ?? name))];
  const found = new Map<string, Step>([["", { words: tops.map((word) => ({ word, summary: summaryOf(word) })), options: [] }]]);
  for (const group of Object.keys(GROUPS)) found.set(group, { words: membersOf(group), options: [] });
  for (const entry of COMMANDS) found.set(entry.name, { words: choicesOf(entry), options: optionsOf(entry) });
  return found;
}

function summaryOf(word: string): string {
  return GROUPS[word] ?? COMMANDS.find(({ name }) => name === word)?.summary ?? "";
}

function membersOf(group: string): readonly Suggestion[] {
  const members = COMMANDS.filter(({ name }) => name.startsWith(`${group} `));
  return members.map(({ name, summary }) => ({ word: name.slice(group.length + 1), summary }));
}

function choicesOf(entry: CommandEntry): readonly Suggestion[] {
  return (entry.arguments ?? []).flatMap(({ choices, summary }) => (choices ?? []).map((word) => ({ word, summary })));
}

/** Options whose value is a place in the file system. */
function namesFile({ value }: OptionEntry): boolean {
  return value === "file" || value === "folder";
}

function bash(): string {
  const cases = [...steps()].map(([path, { words, options }]) => {
    const all = [...words.map(({ word }) => word), ...options.map(({ name }) => `--${name}`)].join(" ");
    return `    ${quote(path)}) words=${quote(all)} ;;`;
  });
  return `${[
    "# bash completion for cider fleet",
    "_cider_fleet() {",
    '  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" place="" words="" i',
    "  for ((i = 1; i < COMP_CWORD; i++)); do",
    '    [[ "${COMP_WORDS[i]}" == -* ]] && continue',
    '    [[ $i -eq 1 && "${COMP_WORDS[0]##*/}" == cider && "${COMP_WORDS[1]}" == fleet ]] && continue',
    `    case "$place \${COMP_WORDS[i]}" in ${commandPatterns()}) place="\${place:+$place }\${COMP_WORDS[i]}" ;; esac`,
    "  done",
    '  if [[ $COMP_CWORD -eq 1 && "${COMP_WORDS[0]##*/}" == cider ]]; then',
    '    COMPREPLY=($(compgen -W fleet -- "$current"))',
    "    return",
    "  fi",
    '  case "$place $previous" in',
    ...valueCases((path, option) => `    ${quote(`${path} --${option.name}`)}) ${bashValues(option)}; return ;;`),
    "  esac",
    '  case "$place" in',
    ...cases,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "}",
    "complete -F _cider_fleet cider cider-fleet",
  ].join("\n")}\n`;
}

/** The growing paths, with the blank that precedes the first word: `" token"|"token generate"`. */
function commandPatterns(): string {
  const groups = Object.keys(GROUPS).map((group) => quote(` ${group}`));
  const commands = COMMANDS.map(({ name }) => quote(name.includes(" ") ? name : ` ${name}`));
  return [...groups, ...commands].join("|");
}

function valueCases(line: (path: string, option: OptionEntry) => string): readonly string[] {
  return COMMANDS.flatMap((entry) =>
    optionsOf(entry)
      .filter(({ value }) => value !== undefined)
      .map((option) => line(entry.name, option)),
  );
}

function bashValues(option: OptionEntry): string {
  if (option.choices !== undefined) return `COMPREPLY=($(compgen -W ${quote(option.choices.join(" "))} -- "$current"))`;
  return namesFile(option) ? 'COMPREPLY=($(compgen -f -- "$current"))' : "COMPREPLY=()";
}

function zsh(): string {
  const cases = [...steps()].map(([path, { words, options }]) => {
    const all = [
      ...words.map(({ word, summary }) => `${word}:${summary}`),
      ...options.map(({ name, summary }) => `--${name}:${summary}`),
    ];
    return `    ${quote(path)}) found=(${all.map(quote).join(" ")}) ;;`;
  });
  return `${[
    "#compdef cider cider-fleet",
    "# zsh completion for cider fleet",
    "_cider_fleet() {",
    '  local place="" i previous="${words[CURRENT-1]}"',
    "  local -a found",
    "  for ((i = 2; i < CURRENT; i++)); do",
    '    [[ "${words[i]}" == -* ]] && continue',
    '    [[ $i -eq 2 && "${words[1]:t}" == cider && "${words[2]}" == fleet ]] && continue',
    `    case "$place \${words[i]}" in ${commandPatterns()}) place="\${place:+$place }\${words[i]}" ;; esac`,
    "  done",
    '  if [[ $CURRENT -eq 2 && "${words[1]:t}" == cider ]]; then',
    "    compadd fleet",
    "    return",
    "  fi",
    '  case "$place $previous" in',
    ...valueCases((path, option) => `    ${quote(`${path} --${option.name}`)}) ${zshValues(option)}; return ;;`),
    "  esac",
    '  case "$place" in',
    ...cases,
    "  esac",
    "  _describe command found",
    "}",
    'if [[ "${zsh_eval_context[-1]}" == loadautofunc ]]; then _cider_fleet "$@"; else compdef _cider_fleet cider cider-fleet; fi',
  ].join("\n")}\n`;
}

function zshValues(option: OptionEntry): string {
  if (option.choices !== undefined) return `compadd ${option.choices.map(quote).join(" ")}`;
  return namesFile(option) ? "_files" : "_message value";
}

function fish(): string {
  const lines = [...steps()].flatMap(([path, { words, options }]) => {
    const when = `-n ${quote(`__cider_fleet_${options.length > 0 ? "in" : "at"} ${quote(path)}`)}`;
    return PROGRAMS.flatMap((program) => [
      ...words.map(({ word, summary }) => `complete -c ${program} -f ${when} -a ${quote(word)} -d ${quote(summary)}`),
      ...options.map(
        (option) => `complete -c ${program} ${when} -l ${option.name}${fishValue(option)} -d ${quote(option.summary)}`,
      ),
    ]);
  });
  return `${[
    "# fish completion for cider fleet",
    "function __cider_fleet_words",
    "  set -l typed (string match -v -- '-*' (commandline -opc))",
    '  if test (string replace -r ".*/" "" -- $typed[1]) = cider',
    '    test "$typed[2]" = fleet; or return 1',
    "    set -e typed[2]",
    "  end",
    "  set -e typed[1]",
    '  echo "$typed"',
    "end",
    "function __cider_fleet_at",
    "  set -l typed (__cider_fleet_words); or return 1",
    '  test "$typed" = "$argv[1]"',
    "end",
    "function __cider_fleet_in",
    "  set -l typed (__cider_fleet_words); or return 1",
    '  string match -q -- "$argv[1] *" "$typed "',
    "end",
    "complete -c cider -f -n 'test (count (commandline -opc)) -eq 1' -a fleet",
    ...lines,
  ].join("\n")}\n`;
}

const PROGRAMS = ["cider", "cider-fleet"] as const;

function fishValue(option: OptionEntry): string {
  if (option.value === undefined) return "";
  if (option.choices !== undefined) return ` -x -a ${quote(option.choices.join(" "))}`;
  return namesFile(option) ? " -r" : " -x";
}

/** Returns the text as one word of each of the three shells: single quotes, with those inside taken out of them. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
