/** Packs what was built and installs it in an empty folder, once: the tests run what people get from the registry. */

import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

const ROOT = join(import.meta.dirname, "../../..");

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder in which the package was installed. */
    readonly installed: string;
  }
}

export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "cider-fleet-installed-"));
  // Other accounts run it as well.
  chmodSync(folder, 0o755);
  const npm = (cwd: string, ...words: readonly string[]): string =>
    execFileSync("npm", words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [packed] = JSON.parse(npm(ROOT, "pack", "--json", "--ignore-scripts", "--pack-destination", folder)) as {
    readonly filename: string;
  }[];
  if (packed === undefined) throw new Error("npm packed nothing");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  npm(folder, "install", "--offline", "--no-audit", "--no-fund", `./${packed.filename}`);
  project.provide("installed", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
