/** Looks for what a node must never write: tokens, link secrets, private keys outside their two files, files open to others. */

import { createPrivateKey } from "node:crypto";
import { type Dirent, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { isTokenText } from "../../../src/wire/token.ts";

/** The only files that may hold a private key. */
const KEY_FILES = ["identity.key", "tls.pem"];

const TOKEN = /csk_[0-9A-Za-z]{38}/g;
const LINK_SECRET = /[?&]s=[0-9A-Za-z_-]{22}/;
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Returns a sentence for each thing found in a data folder and in what its daemons said; empty when all is well. */
export function findLeaks(folder: string, said: string): readonly string[] {
  const files = filesBelow(folder);
  const keys = KEY_FILES.flatMap((name) => spellingsOf(join(folder, name)));
  const texts = [
    { where: "the log", text: said, mayHoldKey: false },
    ...files
      .filter(({ isFile }) => isFile)
      .map(({ path }) => ({
        where: relative(folder, path),
        text: readFileSync(path, "latin1"),
        mayHoldKey: KEY_FILES.includes(relative(folder, path)),
      })),
  ];
  return [
    ...files.flatMap(openToOthers),
    ...texts.flatMap(({ where, text, mayHoldKey }) => leaksIn(where, text, mayHoldKey ? [] : keys)),
  ];
}

function leaksIn(where: string, text: string, keys: readonly string[]): readonly string[] {
  const leaks: string[] = [];
  if ([...text.matchAll(TOKEN)].some(([match]) => isTokenText(match))) leaks.push(`${where} holds a token`);
  if (LINK_SECRET.test(text)) leaks.push(`${where} holds the secret of a link`);
  if (keys.length > 0 && PEM.test(text)) leaks.push(`${where} holds a private key in PEM`);
  if (keys.some((key) => text.includes(key))) leaks.push(`${where} holds a private key`);
  return leaks;
}

interface Found {
  readonly path: string;
  readonly isFile: boolean;
  readonly mode: number;
}

function filesBelow(folder: string): readonly Found[] {
  const entries: Dirent[] = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = [folder, ...entries.map((entry) => join(entry.parentPath, entry.name))];
  return paths.map((path) => {
    const stats = lstatSync(path);
    return { path, isFile: stats.isFile(), mode: stats.mode & 0o777 };
  });
}

function openToOthers({ path, mode }: Found): readonly string[] {
  const expected = lstatSync(path).isDirectory() ? 0o700 : 0o600;
  return mode === expected ? [] : [`${path} has mode ${mode.toString(8)}`];
}

/** Returns the secret scalar of a PEM file the way programs write such numbers: raw, hex, base64 and base64url. */
function spellingsOf(path: string): readonly string[] {
  const { d = "" } = createPrivateKey(readFileSync(path)).export({ format: "jwk" });
  const scalar = Buffer.from(d, "base64url");
  if (scalar.length !== 32) throw new Error(`${path} holds no P-256 key`);
  const hex = scalar.toString("hex");
  return [scalar.toString("latin1"), hex, hex.toUpperCase(), d, scalar.toString("base64").slice(0, 42)];
}
