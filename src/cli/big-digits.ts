/** The pairing code, large enough to be read from across a desk. */

const ROWS = 5;

/** Ten digits of three columns; `#` is drawn as two cells, which makes it about square. */
const SHAPES: readonly string[] = [
  "### # # # # # # ###",
  " #  ##   #   #  ###",
  "###   # ### #   ###",
  "###   # ###   # ###",
  "# # # # ###   #   #",
  "### #   ###   # ###",
  "### #   ### # # ###",
  "###   #   #   #   #",
  "### # # ### # # ###",
  "### # # ###   # ###",
];

/** Columns of one digit and of what stands between two; a wider gap parts the two halves of a code. */
const WIDTH = 3;
const GAP = "  ";
const MIDDLE = "      ";

/** Returns the digits as five lines of blocks, split in the middle like the code is read: `904 817`. */
export function bigDigits(code: string): readonly string[] {
  const half = Math.ceil(code.length / 2);
  return Array.from({ length: ROWS }, (_, row) => {
    const cells = [...code].map((digit) => rowOf(digit, row));
    return [cells.slice(0, half).join(GAP), cells.slice(half).join(GAP)].join(MIDDLE).trimEnd();
  });
}

function rowOf(digit: string, row: number): string {
  const shape = SHAPES[Number(digit)] ?? "";
  const start = row * (WIDTH + 1);
  return [...shape.slice(start, start + WIDTH).padEnd(WIDTH)].map((cell) => (cell === "#" ? "██" : "  ")).join("");
}
