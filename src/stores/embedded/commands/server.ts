import { DateTime, int32, reply } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { MAX_DOCUMENT, MAX_MESSAGE } from '../wire/message.ts';
import type { Command, Context, Reply } from './context.ts';

/** The version whose behaviour this server follows; wire version 21 is MongoDB 7.0. */
export const VERSION = '7.0.0';
const WIRE_VERSION = 21;

function hello(context: Context): Reply {
  return reply({
    helloOk: true,
    isWritablePrimary: true,
    ismaster: true,
    topologyVersion: undefined,
    maxBsonObjectSize: int32(MAX_DOCUMENT),
    maxMessageSizeBytes: int32(MAX_MESSAGE),
    maxWriteBatchSize: int32(100_000),
    localTime: new DateTime(Date.now()),
    logicalSessionTimeoutMinutes: int32(30),
    connectionId: int32(context.connection),
    minWireVersion: int32(0),
    maxWireVersion: int32(WIRE_VERSION),
    readOnly: false,
    ...context.replica?.hello(),
    ok: 1,
  });
}

const ok: Command = () => reply({ ok: 1 });

const buildInfo: Command = () =>
  reply({
    version: VERSION,
    gitVersion: 'shadowread embedded server',
    modules: [],
    versionArray: [7, 0, 0, 0].map(int32),
    bits: int32(64),
    debug: false,
    maxBsonObjectSize: int32(MAX_DOCUMENT),
    storageEngines: ['memory'],
    ok: 1,
  });

const connectionStatus: Command = () =>
  reply({ authInfo: reply({ authenticatedUsers: [], authenticatedUserRoles: [] }), ok: 1 });

const getParameter: Command = (context) => {
  if (context.database !== 'admin')
    throw new MongoError('Unauthorized', 'getParameter may only be run against the admin database.');
  if (!context.command.has('featureCompatibilityVersion'))
    throw new MongoError('InvalidOptions', 'no option found to get');
  return reply({ featureCompatibilityVersion: reply({ version: '7.0' }), ok: 1 });
};

const transaction: Command = (context) => {
  if (context.replica !== undefined) throw notSupported('transactions');
  throw new MongoError('IllegalOperation', 'Transaction numbers are only allowed on a replica set member or mongos');
};

const startSession: Command = () => {
  throw notSupported('startSession: a driver makes its own session ids, so the command');
};

export const SERVER_COMMANDS: readonly (readonly [string, Command])[] = [
  ['hello', hello],
  ['isMaster', hello],
  ['ismaster', hello],
  ['ping', ok],
  ['endSessions', ok],
  ['refreshSessions', ok],
  ['startSession', startSession],
  ['buildInfo', buildInfo],
  ['buildinfo', buildInfo],
  ['connectionStatus', connectionStatus],
  ['getParameter', getParameter],
  ['commitTransaction', transaction],
  ['abortTransaction', transaction],
];
