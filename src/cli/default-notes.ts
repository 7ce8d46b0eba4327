/**
 * Notes on what a command takes because nothing else is configured. They stand before its first output; where it fails,
 * they stand behind the sentence that says why, since that is the first line of stderr that scripts read.
 */
const waiting: string[] = [];

export function noteDefault(text: string): void {
  waiting.push(text);
}

export function writeDefaultNotes(): void {
  for (const text of waiting.splice(0)) process.stderr.write(`${text}\n`);
}
