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
  const { draft, open, left } = draftOfDocument(await documentAt(file), listOption(options, 'readPost'));
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
    });
    return EXIT.yes;
  }
  output.note(
    `${counted(draft.routes.length, 'route')}; not taken: ${left.length === 0 ? 'nothing' : left.join(', ')}`,
  );
  for (const line of open) output.note(`  open: ${line}`);
  output.note(
    'what the document does not promise is compared strictly; shadowread learn --continue refines it by traffic',
  );
  return isEmpty ? EXIT.undecided : EXIT.yes;
}

async function documentAt(file: string): Promise<Readonly<Record<string, unknown>>> {
  let document: unknown;
  try {
    document = await SwaggerParser.validate(file);
  } catch (error) {
    throw new ShadowError('SHADOW_USAGE', `${file} cannot be read as OpenAPI`, {
      expected: 'an OpenAPI 3 document in YAML or JSON',
      actual: messageOf(error).split('\n')[0] ?? '',
      cause: error,
    });
  }
  if (typeof document === 'object' && document !== null && 'openapi' in document) return { ...document };
  throw new ShadowError('SHADOW_USAGE', `${file} is no OpenAPI 3 document`, {
    expected: 'openapi: 3.0 or 3.1',
    actual: 'Swagger 2.0',
    example: 'npx swagger2openapi swagger.yaml',
  });
}
