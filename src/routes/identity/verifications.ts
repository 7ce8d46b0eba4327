/**
 * Whether an e-mail address, as it is stored, has a verification pending. A row past `expires_at` is gone at the moment
 * of the read, whether or not anything has removed it: MongoDB's own TTL monitor is up to a minute late.
 */
import { ok, type TwinHandler } from '../../amanat/twin/handler.ts';
import { instantOf } from '../../amanat/twin/values.ts';

interface VerificationRow {
  purpose: string;
  attempts: number;
  max_attempts: number;
  created_at: Date;
  expires_at: Date;
}

export const verificationOf: TwinHandler = async ({ sql, params, now }) => {
  const email = params.email ?? '';
  const [row] = await sql<VerificationRow[]>`
    select purpose, attempts, max_attempts, created_at, expires_at from temp_verifications
    where email = ${email} and expires_at > ${now()}
    order by created_at desc, mongo_id desc limit 1`;
  if (row === undefined) return ok({ email, pending: false, attempts: 0 });
  return ok({
    email,
    pending: row.attempts < row.max_attempts,
    purpose: row.purpose,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    createdAt: instantOf(row.created_at),
    expiresAt: instantOf(row.expires_at),
  });
};
