/** docs/reference/telemetry.md: metrics, spans and attributes, from the file that names them all. */
import { ATTRIBUTE_MEANINGS, EVENT_MEANINGS, LABEL_MEANINGS, SPAN_MEANINGS } from '../../otel/meanings.ts';
import { ATTRIBUTES, EVENTS, type Instrument, LABELS, METRICS, prometheusName, SPANS } from '../../otel/names.ts';
import { code, page, table } from './markdown.ts';

/** Keys of a table of names, in its order. */
const keysOf = <K extends string>(names: Readonly<Record<K, string>>): readonly K[] => {
  const is = (key: string): key is K => key in names;
  return Object.keys(names).filter(is);
};

const metric = (instrument: Instrument): readonly string[] => [
  code(prometheusName(instrument)),
  code(instrument.name),
  instrument.kind,
  instrument.unit === '' ? '' : code(instrument.unit),
  instrument.labels.map(code).join(', '),
  instrument.description,
];

export function telemetryPage(): string {
  return page('Metrics and traces', 'Look up one metric, label, span or attribute.', [
    [
      '## Metrics',
      '',
      '`/metrics` of the admin port shows them under their Prometheus names. With `OTEL_EXPORTER_OTLP_ENDPOINT` they are also pushed,',
      'under their OpenTelemetry names. A histogram has `_bucket`, `_sum` and `_count` in Prometheus.',
      '',
      table(
        ['Prometheus', 'OpenTelemetry', 'kind', 'unit', 'labels', 'meaning'],
        Object.values<Instrument>(METRICS).map(metric),
      ),
      '',
      'Buckets of the histograms, in seconds:',
      '',
      table(
        ['histogram', 'buckets'],
        Object.values<Instrument>(METRICS).flatMap(({ buckets, ...instrument }) =>
          buckets === undefined ? [] : [[code(prometheusName(instrument)), buckets.join(', ')]],
        ),
      ),
    ].join('\n'),
    `## Labels\n\nAll labels have few values. Paths of fields and ids are never labels.\n\n${table(
      ['label', 'meaning'],
      keysOf(LABELS).map((key) => [code(LABELS[key]), LABEL_MEANINGS[key]]),
    )}`,
    [
      '## Spans',
      '',
      'A verified read is one trace. Every mismatch, error and timeout is exported, and the share `telemetry.matchRatio` of the matches.',
      '',
      table(
        ['span', 'meaning'],
        keysOf(SPANS).map((key) => [code(SPANS[key]), SPAN_MEANINGS[key]]),
      ),
      '',
      table(
        ['event', 'meaning'],
        keysOf(EVENTS).map((key) => [code(EVENTS[key]), EVENT_MEANINGS[key]]),
      ),
    ].join('\n'),
    [
      '## Attributes',
      '',
      'In addition, spans carry `http.request.method`, `http.response.status_code`, `http.route`, `url.path` (the pattern, never the',
      "path itself) and `error.type`, by OpenTelemetry's conventions for HTTP.",
      '',
      table(
        ['attribute', 'on', 'meaning'],
        keysOf(ATTRIBUTES).map((key) => [
          code(ATTRIBUTES[key]),
          ATTRIBUTE_MEANINGS[key].on,
          ATTRIBUTE_MEANINGS[key].meaning,
        ]),
      ),
    ].join('\n'),
  ]);
}
