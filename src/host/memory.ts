/** Memory in use as the platform's own tools count it: `free` on Linux, Activity Monitor on macOS. */

/** Returns the bytes Linux says can be had without swapping (`MemAvailable`), or undefined before Linux 3.14. */
export function parseAvailable(meminfo: string): number | undefined {
  const kibibytes = /^MemAvailable:\s+([0-9]+) kB$/m.exec(meminfo)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/**
 * Returns the bytes in use from the output of macOS's `vm_stat`: app memory (anonymous minus purgeable), wired and
 * compressed. File cache is not counted. Returns undefined when a figure is missing.
 */
export function parseVmStat(text: string): number | undefined {
  const pageSize = Number(/page size of ([0-9]+) bytes/.exec(text)?.[1]);
  const pages = (label: string): number => Number(new RegExp(`^"?${label}"?:\\s+([0-9]+)\\.$`, "m").exec(text)?.[1]);
  const app = pages("Anonymous pages") - pages("Pages purgeable");
  const used = pageSize * (app + pages("Pages wired down") + pages("Pages occupied by compressor"));
  return Number.isNaN(used) ? undefined : used;
}
