/** What the table forbids, said one sentence per import. */

import { isBuiltin } from "node:module";
import { cyclesOf, type Import, importsOf, type Sources } from "./graph.ts";
import { BROWSER_SAFE, LAYERS, type Layer, permitted } from "./table.ts";

/** The one file outside of src that may be imported: it holds the version. */
const MANIFEST = "package.json";

/** Returns every violation in these sources as `file:line: sentence`; cycles name their files. */
export function violationsOf(sources: Sources): readonly string[] {
  const imports = importsOf(sources);
  return [
    ...[...sources.keys()]
      .filter((path) => layerOf(path) === undefined)
      .map((path) => `${path}: its folder has no row in the table`),
    ...imports.flatMap((one) => {
      const reason = wrongTarget(one, sources) ?? wrongLayer(one) ?? wrongInBrowsers(one);
      return reason === undefined ? [] : [`${one.from}:${one.line}: ${reason}`];
    }),
    ...cyclesOf(imports).map((files) => `cycle: ${files.join(" → ")}`),
  ];
}

function layerOf(path: string): Layer | undefined {
  const [top, folder, file] = path.split("/");
  return top === "src" && file !== undefined ? LAYERS.find((layer) => layer.folder === folder) : undefined;
}

function wrongTarget({ specifier, target }: Import, sources: Sources): string | undefined {
  if (specifier === "(computed)") return "the import's path is computed, so nobody can check it";
  if (target === undefined || sources.has(target) || target === MANIFEST) return undefined;
  return `${specifier} is not a source file (write the .ts extension, stay inside src)`;
}

function wrongLayer({ from, target, kind }: Import): string | undefined {
  const layer = layerOf(from);
  const other = target === undefined ? undefined : layerOf(target);
  if (layer === undefined || other === undefined || layer === other) return undefined;
  if (permitted(layer).includes(other.folder)) return undefined;
  if (layer.typesOf?.includes(other.folder) === true) {
    return kind === "type" ? undefined : `${layer.folder} may import ${other.folder} by import type only`;
  }
  const { lazily } = layer;
  if (lazily?.folder === other.folder) {
    const right = kind !== "value" && lazily.files.some((file) => from.endsWith(`/${file}`));
    return right
      ? undefined
      : `${layer.folder} may import ${other.folder} by import() or import type in ${lazily.files.join(", ")} only`;
  }
  return `${layer.folder} may not import ${other.folder}`;
}

function wrongInBrowsers({ from, specifier, target, kind }: Import): string | undefined {
  const layer = layerOf(from);
  if (layer === undefined || !BROWSER_SAFE.includes(layer.folder) || from.endsWith(".node.ts")) return undefined;
  if (isBuiltin(specifier)) return `${specifier} is not there in browsers; only a .node.ts file may import it`;
  if (target?.endsWith(".node.ts") === true) return `${specifier} does not run in browsers; only a .node.ts file may import it`;
  const other = target === undefined ? undefined : layerOf(target);
  if (other === undefined || kind === "type" || BROWSER_SAFE.includes(other.folder)) return undefined;
  return `${other.folder} does not run in browsers; only a .node.ts file may import it`;
}
