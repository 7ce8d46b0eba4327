/** `shadowread init --openapi FILE`: drafts a config from an OpenAPI 3 document. */
import SwaggerParser from '@apidevtools/swagger-parser';
import { counted } from '../base/figure-words.ts';
import { EXIT, type ExitStatus, messageOf, ShadowError } from '../errors.ts';
import { newDocument } from '../traffic/learn/yaml-draft.ts';
import { draftOfDocument } from '../traffic/openapi/document.ts';
import { checkDraftFile, writeDraft } from './draft-file.ts';
import { configOf, flagOption, isJson, listOption, type Options, textOption } from './options.ts';
import { createOutput } from './output.ts';

export async function init(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const file = textOption(options, 'openapi');
  if (file === undefined) {
    throw new ShadowError('SHADOW_USAGE', 'init needs a document to draft from', {
      expected: '--openapi with a file or an address; without such a document `shadowread learn` drafts from traffic',
      example: 'shadowread init --openapi openapi.yaml --out shadowread.yaml',
    });
  }
  const target = textOption(options, 'out');
  if (target !== undefined) await checkDraftFile(target, flagOption(options, 'overwrite'));
  const output = createOutput(isJson(options));
  const { primary, twin } = configOf(options).config;
  const { document, flaw } = await documentAt(file);
  const { draft, open, left } = draftOfDocument(document, listOption(options, 'readPost'));
  const written = newDocument(draft, { primary: primary.url ?? null, twin: twin.url ?? null }, `shadowread init`);
  const text = written.toString({ lineWidth: 140 });
  const isEmpty = draft.routes.length === 0;
  if (target !== undefined && !isEmpty) await writeDraft(target, text);
  else if (!output.json) output.line(text.trimEnd());
  if (output.json) {
    const routes = draft.routes.map(({ method, pattern, domain }) => ({ method, pattern, domain }));
    output.document({
      file: isEmpty ? null : (target ?? null),
      ...(target === undefined ? { draft: text } : {}),
      routes,
      open,
      left,
      ...(flaw === null ? {} : { flaw }),
    });
    return EXIT.yes;
  }
  if (flaw !== null) output.note(`the document is not valid OpenAPI (${flaw}); what could be read of it was taken`);
  output.note(
    `${counted(draft.routes.length, 'route')}; not taken: ${left.length === 0 ? 'nothing' : left.join(', ')}`,
  );
  for (const line of open) output.note(`  open: ${line}`);
  output.note(
    'what the document does not promise is compared strictly; shadowread learn --continue refines it by traffic',
  );
  return isEmpty ? EXIT.undecided : EXIT.yes;
}

interface ReadDocument {
  readonly document: Readonly<Record<string, unknown>>;
  /** What the specification says against it, in a line; null where it is valid. */
  readonly flaw: string | null;
}

/** Many documents that tools write lack what the specification requires, such as descriptions of answers: those are read all the same. */
async function documentAt(file: string): Promise<ReadDocument> {
  let document: unknown;
  let flaw: string | null = null;
  try {
    document = await SwaggerParser.validate(file);
  } catch (error) {
    flaw = flawIn(error);
    document = await SwaggerParser.dereference(file).catch(() => null);
    if (!isOpenApi(document)) {
      throw new ShadowError('SHADOW_USAGE', `${file} cannot be read as OpenAPI`, {
        expected: 'an OpenAPI 3 document in YAML or JSON',
        actual: flaw,
        cause: error,
      });
    }
  }
  if (isOpenApi(document)) return { document: { ...document }, flaw };
  throw new ShadowError('SHADOW_USAGE', `${file} is no OpenAPI 3 document`, {
    expected: 'openapi: 3.0 or 3.1',
    actual: 'Swagger 2.0',
    example: 'npx swagger2openapi swagger.yaml',
  });
}

const isOpenApi = (document: unknown): document is object =>
  typeof document === 'object' && document !== null && 'openapi' in document;

/** The first lines, of which the very first of a long one says only that there are more. */
function flawIn(error: unknown): string {
  const lines = messageOf(error)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [first = '', second] = lines;
  return second === undefined || !/failed/.test(first) ? first : second.replace(/^- /, '');
}
