/** `shadowread learn`: drafts a config from pairs of answers, of live traffic or of a recorded file. */
import { type Document, parseDocument } from 'yaml';
import { createRouteMatcher } from '../api/route-matcher.ts';
import { twinTargetOf } from '../api/twin-path.ts';
import { declareCallers } from '../base/caller.ts';
import { agree, count, counted } from '../base/figure-words.ts';
import { urlOf } from '../base/listening.ts';
import type { Config } from '../config.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { primaryChanges } from '../service/primary-client.ts';
import { trustOf } from '../service/trust.ts';
import { type Draft, draftOf } from '../traffic/learn/draft.ts';
import { Learner } from '../traffic/learn/learner.ts';
import { continueDocument, type Kept } from '../traffic/learn/yaml-continue.ts';
import { newDocument } from '../traffic/learn/yaml-draft.ts';
import type { Side } from '../types.ts';
import { loadCredentials } from '../verifier/credentials.ts';
import type { HeaderChanges } from '../verifier/headers.ts';
import { SideClient } from '../verifier/side-client.ts';
import { headersOption, hostsOption } from './asked-with.ts';
import { checkDraftFile, writeDraft } from './draft-file.ts';
import { BothSides } from './learn/both-sides.ts';
import { type AskedWith, learnFromFile } from './learn/from-file.ts';
import { proxyInFront, sinkBehind } from './learn/in-front.ts';
import { readTextFile } from './learn/read-text.ts';
import { draftLines } from './learn/report-lines.ts';
import { configOf, flagOption, isJson, listOption, numberOption, type Options, textOption } from './options.ts';
import { createOutput, type Output } from './output.ts';
import { recordedOptions } from './recorded-options.ts';
import { stopRequested } from './serving.ts';

const PAUSES_MS = [150, 600, 2_000];
const WIDTH = 140;

export async function learn(args: readonly string[], options: Options): Promise<ExitStatus> {
  const { config } = configOf(options);
  const sides = sidesOf(config);
  declareCallers(config.shadow.callerFields);
  const output = createOutput(isJson(options));
  const continued = textOption(options, 'continue');
  const document = continued === undefined ? null : documentOf(await readTextFile(continued));
  const target = textOption(options, 'out') ?? continued;
  if (target !== undefined) await checkDraftFile(target, target === continued || flagOption(options, 'overwrite'));
  const learner = new Learner();
  const asked = { hosts: hostsOption(options), headers: headersOption(options) };
  if (args.length === 0) requireFile(asked);
  const clients = { primary: clientOf('primary', sides.primary, config), twin: clientOf('twin', sides.twin, config) };
  const both = new BothSides({
    clients,
    headers: {
      primary: withSet(primaryChanges(config), asked.headers.primary),
      twin: withSet(config.twin.headers, asked.headers.twin),
    },
    twinTarget: twinTargets(config),
    credentials: config.twin.credentials === undefined ? null : await loadCredentials(config.twin.credentials),
    learner,
    concurrency: numberOption(options, 'concurrency') ?? 8,
    queue: 1_000,
    bodyBytes: config.limits.bodyBytes,
    pausesMs: PAUSES_MS,
    again: 0.1,
    random: Math.random,
  });
  const progress = setInterval(() => output.progress(progressOf(learner, both)), 1_000);
  try {
    const [file] = args;
    if (file === undefined) await learnInFront(sides.primary, config, learner, both, options, output);
    else await learnRecorded(file, both, { ...asked, primaryHost: new URL(sides.primary).host }, options, output);
  } finally {
    clearInterval(progress);
    await Promise.all([clients.primary.close(), clients.twin.close()]);
  }
  output.done();
  const draft = draftOf(learner, { minimum: numberOption(options, 'min') ?? 20 });
  if (draft.routes.length === 0) {
    tell(draft, [], both, { file: null, draft: '' }, output);
    if (!output.json) output.note('nothing was learned, and nothing is written');
    return EXIT.undecided;
  }
  const kept = document === null ? [] : continueDocument(document, draft);
  const written = document ?? newDocument(draft, sides);
  const text = written.toString({ lineWidth: WIDTH, flowCollectionPadding: true });
  if (target === undefined) {
    if (!output.json) output.line(text.trimEnd());
  } else {
    await writeDraft(target, text).catch((error: unknown) => {
      // What was learned is not lost for a file that became unwritable meanwhile.
      if (!output.json) output.line(text.trimEnd());
      throw error;
    });
  }
  tell(draft, kept, both, target === undefined ? { file: null, draft: text } : { file: target }, output);
  return EXIT.yes;
}

async function learnInFront(
  primary: string,
  config: Config,
  learner: Learner,
  both: BothSides,
  options: Options,
  output: Output,
): Promise<void> {
  const posts = listOption(options, 'readPost');
  const isSink = flagOption(options, 'sink');
  const proxy = isSink ? sinkBehind(config, posts, both) : proxyInFront(config, primary, posts, both);
  const port = numberOption(options, 'port') ?? config.listen.port;
  const listening = await proxy.listen(port, config.listen.host);
  const url = urlOf(config.listen.host, listening.port, config.listen.tls === undefined ? 'http' : 'https');
  if (output.json) output.document({ proxy: url });
  else output.note(`learning at ${url}: ${isSink ? 'mirror' : 'send'} reads there; Ctrl-C ends and writes the draft`);
  const until = numberOption(options, 'for');
  const pairs = numberOption(options, 'pairs');
  const ended = Promise.withResolvers<void>();
  const watch = setInterval(() => {
    if (pairs !== undefined && learner.pairs >= pairs) ended.resolve();
  }, 100);
  const timer = until === undefined ? null : setTimeout(ended.resolve, until);
  await stopRequested({
    untilStdinEnds: flagOption(options, 'untilStdinEnds'),
    orphanOf: 'npm',
    onHangup: true,
    ended: ended.promise,
  });
  clearInterval(watch);
  if (timer !== null) clearTimeout(timer);
  await proxy.close({ deadlineMs: 5_000 });
  await both.drained();
}

async function learnRecorded(
  file: string,
  both: BothSides,
  asked: AskedWith,
  options: Options,
  output: Output,
): Promise<void> {
  const most = numberOption(options, 'pairs') ?? Number.POSITIVE_INFINITY;
  const { reads, others, otherHosts, unusable } = await learnFromFile(
    file,
    { posts: listOption(options, 'readPost'), most, ...asked, ...recordedOptions(options) },
    both,
  );
  await both.drained();
  output.note(
    `${counted(reads, 'read')} of ${file}${others > 0 ? `; ${counted(others, 'request that is no read', 'requests that are no reads')}` : ''}${otherHosts > 0 ? `; ${counted(otherHosts, 'request')} to other hosts` : ''}${unusable > 0 ? `; ${counted(unusable, 'piece that is no request', 'pieces that are no requests')}` : ''}`,
  );
}

const withSet = (changes: HeaderChanges, own: Readonly<Record<string, string>>): HeaderChanges => ({
  ...changes,
  set: { ...changes.set, ...own },
});

/** A live client names its Host and brings its credentials. */
function requireFile({ hosts, headers }: Pick<AskedWith, 'hosts' | 'headers'>): void {
  if (hosts.length === 0 && Object.values(headers).every((fields) => Object.keys(fields).length === 0)) return;
  throw new ShadowError('SHADOW_USAGE', '--host and --header are for recorded traffic', {
    expected: 'a file, or primary.headers and twin.headers in the config',
    example: "shadowread learn session.har --host api.example --header 'Authorization: Bearer …'",
  });
}

/** Where the draft went: the file, or the draft itself where no file was named. */
type Written = { readonly file: string } | { readonly file: null; readonly draft: string };

function tell(draft: Draft, kept: readonly Kept[], both: BothSides, written: Written, output: Output): void {
  if (output.json) {
    const { routes, pairs, unexplained, thin, errorsOnly } = draft;
    const drafted = routes.map(({ method, pattern, domain, pairs: n }) => ({ method, pattern, domain, pairs: n }));
    output.document({
      ...written,
      pairs,
      routes: drafted,
      unexplained,
      tooFew: thin,
      errorsOnly,
      kept,
      asked: both.counts(),
    });
    return;
  }
  for (const line of draftLines(draft, kept, both.counts())) output.note(line);
  const { file } = written;
  if (file !== null)
    output.note(`written to ${file}; next: shadowread config check ${file}, then shadowread proxy --config ${file}`);
}

function progressOf(learner: Learner, both: BothSides): string {
  const { waiting, dropped } = both.counts();
  return `${counted(learner.pairs, 'pair')}, ${counted(waiting, 'read')} on ${agree(waiting, 'its', 'their')} way${dropped > 0 ? `, ${count(dropped)} dropped` : ''}`;
}

/** By the routes that the config has already. */
function twinTargets({ routes }: Config): (method: string, target: string) => string {
  const { match } = createRouteMatcher(
    routes.entries.map(({ method, pattern, domain, twinPath }) => ({
      key: `${method} ${pattern}`,
      method,
      pattern,
      domain,
      ...(twinPath === undefined ? {} : { twinPath }),
    })),
  );
  return (method, target) => {
    const route = match(method, target);
    return route === null ? target : twinTargetOf(route, target);
  };
}

function sidesOf(config: Config): { readonly primary: string; readonly twin: string } {
  const { primary, twin } = config;
  if (primary.url !== undefined && twin.url !== undefined) return { primary: primary.url, twin: twin.url };
  throw new ShadowError('SHADOW_USAGE', 'learn compares two sides and needs to know both', {
    expected: 'SHADOWREAD_PRIMARY_URL and SHADOWREAD_TWIN_URL, or primary.url and twin.url in a config',
    actual: `${primary.url === undefined ? 'no primary' : primary.url}, ${twin.url === undefined ? 'no twin' : twin.url}`,
    example:
      'SHADOWREAD_PRIMARY_URL=http://127.0.0.1:3000 SHADOWREAD_TWIN_URL=http://127.0.0.1:3001 shadowread learn --out shadowread.yaml',
  });
}

function clientOf(side: Side, url: string, config: Config): SideClient {
  const { timeoutMs, connectTimeoutMs } = config[side];
  return new SideClient({
    url,
    connections: 32,
    timeoutMs,
    connectTimeoutMs,
    bodyBytes: side === 'primary' ? config.limits.bodyBytes : config.twin.bodyBytes,
    tls: trustOf(side, config),
  });
}

function documentOf(text: string): Document {
  const document = parseDocument(text);
  const [first] = document.errors;
  if (first === undefined) return document;
  throw new ShadowError('SHADOW_CONFIG', 'the file to continue is no YAML', {
    expected: 'a config that learn drafted, or one written by hand',
    actual: first.message.split('\n')[0] ?? '',
  });
}
