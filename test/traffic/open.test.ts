import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect } from 'chai';
import { openRecording } from '../../src/traffic/open.ts';
import { asked, PLAIN, telling } from './telling.ts';

const LOG = '1.1.1.1 - - [x] "GET /a HTTP/1.1" 200 1\n1.1.1.1 - - [x] "GET /b HTTP/1.1" 200 1\n';

/** The same with the optional fields of RFC 1952, 2.3: extra, name and comment. */
const named = (gzip: Buffer): Buffer => {
  const head = Buffer.from(gzip.subarray(0, 10));
  head[3] = 4 + 8 + 16;
  return Buffer.concat([head, Buffer.from('\x03\x00abcaccess.log\0of Monday\0', 'latin1'), gzip.subarray(10)]);
};

describe('traffic/open', () => {
  for (const [what, bytes] of [
    ['gzip', gzipSync(LOG)],
    ['zstd', zstdCompressSync(LOG)],
    [
      'two gzip members, as rotated logs are joined',
      Buffer.concat([gzipSync(LOG.slice(0, 40)), gzipSync(LOG.slice(40))]),
    ],
    [
      'zstd in frames, as it is written piece by piece',
      Buffer.concat([zstdCompressSync(LOG.slice(0, 40)), zstdCompressSync(LOG.slice(40))]),
    ],
    ['gzip of a named file, padded with zeros', Buffer.concat([named(gzipSync(LOG)), Buffer.alloc(512)])],
    ['gzip in gzip', gzipSync(gzipSync(LOG))],
    ['a byte order mark', Buffer.from(`\ufeff${LOG}`)],
    ['UTF-16, as PowerShell redirects', Buffer.from(`\ufeff${LOG}`, 'utf16le')],
    ['no line end at the end', LOG.trimEnd()],
  ] as const) {
    it(`reads ${what}, in whatever pieces`, async () => {
      for (const piece of [1, 11, 100_000]) {
        const told = await telling(bytes, {}, piece);
        expect(asked(told)).to.deep.equal(['GET /a', 'GET /b']);
        expect(told.unusable).to.deep.equal([]);
      }
    });
  }

  it('tells what a damaged archive still holds, and that it breaks off', async () => {
    const lines = Array.from(
      { length: 5_000 },
      (_, i) => `1.1.1.1 - - [x] "GET /a/${i}?r=${Math.sin(i)} HTTP/1.1" 200 1`,
    );
    const whole = gzipSync(lines.join('\n'));
    for (const bytes of [
      whole.subarray(0, whole.length / 2),
      Buffer.concat([whole.subarray(0, whole.length / 2), Buffer.alloc(500)]),
    ]) {
      const told = await telling(bytes);
      expect(told.requests.length).to.be.within(100, 4_999);
      expect(told.unusable.at(-1)?.why).to.match(/^the file breaks off after this line/);
    }
  });

  for (const [coding, compress] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)
    it(`loses nothing before what follows ${coding} data and is none`, async () => {
      const bytes = Buffer.concat([compress(LOG), Buffer.from('Connection closed.')]);
      for (const piece of [1, 11, 100_000]) {
        const told = await telling(bytes, {}, piece);
        expect(asked(told)).to.deep.equal(['GET /a', 'GET /b']);
        expect(told.unusable.map(({ why }) => why)).to.deep.equal([
          `the file breaks off after this line: something else follows the ${coding} data`,
        ]);
      }
    });

  it('tells a wrong sum or length at the end of a member, after what it holds', async () => {
    for (const [fromEnd, why] of [
      [8, 'incorrect data check'],
      [4, 'incorrect length check'],
    ] as const) {
      const bytes = Buffer.from(gzipSync(LOG));
      bytes.writeUInt32LE(7, bytes.length - fromEnd);
      const told = await telling(bytes);
      expect(asked(told)).to.deep.equal(['GET /a', 'GET /b']);
      expect(told.unusable.at(-1)?.why).to.equal(`the file breaks off after this line: ${why}`);
    }
  });

  it('reads an empty file as nothing', async () => {
    for (const text of ['', '\n\n', gzipSync('')]) {
      const told = await telling(text);
      expect(told).to.deep.equal({ format: null, requests: [], unusable: [] });
    }
  });

  for (const [what, content, wanted] of [
    ['a zip archive', 'PK\x03\x04rest', /is a zip archive.*unzip -p/],
    ['bzip2', 'BZh91AY', /compressed with bzip2.*bzcat/],
    ['a Postman collection v1', '{"id":"1","order":[],"requests":[{"url":"/a"}]}', /Postman collection v1/],
    [
      'a Postman environment',
      '{\n"id":"1","name":"ci","values":[{"key":"a","value":"b"}],"_postman_variable_scope":"environment"}',
      /Postman environment, not traffic.*--variable/,
    ],
    ["Insomnia's own export", '{"_type":"export","__export_format":4,"resources":[]}', /exported as HAR/],
    ['an API description', '{"openapi":"3.1.0","paths":{}}', /API description/],
    ['prose', 'Dear reader,\nthis is no log.\n', /no format of recorded traffic.*"Dear reader,"/],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]), /no format of recorded traffic/],
  ] as const) {
    it(`refuses ${what}, and says what would be right`, async () => {
      const refused = await telling(content).then(
        () => 'nothing was refused',
        (error: unknown) => String(error),
      );
      expect(refused).to.match(wanted);
    });
  }

  it('tells a mixed file by what most lines are', async () => {
    const told = await telling(`banner\n${LOG}-- mark --\n`);
    expect(told.format).to.equal('access-log');
    expect(told.unusable.map(({ line }) => line)).to.deep.equal([1, 4]);
  });

  it('opens files, counts their bytes, and refuses what is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'traffic-'));
    try {
      const file = join(folder, 'access.log');
      await writeFile(file, LOG);
      const recording = await openRecording(file, PLAIN);
      expect([recording.name, recording.format, recording.size]).to.deep.equal([file, 'access-log', LOG.length]);
      for await (const _ of recording.told);
      expect(recording.taken()).to.equal(LOG.length);
      for (const wrong of [folder, join(folder, 'absent')]) {
        const refused = await openRecording(wrong, PLAIN).then(
          () => null,
          (error: unknown) => String(error),
        );
        expect(refused).to.match(/is a folder|cannot be read/);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
