/** What people get with each package: bytes in a page, and packages that come along. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { parse } from "smol-toml";
import { PYTHON_CLIENT, pythonEnvironment } from "../scripts/python/environment.ts";

const ROOT = join(import.meta.dirname, "..");

const IMPORTED = /(?:\bfrom|\bimport)\s*"(\.[^"]+)"/g;
const LOADED_WHEN_NEEDED = /\bimport\(\s*"(\.[^"]+)"\s*\)/g;

/**
 * Returns bytes of the package's files that a page loads, each gzipped: those it loads at once, or with `whenNeeded` also
 * those of pairing.
 */
export function browserBytes({ whenNeeded }: { readonly whenNeeded: boolean }): number {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly exports: { readonly ".": { readonly browser: { readonly default: string } } };
  };
  const found = new Map<string, number>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    const text = readFileSync(join(ROOT, path), "utf8");
    found.set(path, gzipSync(text, { level: 9 }).length);
    const patterns = whenNeeded ? [IMPORTED, LOADED_WHEN_NEEDED] : [IMPORTED];
    for (const pattern of patterns)
      for (const [, to = ""] of text.matchAll(pattern)) visit(relative(".", join(dirname(path), to)));
  };
  visit(exports["."].browser.default);
  return [...found.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Returns how many packages an installation of this one brings beside itself. */
export function packagesFromNpm(): number {
  const folder = mkdtempSync(join(tmpdir(), "cider-fleet-bench-"));
  const npm = (cwd: string, ...words: readonly string[]): string =>
    execFileSync("npm", words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  try {
    const [packed] = JSON.parse(npm(ROOT, "pack", "--json", "--ignore-scripts", "--pack-destination", folder)) as {
      readonly filename: string;
    }[];
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "bench", private: true }));
    npm(folder, "install", "--offline", "--no-audit", "--no-fund", `./${packed?.filename ?? ""}`);
    // The first line is the folder itself, the second this package.
    return npm(folder, "ls", "--all", "--parseable").trim().split("\n").length - 2;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints how many distributions the named ones are with all they need here, by what is installed. */
const COUNT = `
import sys
from importlib.metadata import distribution
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name

met, left = set(), [Requirement(word) for word in sys.argv[1:]]
while left:
    name = canonicalize_name(left.pop().name)
    if name in met:
        continue
    met.add(name)
    found = map(Requirement, distribution(name).requires or [])
    left += [one for one in found if one.marker is None or one.marker.evaluate({"extra": ""})]
print(len(met))
`;

/** Returns how many packages the Python client brings beside itself, with this extra where one is named. */
export function packagesFromPyPI(extra?: string): number {
  const { project } = parse(readFileSync(join(PYTHON_CLIENT, "pyproject.toml"), "utf8")) as unknown as {
    readonly project: {
      readonly dependencies: readonly string[];
      readonly "optional-dependencies": Readonly<Record<string, readonly string[]>>;
    };
  };
  const more = extra === undefined ? [] : (project["optional-dependencies"][extra] ?? []);
  const { stdout, stderr } = spawnSync(pythonEnvironment(), ["-c", COUNT, ...project.dependencies, ...more], {
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  return Number(stdout);
}
