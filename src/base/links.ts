/** Addresses of the dashboard's pages, for those who come from elsewhere: a trace, an alert. */

const page = (publicUrl: string, hash: string): string => `${publicUrl}${publicUrl.endsWith('/') ? '' : '/'}#/${hash}`;

export const faultLink = (publicUrl: string, id: string): string => page(publicUrl, `fault/${encodeURIComponent(id)}`);

export const mismatchesLink = (publicUrl: string, fingerprint: string): string =>
  page(publicUrl, `mismatches?fingerprint=${encodeURIComponent(fingerprint)}`);
