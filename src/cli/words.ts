/** Small words of sentences. */

/** Returns `1 connection`, `2 connections`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
