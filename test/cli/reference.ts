/** The part of `docs/cli.md` that follows from tables. */

import { type CommandEntry, JSON_OPTION, NODE_OPTIONS, type OptionEntry } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { EXIT_CODES } from "../../src/cli/exit-codes.ts";

const row = (...cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

/** Returns commands, options and exit codes as Markdown. */
export function reference(): string {
  const general = [JSON_OPTION, ...NODE_OPTIONS];
  return [
    "## Options of many commands",
    "",
    "`--json` belongs to every command that answers; the others to every command that talks to a node.",
    "",
    ...optionTable(general),
    "",
    "## Commands",
    ...COMMANDS.flatMap(section),
    "",
    "## Exit codes",
    "",
    row("code", "name", "meaning"),
    row("---", "---", "---"),
    ...Object.entries(EXIT_CODES).map(([name, { code, meaning }]) => row(String(code), `\`${name}\``, meaning)),
    "",
  ].join("\n");
}

function section(entry: CommandEntry): readonly string[] {
  const words = (entry.arguments ?? []).map(({ name, optional }) => (optional ? `[${name}]` : `<${name}>`));
  const general = [...(entry.answers ? ["--json"] : []), ...(entry.node ? ["--data-dir", "--host"] : [])].map(
    (name) => `\`${name}\``,
  );
  return [
    "",
    `### ${[`cider fleet ${entry.name}`, ...words].join(" ")}`,
    "",
    `${entry.summary}.${general.length === 0 ? "" : ` Takes ${general.join(", ")}.`}`,
    ...(entry.arguments === undefined ? [] : ["", ...entry.arguments.map(({ name, summary }) => `- \`${name}\`: ${summary}`)]),
    ...(entry.options === undefined ? [] : ["", ...optionTable(entry.options)]),
    ...(entry.examples === undefined ? [] : ["", "```sh", ...entry.examples, "```"]),
  ];
}

function optionTable(options: readonly OptionEntry[]): readonly string[] {
  return [
    row("option", "what it does"),
    row("---", "---"),
    ...options.map((option) => row(`\`${spelling(option)}\``, meaning(option))),
  ];
}

function spelling({ name, value }: OptionEntry): string {
  return value === undefined ? `--${name}` : `--${name} <${value}>`;
}

function meaning({ summary, choices, many, required }: OptionEntry): string {
  const notes = [
    ...(choices === undefined ? [] : [choices.map((choice) => `\`${choice}\``).join(", ")]),
    ...(many ? ["may be repeated"] : []),
    ...(required ? ["required"] : []),
  ];
  return notes.length === 0 ? summary : `${summary} (${notes.join("; ")})`;
}
