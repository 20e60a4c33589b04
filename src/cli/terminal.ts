/**
 * The two sides of a terminal: `out` carries answers and nothing else, `err` everything said beside them.
 * Colour only where a person looks: a TTY, without NO_COLOR (no-color.org); FORCE_COLOR asks for it anyway.
 *
 * Much of what is shown was written by somebody else: names, errors of whoever answers at an address. So every line loses
 * what would steer the terminal, except the styles of our own, and nothing in it can begin a line.
 */

import { basename, delimiter, dirname, relative } from "node:path";
import { styleText } from "node:util";
import { shellWord } from "../host/shell.ts";
import { escaped, printable, STEERING } from "./printable.ts";

/** A style name of `util.styleText`, or several. */
export type Style = Parameters<typeof styleText>[0];

type Environment = Readonly<Record<string, string | undefined>>;

/** What `Screen` needs of a stream; `process.stdout` and `process.stderr` are such. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** One output stream and what can be shown on it. */
export class Screen {
  readonly isTTY: boolean;
  readonly #output: Output;
  readonly #colour: boolean;
  /** The escape sequences that `paint` has used. */
  readonly #styles = new Set<string>();

  constructor(output: Output, env: Environment) {
    this.#output = output;
    this.isTTY = output.isTTY === true;
    this.#colour = wantsColour(this.isTTY, env);
  }

  /** Columns of the terminal; 80 where there is none. */
  get columns(): number {
    return this.#output.columns ?? 80;
  }

  /** Rows of the terminal; 24 where there is none. */
  get rows(): number {
    return this.#output.rows ?? 24;
  }

  /** Writes the text as it is: for what is ours to the last character. */
  write(text: string): void {
    this.#output.write(text);
  }

  /** Writes one line. What stands behind a line break in it is indented: it is part of this line and begins none. */
  line(text = ""): void {
    this.block(text.replaceAll("\n", "\n  "));
  }

  /** Writes lines that were put together here, such as a table. */
  block(text: string): void {
    this.#output.write(`${this.#shown(text)}\n`);
  }

  /** Writes the value as one line of JSON, with escapes for what a terminal would act on. */
  json(value: unknown): void {
    this.#output.write(`${JSON.stringify(value).replace(STEERING, escaped)}\n`);
  }

  /** Returns the text in this style, or as it is where colour is not wanted. */
  paint(style: Style, text: string): string {
    if (!this.#colour) return text;
    const styled = (inner: string): string => styleText(style, inner, { validateStream: false });
    for (const [sequence] of styled("").matchAll(STYLE)) this.#styles.add(sequence);
    return styled(text);
  }

  #shown(text: string): string {
    const parts = text.split(STYLE);
    const sequences = [...text.matchAll(STYLE)].map(([sequence]) =>
      this.#styles.has(sequence) ? sequence : printable(sequence),
    );
    return parts.map((part, index) => part.split("\n").map(printable).join("\n") + (sequences[index] ?? "")).join("");
  }
}

/** One change of style (ECMA-48 §8.3.117). */
const STYLE = /\p{Cc}\[[0-9;]*m/gu;

function wantsColour(isTTY: boolean, env: Environment): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  const never = env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "";
  return isTTY && !never && env["TERM"] !== "dumb";
}

/** Where a command reads, answers and speaks. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly out: Screen;
  readonly err: Screen;
  readonly env: Environment;
  /** What a person types for `cider fleet` here. */
  readonly program: string;
}

/** Returns this process's terminal. */
export function processTerminal(): Terminal {
  const { argv, env, stdin, stdout, stderr } = process;
  const program = programOf(argv[1] ?? "", env["PATH"] ?? "", process.cwd());
  return { input: stdin, out: new Screen(stdout, env), err: new Screen(stderr, env), env, program };
}

/**
 * Returns what a person in this folder types for `cider fleet`: that where the shell finds it, else the way to the file.
 *
 * @param script the file that Node was started with
 */
export function programOf(script: string, path: string, folder: string): string {
  const name = basename(script);
  const rest = name.startsWith("cider-fleet") ? "" : " fleet";
  if (["cider", "cider-fleet"].includes(name) && path.split(delimiter).includes(dirname(script))) return `${name}${rest}`;
  const way = relative(folder, script);
  const file = shellWord(way.startsWith("..") ? script : way);
  if (name === "cider.cjs" || name === "cider-fleet.cjs") return `node ${file}${rest}`;
  return "cider fleet";
}

/** Returns the text with its commands as they are typed here; documents and errors of every language say `cider fleet`. */
export function asTyped({ program }: Terminal, text: string): string {
  return program === "cider fleet" ? text : text.replaceAll("cider fleet ", `${program} `);
}

/** Says something beside the answer: `cider: <text>` on stderr. */
export function say(terminal: Terminal, text: string): void {
  terminal.err.line(`cider: ${text}`);
}

/** Says what the reader may do next: `cider: hint: <text>` on stderr. */
export function hint(terminal: Terminal, text: string): void {
  terminal.err.line(`${terminal.err.paint("cyan", "cider: hint:")} ${asTyped(terminal, text)}`);
}
