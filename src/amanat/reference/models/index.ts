/** Every model of Amanat, bound to one connection. */
import type { Connection, Model, Schema } from 'mongoose';
import { outboxFields } from '../outbox.ts';
import { chatSchemas } from './chat.ts';
import { contentSchemas } from './content.ts';
import { disputesSchemas } from './disputes.ts';
import { identitySchemas } from './identity.ts';
import { ledgerSchemas } from './ledger.ts';
import { marketplaceSchemas } from './marketplace.ts';
import { notificationsSchemas } from './notifications.ts';
import { paymentsSchemas } from './payments.ts';
import { pointsSchemas } from './points.ts';
import { walletSchemas } from './wallet.ts';

const schemas = {
  ...paymentsSchemas,
  ...ledgerSchemas,
  ...walletSchemas,
  ...disputesSchemas,
  ...pointsSchemas,
  ...notificationsSchemas,
  ...marketplaceSchemas,
  ...identitySchemas,
  ...contentSchemas,
  ...chatSchemas,
};

/** The type of a stored document; its schema checks it when it is written. */
export type Stored = Record<string, unknown>;
export type ModelName = keyof typeof schemas;
export type Models = Readonly<Record<ModelName, Model<Stored>>>;

export const modelNames = Object.keys(schemas) as readonly ModelName[];

export function bindModels(connection: Connection): Models {
  const bound: Partial<Record<ModelName, Model<Stored>>> = {};
  for (const name of modelNames) {
    // A copy, since a schema that two connections share would be given the plugin twice.
    const schema = schemas[name].clone() as unknown as Schema<Stored>;
    outboxFields(schema as unknown as Schema);
    bound[name] = connection.model<Stored>(name, schema);
  }
  return bound as Models;
}
