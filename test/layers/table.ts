/** The table of permitted imports, as data. `docs/architecture.md` shows the same rows; `layers.test.ts` holds both together. */

/** One folder of `src/`. */
export interface Layer {
  readonly folder: string;
  readonly holds: string;
  /** Folders it may import in any form; `allAboveExcept` stands for every row above but those. */
  readonly mayImport: readonly string[] | { readonly allAboveExcept: readonly string[] };
  /** Folders it may import by `import type` only. */
  readonly typesOf?: readonly string[];
  /** A folder that some of its files, and no others, may import when they run: by `import()`, and by `import type` before. */
  readonly lazily?: { readonly folder: string; readonly files: readonly string[] };
}

const BASE = ["foundation", "crypto", "wire"];

/** From the bottom up. */
export const LAYERS: readonly Layer[] = [
  {
    folder: "foundation",
    holds: "bytes, text forms of ids, clock, chance, durations, the error table, the logger's interface",
    mayImport: [],
  },
  { folder: "crypto", holds: "key pairs, the P-256 group, SPAKE2+, hashes, `SecretKey`", mayImport: ["foundation"] },
  { folder: "wire", holds: "hand-written parsers of what a stranger's client must produce", mayImport: ["foundation"] },
  { folder: "host", holds: "this machine: figures, addresses, data folder, lock, child processes", mayImport: ["foundation"] },
  { folder: "catalogue", holds: "operations and event topics: input, output, need, route", mayImport: ["foundation", "wire"] },
  { folder: "ledger", holds: "append, group commit, replay, checkpoint", mayImport: ["foundation", "crypto", "host"] },
  { folder: "config", holds: "settings: defaults < file < environment < flags", mayImport: ["foundation", "host"] },
  { folder: "identity", holds: "node id, fingerprint; key file, CA and TLS leaf in `.node.ts`", mayImport: [...BASE, "host"] },
  { folder: "signatures", holds: "signed requests: the RFC 9421 profile, both sides", mayImport: [...BASE, "identity"] },
  { folder: "pairing", holds: "the asking and the answering side of pairing", mayImport: [...BASE, "identity"] },
  { folder: "peers", holds: "trusted keys: records, changes, folds, pure decisions", mayImport: [...BASE, "ledger"] },
  { folder: "tokens", holds: "API tokens: records, changes, folds, pure decisions", mayImport: [...BASE, "ledger"] },
  { folder: "sessions", holds: "what is live, by credential: sockets, tasks, deadlines", mayImport: ["foundation", "wire"] },
  { folder: "record", holds: "queries over the ledger, the event hub", mayImport: ["foundation", "wire", "ledger"] },
  { folder: "discovery", holds: "announcing and finding nodes on the LAN", mayImport: ["foundation", "wire", "host"] },
  {
    folder: "policy",
    holds: "Actor, roles, address limits, `decide`",
    mayImport: ["foundation", "catalogue", "peers", "tokens"],
  },
  {
    folder: "operations",
    holds: "handlers; credentials → Actor; `perform`",
    mayImport: { allAboveExcept: ["config", "discovery"] },
  },
  {
    folder: "api",
    holds: "listeners, steps, surfaces; no trust decision",
    mayImport: ["foundation", "wire", "catalogue", "policy", "sessions", "operations"],
  },
  {
    folder: "sdk",
    holds: "the client that runs anywhere",
    mayImport: [...BASE, "identity", "signatures", "pairing"],
    typesOf: ["catalogue"],
  },
  {
    folder: "sdk-node",
    holds: "the client's transports and key store on Node",
    mayImport: ["foundation", "wire", "host", "discovery", "sdk"],
  },
  {
    folder: "sdk-browser",
    holds: "the client's transport, signer and store in browsers",
    mayImport: [...BASE, "sdk"],
  },
  { folder: "console", holds: "pages", mayImport: ["foundation", "sdk", "sdk-browser"] },
  {
    folder: "daemon",
    holds: "puts concrete parts together; signals",
    mayImport: { allAboveExcept: ["sdk", "sdk-node", "sdk-browser", "console"] },
  },
  {
    folder: "cli",
    holds: "commands, one file each",
    mayImport: ["foundation", "wire", "host", "config", "sdk", "sdk-node"],
    lazily: { folder: "daemon", files: ["up.ts", "backup.ts", "restore.ts"] },
  },
];

/** Folders whose files run in browsers, except those that end in `.node.ts`. */
export const BROWSER_SAFE: readonly string[] = [...BASE, "identity", "signatures", "pairing", "sdk", "sdk-browser", "console"];

/** Returns every folder this layer may import in any form. */
export function permitted(layer: Layer, layers: readonly Layer[] = LAYERS): readonly string[] {
  if (!("allAboveExcept" in layer.mayImport)) return layer.mayImport;
  const { allAboveExcept } = layer.mayImport;
  const above = layers.slice(0, layers.indexOf(layer)).map(({ folder }) => folder);
  return above.filter((folder) => !allAboveExcept.includes(folder));
}

/** Returns the table as Markdown, as it stands in `docs/architecture.md`. */
export function markdownTable(layers: readonly Layer[] = LAYERS): string {
  const rows = layers.map((layer) => `| \`${layer.folder}\` | ${layer.holds} | ${sayImports(layer)} |`);
  return ["| folder | holds | may import |", "| --- | --- | --- |", ...rows].join("\n");
}

function sayImports({ mayImport, typesOf = [], lazily }: Layer): string {
  const parts =
    "allAboveExcept" in mayImport ? [`all above except ${mayImport.allAboveExcept.join(", ")}`] : [mayImport.join(", ") || "–"];
  for (const folder of typesOf) parts.push(`${folder} by \`import type\` only`);
  if (lazily)
    parts.push(
      `${lazily.folder} by \`import()\` or \`import type\` in ${lazily.files.map((file) => `\`${file}\``).join(", ")} only`,
    );
  return parts.join("; ");
}
