import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { curlOf } from '../../src/admin/mismatches.ts';
import { loadConfig } from '../../src/config.ts';
import { ShadowError } from '../../src/errors.ts';
import { mergeExpositions } from '../../src/service/exposition.ts';
import { metricsOf } from '../support/metrics-of.ts';
import { verdict } from '../support/verdicts.ts';

describe('text that means something to who reads it next', () => {
  it('in header fields of the config: no line break, no other byte that ends a field or a name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'shadowread-injection-'));
    const refused = (headers: object): boolean => {
      const file = join(folder, 'config.yaml');
      writeFileSync(file, JSON.stringify({ twin: { url: 'http://127.0.0.1:9', headers } }));
      try {
        loadConfig(file, {});
        return false;
      } catch (error) {
        if (error instanceof ShadowError && error.code === 'SHADOW_CONFIG') return true;
        throw error;
      }
    };
    try {
      for (const bad of ['a\r\nX-Evil: 1', 'a\nb', 'a\rb', 'a\0b', 'a\u001bb', '\u2028', '\u20ac', 'a\u007fb']) {
        expect(refused({ set: { 'X-A': bad } }), `value ${JSON.stringify(bad)}`).to.equal(true);
        for (const name of [bad, `X-A: ${bad}`])
          for (const headers of [
            { set: { [name]: '1' } },
            { rename: { [name]: 'X-B' } },
            { rename: { 'X-B': name } },
            { drop: [name] },
          ])
            expect(refused(headers), JSON.stringify(headers)).to.equal(true);
      }
      for (const name of ['', ' ', 'X A', 'X-A:', 'Transfer-Encoding', 'content-length', 'Connection'])
        expect(refused({ rename: { 'X-B': name } }), name).to.equal(true);
      expect(refused({ set: { 'X-A': 'caf\u00e9 "quoted", \t;' }, rename: { 'X-B': 'X-C' }, drop: ['X-D'] })).to.equal(
        false,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('in the curl line of a mismatch: the shell gives curl exactly the one URL', () => {
    const file = new URL('../../config/default.yaml', import.meta.url);
    const { config } = loadConfig(file.pathname, {});
    for (const target of [
      "/a'; touch /tmp/owned; '",
      '/a$(id)`id`$HOME',
      '/a"b\\c',
      "/''''",
      '/a{1,2}[1-9]',
      '/a?x=!!&y=*;z#f',
      '/-o/etc/passwd',
      '/a\\\nb',
    ]) {
      const line = curlOf({ config }, { method: 'GET', target });
      const script = `curl() { for one in "$@"; do printf '%s\\0' "$one"; done; }\n${line}\n`;
      const given = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
      expect(given.at(-1), target).to.equal(
        `${config.admin.primaryLink ?? config.primary.url ?? 'http://primary'}${target}`,
      );
      expect(given.slice(0, -1), target).to.deep.equal(['-sS', '--globoff', '--path-as-is', '-H', 'X-Shadow-Read: 1']);
    }
  });

  it("in Prometheus' labels: a domain or route forges no series and no line, in one process or the sum of two", async () => {
    const HOSTILE = ['a"} 1\nforged{x="', 'a\\', '\\"', 'a\nb', '{}', '# HELP forged', 'a"b,c="d', 'a 7'];
    const gates = Object.fromEntries(HOSTILE.map((domain) => [domain, 1 as const]));
    const telemetry = await metricsOf({ gates }, 'a"} 1\nforged 1');
    try {
      for (const text of HOSTILE) telemetry.record(verdict({ key: `GET /${text}`, domain: text }));
      const text = await telemetry.prometheus();
      for (const said of [text, mergeExpositions([text, text])]) {
        expect(said).to.contain('shadow_reads_total');
        for (const line of said.split('\n')) {
          if (line === '' || /^# (?:HELP|TYPE) \w+ /.test(line)) continue;
          const name = /^(\w+)(?:\{(?:\w+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? [-+.\deEINafn]+(?: \d+)?$/.exec(line)?.[1];
          expect(name, line).to.match(/^(?:shadow_\w+|target_info)$/);
        }
        const shown = said.split('\n').filter((line) => line.startsWith('shadow_gate_pass{'));
        expect(shown).to.have.length(HOSTILE.length);
      }
    } finally {
      await telemetry.shutdown(1_000);
    }
  });
});
