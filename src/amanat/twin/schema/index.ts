/** Every table of the twin. */
export * from './chat.ts';
export * from './content.ts';
export * from './disputes.ts';
export * from './identity.ts';
export * from './ledger.ts';
export * from './marketplace.ts';
export * from './notifications.ts';
export * from './payments.ts';
export * from './points.ts';
export * from './wallet.ts';
