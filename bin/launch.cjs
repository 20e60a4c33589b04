"use strict";

// Written so that Node 12 can parse it: whoever has an old Node is told so, instead of being shown a syntax error.

const NEEDED = [20, 19];

const OLD_NODE = `cider: error: this is Node ${process.versions.node}; cider-fleet needs Node ${NEEDED.join(".")} or newer
cider: hint: install a current Node from https://nodejs.org or with your package manager
`;

const WINDOWS = `cider: error: a node runs on macOS and Linux; this is Windows
cider: hint: the SDK works here: import { FleetClient } from "cider-fleet"
`;

const NOT_BUILT = `cider: error: dist/cli.js is missing or incomplete
cider: hint: run "npm run build" in the cloned folder, or install the package again
`;

const VERSION = ["version", "--version", "-V"];

/** Runs the command that `words` name. */
exports.launch = (words) => {
  if (isOldNode()) return fail(OLD_NODE);
  if (words.length === 1 && VERSION.includes(words[0])) return sayVersion();
  if (process.platform === "win32" && words[0] === "up") return fail(WINDOWS);
  keepCompiledCode();
  import("../dist/cli.js").then(
    (cli) => cli.main(words),
    (error) => {
      if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
      fail(NOT_BUILT);
    },
  );
};

function isOldNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);
}

// The loader of ES modules would take longer than everything here, so this one answer is given without it.
function sayVersion() {
  const { name, version } = require("../package.json");
  process.stdout.on("error", () => process.exit()); // nobody reads it any more
  process.stdout.write(`${name} ${version}\n`);
}

function fail(text) {
  process.stderr.write(text);
  process.exitCode = 1;
}

// Compiled code is kept between runs (Node 22.8 and later), in a folder that only this account can write: whoever writes
// that folder decides what runs here, so Node's own choice below /tmp is not good enough.
function keepCompiledCode() {
  const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE, XDG_CACHE_HOME } = process.env;
  const { enableCompileCache } = require("node:module");
  if (!enableCompileCache || NODE_COMPILE_CACHE || NODE_DISABLE_COMPILE_CACHE) return;
  const { lstatSync, mkdirSync } = require("node:fs");
  const { join } = require("node:path");
  try {
    const home = require("node:os").homedir();
    const caches = process.platform === "darwin" ? join(home, "Library/Caches") : XDG_CACHE_HOME || join(home, ".cache");
    const folder = join(caches, "cider-fleet", "compiled");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    if (found.isDirectory() && found.uid === process.getuid() && (found.mode & 0o022) === 0) enableCompileCache(folder);
  } catch {
    // A cache that cannot be kept costs milliseconds, nothing else.
  }
}
