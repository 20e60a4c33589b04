/** Links between our documents lead somewhere, and the protocol's chapters leave no vector and no chapter out. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const PROTOCOL = join(ROOT, "docs/protocol");

function markdownBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return entries.filter((path) => path.endsWith(".md")).map((path) => join(folder, path));
}

const DOCUMENTS = [
  ...["README.md", "CHANGELOG.md", "clients/python/README.md"].map((path) => join(ROOT, path)),
  ...markdownBelow(join(ROOT, "docs")),
];

/** Returns the anchors of a document's headings, as forges make them. */
function anchorsOf(path: string): readonly string[] {
  const headings = [...readFileSync(path, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Returns the links of a document that lead nowhere. Those to other machines are not asked for. */
function deadLinks(path: string): readonly string[] {
  const text = readFileSync(path, "utf8").replaceAll(/^```.*?^```/gms, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : join(dirname(path), decodeURIComponent(file));
    return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });
}

describe("links", () => {
  it.each(DOCUMENTS.map((path) => relative(ROOT, path)))("of %s lead somewhere", (path) => {
    expect(deadLinks(join(ROOT, path))).toEqual([]);
  });

  it("that lead nowhere are seen", () => {
    expect(anchorsOf(join(PROTOCOL, "06-http.md"))).toContain("repeating-a-change");
    expect(anchorsOf(join(PROTOCOL, "06-http.md"))).not.toContain("repeating-a-read");
  });
});

describe("docs/protocol", () => {
  const chapters = readdirSync(PROTOCOL).filter((name) => name !== "README.md");

  it("has every chapter in its table", () => {
    const index = readFileSync(join(PROTOCOL, "README.md"), "utf8");
    expect([...index.matchAll(/^\| \[[^\]]+\]\((\d[^)]+)\)/gm)].map(([, name]) => name)).toEqual(chapters.toSorted());
  });

  it("names every vector that another implementation needs", () => {
    const text = [...chapters.map((name) => join(PROTOCOL, name)), join(ROOT, "docs/audit.md")]
      .map((path) => readFileSync(path, "utf8"))
      .join("\n");
    const missing = readdirSync(join(ROOT, "test/vectors")).filter((name) => !text.includes(name));
    expect(missing).toEqual([]);
  });
});
