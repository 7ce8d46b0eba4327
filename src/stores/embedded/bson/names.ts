const NAMES: (string | undefined)[] = new Array(4096).fill(undefined);

/** The ASCII name that lies there: one string of each is kept, found by a hash of its bytes. */
export function keptName(bytes: Buffer, start: number, end: number, hash: number): string {
  const slot = hash & (NAMES.length - 1);
  const known = NAMES[slot];
  if (known !== undefined && isName(known, bytes, start, end)) return known;
  const name = bytes.toString('latin1', start, end);
  NAMES[slot] = name;
  return name;
}

function isName(name: string, bytes: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let index = 0; index < name.length; index++) {
    if (name.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
