import { createReference, type ReferenceOptions } from './api.ts';

export interface RunReferenceOptions extends ReferenceOptions {
  readonly port?: number;
  readonly host?: string;
}

/** Starts the reference API over an already seeded or empty MongoDB. */
export async function runReference(options: RunReferenceOptions): Promise<{ url: string; close(): Promise<void> }> {
  const reference = await createReference(options);
  try {
    const url = await reference.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    return { url, close: reference.close };
  } catch (error) {
    await reference.close();
    throw error;
  }
}
