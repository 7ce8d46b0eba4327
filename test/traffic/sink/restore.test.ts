import { expect } from 'chai';
import { type Mirrored, type RestoreOptions, restored } from '../../../src/traffic/sink/restore.ts';

const OPTIONS: RestoreOptions = {
  targetFields: ['x-original-uri'],
  methodFields: ['x-original-method'],
  hostFields: ['x-forwarded-host'],
  hostSuffix: '-shadow',
};

const CASES: readonly (readonly [
  what: string,
  mirrored: Partial<Mirrored>,
  method: string,
  target: string,
  fields: readonly string[],
])[] = [
  [
    'nginx with X-Original-URI',
    { target: '/mirror', rawHeaders: ['Host', 'api.example', 'X-Original-URI', '/a?b=%41', 'A', '1'] },
    'GET',
    '/a?b=%41',
    ['Host', 'api.example', 'A', '1'],
  ],
  [
    'nginx without',
    { target: '/a?b=1', rawHeaders: ['Host', 'api.example'] },
    'GET',
    '/a?b=1',
    ['Host', 'api.example'],
  ],
  ['Envoy and Istio', { rawHeaders: ['host', 'api.example-shadow'] }, 'GET', '/', ['Host', 'api.example']],
  ['Envoy with a port', { rawHeaders: ['host', 'api.example-shadow:8080'] }, 'GET', '/', ['Host', 'api.example:8080']],
  ['a host that only ends like it', { rawHeaders: ['Host', '-shadow'] }, 'GET', '/', ['Host', '-shadow']],
  [
    'a forwarded host before the own one',
    { rawHeaders: ['Host', 'sink:8080', 'X-Forwarded-Host', 'api.example, inner'] },
    'GET',
    '/',
    ['Host', 'api.example', 'X-Forwarded-Host', 'api.example, inner'],
  ],
  [
    'an empty forwarded host',
    { rawHeaders: ['Host', 'api.example', 'X-Forwarded-Host', ''] },
    'GET',
    '/',
    ['Host', 'api.example', 'X-Forwarded-Host', ''],
  ],
  ['an IPv6 host', { rawHeaders: ['Host', '[::1]:8080'] }, 'GET', '/', ['Host', '[::1]:8080']],
  ['an absolute target', { target: 'http://api.example/a', rawHeaders: [] }, 'GET', '/a', ['Host', 'api.example']],
  ['the original method', { rawHeaders: ['X-Original-Method', 'HEAD'] }, 'HEAD', '/', []],
  [
    'what says who asked, and how',
    {
      rawHeaders: [
        'Host',
        'h',
        'X-Forwarded-For',
        '1.1.1.1',
        'X-Forwarded-Proto',
        'https',
        'Authorization',
        'Bearer t',
      ],
    },
    'GET',
    '/',
    ['Host', 'h', 'X-Forwarded-For', '1.1.1.1', 'X-Forwarded-Proto', 'https', 'Authorization', 'Bearer t'],
  ],
];

describe('traffic/sink/restore', () => {
  for (const [what, mirrored, method, target, rawHeaders] of CASES) {
    it(`restores ${what}`, () => {
      expect(restored({ method: 'GET', target: '/', rawHeaders: [], ...mirrored }, OPTIONS)).to.deep.equal({
        method,
        target,
        rawHeaders,
      });
    });
  }

  for (const target of ['*', 'example.org:443', '', 'ftp://h/a']) {
    it(`takes ${JSON.stringify(target)} for no target`, () => {
      expect(restored({ method: 'GET', target, rawHeaders: [] }, OPTIONS)).to.equal(null);
    });
  }
});
