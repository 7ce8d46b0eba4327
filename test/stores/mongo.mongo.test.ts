import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import { ShadowError } from '../../src/errors.ts';
import { openMongo, withMongoDatabase } from '../../src/stores/mongo.ts';
import { freshMongo, sharedMongo } from '../support/stores.ts';

const HOLDER = fileURLToPath(new URL('../support/holds-store.ts', import.meta.url));

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

describe('stores/mongo', () => {
  it('uses the URI it is given before MONGODB_URI, and leaves that server running', async () => {
    const uri = await freshMongo();
    const store = await openMongo({ uri, env: { MONGODB_URI: 'mongodb://127.0.0.1:1/x' } });
    expect(store).to.include({ uri, kind: 'external' });
    await store.close();
    const client = await new MongoClient((await openMongo({ env: { MONGODB_URI: uri } })).uri).connect();
    expect((await client.db().command({ ping: 1 })).ok).to.equal(1);
    await client.close();
  });

  it('starts the embedded server where there is neither a URI nor a mongod, and ends it', async () => {
    const store = await openMongo({ env: { PATH: '' } });
    expect(store).to.include({ kind: 'embedded', replicaSet: false });
    const port = Number(/:(\d+)\//.exec(store.uri)?.[1]);
    expect(await answers(port)).to.equal(true);
    await store.close();
    expect(await answers(port)).to.equal(false);
  });

  it('says that a mongod which is named and does not run is the matter', async () => {
    const error = await openMongo({ env: { MONGOMS_SYSTEM_BINARY: '/nowhere/mongod' } }).catch(
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ShadowError)) throw error;
    expect(error.code).to.equal('SHADOW_MONGO');
    expect(error.message).to.include('/nowhere/mongod');
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`the embedded server ends when its owner dies of ${signal}`, async () => {
      const owner = spawn(process.execPath, [HOLDER, 'mongo'], { stdio: ['pipe', 'pipe', 'inherit'] });
      const [line] = await once(owner.stdout, 'data');
      const { port } = JSON.parse(String(line));
      expect(await answers(port)).to.equal(true);
      owner.kill(signal);
      await once(owner, 'exit');
      while (await answers(port)) await new Promise((resolve) => setTimeout(resolve, 20));
    });
  }

  const MISTAKES: readonly [name: string, uri: string, words: string][] = [
    ['no URI of MongoDB', 'postgres://me:secret@127.0.0.1/x', 'expected a mongodb:// URI'],
    ['a server that is not there', 'mongodb://me:secret@127.0.0.1:1/x', 'expected a server that answers'],
  ];
  for (const [name, uri, words] of MISTAKES) {
    it(`says what is wrong with ${name}, and not the password`, async () => {
      const error = await openMongo({ uri, timeout: 300 }).catch((thrown: unknown) => thrown);
      if (!(error instanceof ShadowError)) throw error;
      expect(error.code).to.equal('SHADOW_MONGO');
      expect(error.message).to.include(words).and.not.include('secret');
    });
  }

  it('names another database in a URI, whatever else is in it', async () => {
    expect(withMongoDatabase('mongodb://a:1,b:2/?replicaSet=x', 'new')).to.equal('mongodb://a:1,b:2/new?replicaSet=x');
    expect(withMongoDatabase('mongodb://u:p@a:1/old', 'new')).to.equal('mongodb://u:p@a:1/new');
    expect(withMongoDatabase('mongodb+srv://a.b', 'new')).to.equal('mongodb+srv://a.b/new');
    expect((await sharedMongo()).uri).to.match(/^mongodb/);
  });
});
