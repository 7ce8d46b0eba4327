/** What `shadowread compare` was asked to do, read from its options with their types. */
import { ShadowError } from '../../errors.ts';
import { instantOf } from '../../traffic/formats/json-value.ts';
import { isoTime, logTime } from '../../traffic/formats/log-time.ts';
import { headersOption, hostsOption, type SideHeaders } from '../asked-with.ts';
import { flagOption, numberOption, type Options, textOption } from '../options.ts';
import { type RecordedOptions, recordedOptions } from '../recorded-options.ts';

export interface CompareWishes extends RecordedOptions {
  readonly files: readonly string[];
  /** Recorded answers stand in for the primary. */
  readonly recorded: boolean;
  readonly primaryUrl: string | null;
  readonly twinUrl: string | null;
  readonly rate: number;
  readonly concurrency: number;
  /** Seconds that the twin may be gone before the comparison ends. */
  readonly patience: number;
  readonly sample: number;
  readonly distinct: boolean;
  readonly since: number | null;
  readonly until: number | null;
  readonly hosts: readonly string[];
  readonly perRoute: number | null;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly headers: SideHeaders;
  readonly min: number;
  readonly routesSeen: number | { readonly share: number } | null;
  readonly keep: boolean;
  readonly state: string | null;
  readonly restart: boolean;
  readonly dryRun: boolean;
}

/** @throws ShadowError SHADOW_USAGE */
export function wishesOf(files: readonly string[], options: Options): CompareWishes {
  if (files.length === 0) {
    throw new ShadowError('SHADOW_USAGE', 'compare needs recorded traffic', {
      expected: 'one or more files, or - for stdin',
      example: 'shadowread compare access.log.gz',
    });
  }
  if (files.filter((file) => file === '-').length > 1) {
    throw new ShadowError('SHADOW_USAGE', 'stdin can be read once', { expected: 'one -', actual: files.join(' ') });
  }
  const primary = textOption(options, 'primary') ?? null;
  const since = instantOption(options, 'since');
  const until = instantOption(options, 'until');
  if (since !== null && until !== null && since >= until) {
    throw new ShadowError('SHADOW_USAGE', '--since is not before --until', { expected: 'a span of time' });
  }
  return {
    files,
    ...recordedOptions(options),
    recorded: primary === 'recorded',
    primaryUrl: primary === null || primary === 'recorded' ? null : urlOption('--primary', primary),
    twinUrl: textOption(options, 'twin') === undefined ? null : urlOption('--twin', textOption(options, 'twin') ?? ''),
    rate: numberOption(options, 'rate') ?? 100,
    concurrency: numberOption(options, 'concurrency') ?? 8,
    patience: numberOption(options, 'patience') ?? 20,
    sample: numberOption(options, 'sample') ?? 1,
    distinct: flagOption(options, 'distinct'),
    since,
    until,
    hosts: hostsOption(options),
    perRoute: numberOption(options, 'perRoute') ?? null,
    shuffle: flagOption(options, 'shuffle'),
    seed: numberOption(options, 'seed') ?? 1,
    headers: headersOption(options),
    min: numberOption(options, 'min') ?? 1,
    routesSeen: routesSeenOf(textOption(options, 'routesSeen')),
    keep: flagOption(options, 'keep'),
    state: textOption(options, 'state') ?? null,
    restart: flagOption(options, 'restart'),
    dryRun: flagOption(options, 'dryRun'),
  };
}

function urlOption(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  const hasPath = url !== null && url.pathname !== '/';
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') {
    if (!hasPath) return url.origin;
    if (name === '--twin') return url.origin + url.pathname;
  }
  throw new ShadowError('SHADOW_USAGE', `${name} is no address`, {
    expected:
      name === '--primary'
        ? 'an http:// or https:// URL without a path, or `recorded`'
        : 'an http:// or https:// URL without a query or credentials',
    actual: value,
    example: `${name} http://127.0.0.1:3000`,
  });
}

const AGO = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** An instant of ISO 8601, a day, seconds or milliseconds since 1970, a log's own writing, or a time ago (`24h`). Epoch ms. */
function instantOption(options: Options, name: 'since' | 'until'): number | null {
  const value = textOption(options, name);
  if (value === undefined) return null;
  const ago = /^(\d{1,6})([smhd])$/.exec(value);
  const unit = ago?.[2];
  if (ago !== null && (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd')) {
    return Date.now() - Number(ago[1]) * AGO[unit];
  }
  const at = isoTime(value) ?? logTime(value) ?? (/^\d{9,13}$/.test(value) ? instantOf(value) : null);
  if (at !== null) return at;
  throw new ShadowError('SHADOW_USAGE', `--${name} is no time`, {
    expected: 'an instant of ISO 8601, a day, seconds since 1970, or a time ago; without a zone it is UTC',
    actual: value,
    example: `--${name} 2026-11-26T10:00:00Z, --${name} 2026-11-26, --${name} 24h`,
  });
}

/** `12` routes, `80%` or `0.8` of those known. */
function routesSeenOf(value: string | undefined): CompareWishes['routesSeen'] {
  if (value === undefined) return null;
  if (/^\d{1,6}$/.test(value)) return Number(value);
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(value);
  const share = percent === null ? Number(value) : Number(percent[1]) / 100;
  if (share > 0 && share <= 1) return { share };
  throw new ShadowError('SHADOW_USAGE', '--routes-seen is neither a number nor a share', {
    expected: 'a number of routes, or a share of those known',
    actual: value,
    example: '--routes-seen 12, --routes-seen 80%',
  });
}
