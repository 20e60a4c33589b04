/** The licences of what a bundle contains: their authors ask that the text travels with the code. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/** Returns one section per package; throws when a package brings neither a licence file nor the name of one. */
export function licencesOf(root: string, packages: readonly string[]): string {
  const sections = packages.map((name) => sectionOf(join(root, "node_modules", name)));
  return `cider-fleet contains the following packages.\n\n${sections.join("\n")}`;
}

function sectionOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Partial<Manifest>;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (name === undefined || version === undefined || license === undefined) throw new Error(`${folder} names no licence`);
  const text =
    file === undefined ? `The package brings no licence file and names ${license}.` : readFileSync(join(folder, file), "utf8");
  return `${"-".repeat(78)}\n${name} ${version} (${license})\n\n${text.trim()}\n`;
}
