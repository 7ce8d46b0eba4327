/** The config of ours under the bench: one route, with rules that know ids, money and instants. */
export function oursConfig({ on, shortWay = true }: { readonly on: boolean; readonly shortWay?: boolean }): string {
  return `listen: { host: 127.0.0.1, port: 0 }
primary: { shortWay: ${shortWay} }
shadow: { enabled: ${on}, control: 0 }
twin: { representation: primary, concurrency: 64, perSecond: 100000 }
routes:
  table: none
  entries:
    - pattern: /things/:id
      domain: things
      rules: { object: { data: { list: { object: { _id: { ref: things }, amount: { money: currency }, createdAt: instant } }, identity: _id } } }
`;
}
