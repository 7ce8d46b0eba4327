/** `npm run reference`: writes docs/reference/ anew from the code. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { journalPage } from './journal-page.ts';
import { REFERENCE, referencePages } from './pages.ts';

mkdirSync(REFERENCE, { recursive: true });
const pages = { ...referencePages(), 'journal.md': await journalPage() };
for (const [name, text] of Object.entries(pages)) writeFileSync(new URL(name, REFERENCE), text);
process.stdout.write(`docs/reference: ${Object.keys(pages).join(', ')}\n`);
