/** A flipped domain's requests that turn out to be no reads. */
import { whyNoRead } from '../api/reads.ts';
import { reportWrite } from './closing.ts';
import { originForm, type Passage } from './passage.ts';
import { offer } from './reading.ts';

/** What proves to be no read, by its target or its whole body, is the primary's and nobody else's. */
export function keepFromTwin(passage: Passage, body: Uint8Array | null): void {
  const { route, method, target, rawHeaders } = passage;
  if (route === null) return;
  if (whyNoRead(route, { method, target: originForm(target), rawHeaders, body }) === null) return;
  passage.side = 'primary';
  passage.wrote = true;
  offer(passage, 'primary');
  passage.tap?.skip('not_a_read');
  reportWrite(passage);
}
