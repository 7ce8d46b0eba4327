import { type CommandDeclaration, formatted } from './declare.ts';

export const config: CommandDeclaration = {
  usage: 'config <action> [file]',
  description: 'Validates the config and prints its effective values (`config check`).',
  load: () => import('../config.ts').then((m) => m.config),
  options: formatted(['yaml', 'json']),
  examples: ['config check config/default.yaml'],
  exits: { 0: 'the config is valid' },
};
