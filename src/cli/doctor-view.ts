/** An examination for people: a line for what is well, three for what is not. */

import type { Finding } from "../sdk-node/index.ts";
import { printable } from "./printable.ts";
import { asTyped, type Style, type Terminal } from "./terminal.ts";
import { counted } from "./words.ts";

const COLOURS: Readonly<Record<Finding["level"], Style>> = { ok: "green", warn: "yellow", error: "red" };

/** Columns of the longest level. */
const LEVEL_WIDTH = 5;

/** Prints the findings, what is worst last, where a terminal leaves it in view. */
export function showFindings(terminal: Terminal, findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(({ code }) => code.length));
  for (const level of ["ok", "warn", "error"] as const)
    for (const finding of findings) if (finding.level === level) showFinding(terminal, finding, width);
}

function showFinding(terminal: Terminal, finding: Finding, width: number): void {
  const { out } = terminal;
  const { code, fixable, level, remedy, what, why } = finding;
  const word = out.paint(COLOURS[level], level.padEnd(LEVEL_WIDTH));
  out.line(`${word}  ${printable(code).padEnd(width)}  ${printable(what)}`);
  if (level === "ok") return;
  const indent = " ".repeat(LEVEL_WIDTH + width + 4);
  out.line(`${indent}${out.paint("dim", `why: ${printable(why)}`)}`);
  const way = `${printable(remedy ?? "")}${fixable ? ' (or "cider fleet doctor --fix")' : ""}`;
  out.line(`${indent}do: ${asTyped(terminal, way)}`);
}

/** Returns how many things are wrong, in words. */
export function sayCount(findings: readonly Finding[]): string {
  const count = (level: Finding["level"]): number => findings.filter((finding) => finding.level === level).length;
  const [errors, warnings] = [count("error"), count("warn")];
  if (errors + warnings === 0) return `all of ${counted(findings.length, "finding")} are well`;
  return `${counted(errors, "error")}, ${counted(warnings, "warning")}`;
}
