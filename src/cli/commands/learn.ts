import { atLeastOne, type CommandDeclaration, duration, port, recorded, untilStdinEnds } from './declare.ts';

export const learn: CommandDeclaration = {
  usage: 'learn [file]',
  description: 'Drafts a config from pairs of answers, of live traffic (as a proxy in front) or of a recorded file.',
  load: () => import('../learn.ts').then((m) => m.learn),
  options: (made) =>
    recorded(made)
      .option('--out <file>', 'file for the draft (default: stdout)')
      .option('--overwrite', 'replace the file of --out where there is one (default: refuse)')
      .option('--continue <file>', 'refine this file and keep what a person wrote in it (default: draft a new one)')
      .option('--min <n>', 'number of pairs that a rule needs', atLeastOne, 20)
      .option('--pairs <n>', 'end after this number of pairs (default: no limit)', atLeastOne)
      .option('--for <time>', 'end after this time, such as 10m (default: no limit)', duration)
      .option('--read-post <pattern...>', 'paths whose POST is a read (default: none)')
      .option('--sink', "take a gateway's mirrored requests, as `shadowread sink` does (default: stand in front)")
      .option('--port <n>', 'port to listen on (default: listen.port)', port)
      .option('--concurrency <n>', 'number of reads asked of both sides at once', atLeastOne, 8)
      .option('--json', 'print what was learned as JSON (default: text)')
      .addOption(untilStdinEnds()),
  examples: [
    'learn --out shadowread.yaml --pairs 2000',
    'learn access.log --out shadowread.yaml',
    'learn --continue shadowread.yaml',
  ],
  exits: { 0: 'a draft was written', 2: 'no read was seen; nothing is written' },
};
