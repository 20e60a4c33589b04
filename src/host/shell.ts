/** Words of a shell, for commands that people paste. */

/** Returns the text as one word of a POSIX shell, and of fish: in single quotes, those inside taken out of them. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns the text as one word of a shell, quoted only where it must be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text);
}
