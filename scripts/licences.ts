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
  // A notice must travel with the licence that speaks of it (Apache 2.0 §4d).
  const files = readdirSync(folder).filter((entry) => /^(licen[cs]e|notice)/i.test(entry));
  if (name === undefined || version === undefined || license === undefined) throw new Error(`${folder} names no licence`);
  const text =
    files.length === 0
      ? `The package brings no licence file and names ${license}.`
      : files.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n\n");
  return `${"-".repeat(78)}\n${name} ${version} (${license})\n\n${text}\n`;
}
