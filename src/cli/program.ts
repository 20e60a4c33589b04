/** Turns the table of commands into a commander program: what is typed becomes a `Call`, what is wrong a UsageError. */

import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { systemClock } from "../foundation/clock.ts";
import { type ArgumentEntry, type CommandEntry, type OptionEntry, optionsOf } from "./command.ts";
import { COMMANDS, GROUPS } from "./commands.ts";
import { EXIT_CODES, type ExitName } from "./exit-codes.ts";
import { reportFailure, UsageError } from "./failure.ts";
import { Flags } from "./flags.ts";
import type { Terminal } from "./terminal.ts";

/** How help and hints name the program; `cider-fleet` is the same. */
const PROGRAM = "cider fleet";
const DESCRIPTION = "Runs and talks to fleet nodes: pairing, trusted peers, API tokens";

/** Runs the command that `words` name (as typed after `cider fleet`) and returns the exit code. */
export async function runProgram(words: readonly string[], terminal: Terminal): Promise<number> {
  let exit: ExitName = "OK";
  const program = buildProgram(terminal, (name) => {
    exit = name;
  });
  try {
    await program.parseAsync([...words], { from: "user" });
    return EXIT_CODES[exit].code;
  } catch (error) {
    const named = commandOf(program, words);
    const seeHelp = `see "${[PROGRAM, ...named.path].join(" ")} --help"`;
    if (!(error instanceof CommanderError)) return reportFailure(error, terminal, seeHelp);
    return error.exitCode === 0 ? 0 : reportFailure(usageErrorOf(error, named.command, seeHelp), terminal);
  }
}

/** Returns the program with every command of the table; `done` is told how the one that ran ended. */
export function buildProgram(terminal: Terminal, done: (exit: ExitName) => void): Command {
  const program = prepare(new Command(PROGRAM), terminal)
    .description(DESCRIPTION)
    .helpCommand("help [command]", "Shows help for a command");
  const groups = new Map<string, Command>();
  for (const entry of COMMANDS) {
    const [first = "", second] = entry.name.split(" ");
    const command = prepare(new Command(second ?? first), terminal);
    fill(command, entry, terminal, done);
    if (second === undefined) {
      program.addCommand(command);
      continue;
    }
    const group = groups.get(first) ?? prepare(new Command(first), terminal).description(GROUPS[first] ?? "");
    if (!groups.has(first)) program.addCommand(group);
    groups.set(first, group);
    group.addCommand(command, { isDefault: entry.isDefault === true });
  }
  return program;
}

/** Help that was asked for is an answer and goes to stdout; help for a missing command goes to stderr. Errors are printed by us. */
function prepare(command: Command, terminal: Terminal): Command {
  return command
    .exitOverride()
    .helpCommand(false)
    .helpOption("-h, --help", "show this help")
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.err.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.out.columns,
      getErrHelpWidth: () => terminal.err.columns,
    });
}

function fill(command: Command, entry: CommandEntry, terminal: Terminal, done: (exit: ExitName) => void): void {
  const options = optionsOf(entry).map((option) => ({ entry: option, option: optionFrom(option) }));
  command.description(entry.summary);
  for (const { option } of options) command.addOption(option);
  for (const argument of entry.arguments ?? []) command.addArgument(argumentFrom(argument));
  if (entry.examples !== undefined)
    command.addHelpText("after", `\nExamples:\n${entry.examples.map((line) => `  ${line}`).join("\n")}`);
  command.action(async () => {
    const typed: Readonly<Record<string, unknown>> = command.opts();
    const values = options.map(({ entry: { name }, option }) => [name, typed[option.attributeName()]] as const);
    const { run } = await entry.load();
    done(
      await run({
        flags: new Flags(Object.fromEntries(values)),
        args: command.args,
        terminal,
        clock: systemClock,
        table: { commands: COMMANDS, groups: GROUPS },
      }),
    );
  });
}

function optionFrom(entry: OptionEntry): Option {
  const value = entry.value === undefined ? "" : ` <${entry.value}>`;
  const option = new Option(`--${entry.name}${value}`, entry.summary);
  if (entry.choices !== undefined) option.choices(entry.choices);
  // After choices(), whose own parser keeps the last value alone.
  if (entry.many)
    option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), choice(entry, text)]);
  return entry.required ? option.makeOptionMandatory() : option;
}

/** Returns the text where the option takes it; commander adds the option's name to what is said otherwise. */
function choice({ choices }: OptionEntry, text: string): string {
  if (choices?.includes(text) === false) throw new InvalidArgumentError(`Allowed choices are ${choices.join(", ")}.`);
  return text;
}

function argumentFrom(entry: ArgumentEntry): Argument {
  const argument = new Argument(entry.optional ? `[${entry.name}]` : `<${entry.name}>`, entry.summary);
  return entry.choices === undefined ? argument : argument.choices(entry.choices);
}

/** Commander's sentences, in our form: without `error:` and full stop; what follows the first line is its suggestion. */
function usageErrorOf(error: CommanderError, command: Command, seeHelp: string): UsageError {
  if (error.code === "commander.help") return new UsageError("which command?", seeHelp);
  if (error.code === "commander.excessArguments") {
    const extra = command.args[command.registeredArguments.length] ?? "";
    return new UsageError(`${JSON.stringify(extra)} is one word too many`, seeHelp);
  }
  const [first = "", ...rest] = error.message.replace(/^error: (command-)?/, "").split("\n");
  const suggestion = rest
    .join(" ")
    .trim()
    .replace(/^\(Did/, "did")
    .replace(/\)$/, "");
  return new UsageError(first.replace(/\.$/, ""), suggestion === "" ? seeHelp : suggestion);
}

/** Returns the command that the words name, as far as they name one. */
function commandOf(program: Command, words: readonly string[]): { readonly command: Command; readonly path: readonly string[] } {
  let command = program;
  const path: string[] = [];
  for (const word of words) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) break;
    command = next;
    path.push(word);
  }
  return { command, path };
}
