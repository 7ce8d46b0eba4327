/** Rows whose every text tries to be more than text: a script, an escape code, another direction, a name of a prototype. */
import type postgres from 'postgres';
import { insertMismatches } from './journal-rows.ts';

export const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  'javascript:alert(1)',
  "'-alert(1)-'",
  '</code></table><iframe srcdoc="<script>alert(1)</script>">',
  '{{constructor.constructor("alert(1)")()}}',
  '\u202Egnp.exe',
  '\u001b[31mred\u001b]8;;http://evil.example\u0007',
  '__proto__',
  'constructor',
  'x'.repeat(2_000),
  '漢字'.repeat(400),
  'a\u0301\u200b\ufeff\u2066'.repeat(60),
] as const;

/** `count` of each kind of row, without traffic; gives a fault and a mismatch of them. */
export async function insertHostileRows(
  sql: postgres.Sql,
  count: number,
): Promise<{ readonly fault: string; readonly mismatch: string }> {
  const texts = sql`(${[...HOSTILE]}::text[])`;
  const text = sql`${texts}[1 + i % ${HOSTILE.length}::int]`;
  const rows = sql`generate_series(0, ${count - 1}::int) i`;
  // Every second one of a domain that there is.
  const domain = sql`case i % 2 when 0 then 'payments' else left(${text}, 80) end`;
  const sample = sql`jsonb_build_object('path', ${text}, 'kind', ${text}, 'rule', ${text},
    'measure', case i % 3 when 0 then jsonb_build_object('of', ${text})
      when 1 then jsonb_build_object('of', 'number', 'delta', ${text}, 'unit', ${text})
      else jsonb_build_object('of', 'text', 'how', ${text}, 'lengths', jsonb_build_array(${text}, ${text})) end)`;
  const seen = sql`now() - i * interval '1 second', now() - i * interval '10 milliseconds'`;
  await sql`
    insert into shadowread.fingerprints (fingerprint, domain, route, kinds, sample, fatal, state, owner, reason, expires_at,
      first_seen, last_seen, n, updated_by, updated_at)
    select left(i || ' ' || ${text}, 60), ${domain}, ${text}, array[${text}], jsonb_build_array(${sample}), true, 'acknowledged', ${text},
      ${text}, now() + interval '1 day', ${seen}, 5000000000 - i, ${text}, now() from ${rows}`;
  const faults = await sql<{ fault: string }[]>`
    insert into shadowread.faults (fault, domain, cause, collection, entity, field, route, fingerprint, sample, fatal, state,
      owner, reason, expires_at, first_seen, last_seen, n, updated_by, updated_at)
    select left(i || ' ' || ${text}, 60), ${domain}, 'data_drift', ${text}, ${text}, ${text}, null, null, ${sample}, true,
      case i % 3 when 0 then 'acknowledged' else 'open' end, ${text}, ${text}, now() + interval '1 day', ${seen}, i, ${text}, now()
    from ${rows} returning fault`;
  const [fault] = faults;
  if (fault === undefined) throw new RangeError('no row was asked for');
  await sql`
    insert into shadowread.fault_routes (fault, route, n, last_at)
    select fault, i || ' ' || ${text}, i, now() from shadowread.faults, generate_series(0, 20) i where fault = ${fault.fault}
    union all select fault, ${sql`${texts}[1 + length(fault) % ${HOSTILE.length}::int]`}, 1, now() from shadowread.faults
    where owner is not null and fault <> ${fault.fault}`;
  await sql`
    insert into shadowread.failures (domain, route, verdict, reason, n, last_at, detail)
    select ${domain}, i || ${text}, 'twin_error', ${text}, i, now(), ${text} from ${rows}`;
  await sql`
    insert into shadowread.audit (who, what, subject, reason) select ${text}, ${text}, ${text}, ${text} from ${rows}`;
  await insertMismatches(sql, count);
  const all = HOSTILE.join(' ');
  const [mismatch = ''] = await insertMismatches(sql, 1, (verdict) => ({
    ...verdict,
    request: { method: 'GET', target: all },
    cause: {
      cause: 'data_drift',
      note: all,
      entities: [{ collection: all, mongoId: all, uuid: all, state: 'drift', fields: [] }],
    },
    differences: HOSTILE.map((path) => ({
      path,
      kind: 'value',
      rule: path,
      measure: { of: 'number', delta: path, unit: path },
      primary: { type: 'string', length: 3, hash: null, value: path },
      twin: { type: 'object', length: 1, hash: null, value: JSON.parse(`{${JSON.stringify(path)}:0}`) },
    })),
    trace: { traceId: 'javascript:alert(1)' },
  }));
  await sql`
    update shadowread.mismatches m set
      verdict = jsonb_set(verdict, '{request,target}', to_jsonb(${sql`${texts}[1 + ascii(right(id, 1)) % ${HOSTILE.length}::int]`})),
      fingerprint = left(${sql`${texts}[1 + ascii(right(id, 2)) % ${HOSTILE.length}::int]`}, 60)
    where id <> ${mismatch} and exchange_id = id`;
  await sql`analyze`;
  return { fault: fault.fault, mismatch };
}
