/** Whether accounts other than this one can run what is in a folder: a clone in a private home is nobody else's to run. */

import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Returns whether the folder and every folder above it may be entered by anybody. */
export function othersMayEnter(folder: string): boolean {
  const path = resolve(folder);
  const isOpen = (statSync(path).mode & 0o001) !== 0;
  return isOpen && (dirname(path) === path || othersMayEnter(dirname(path)));
}
