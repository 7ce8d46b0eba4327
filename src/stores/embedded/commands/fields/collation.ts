import { toNumber } from '../../bson/convert.ts';
import { type Doc, isDoc } from '../../bson/values.ts';
import { MongoError, notSupported } from '../../mongo-error.ts';
import { bool, type Check, oneOf, optionalBool, required, safeNumber, string, struct } from './checks.ts';

/** The locales that MongoDB takes. https://www.mongodb.com/docs/manual/reference/collation-locales-defaults/ */
const LOCALES = new Set(
  `af am ar as az be bg bn bo bs bs_Cyrl ca ceb chr cs cy da de de_AT dsb dz ee el en en_US en_US_POSIX eo es et fa fa_AF
  ff fi fil fo fr fr_CA ga gl gu ha haw he hi hr hsb hu hy id ig is it ja ka kk kl km kn ko kok ku ky lb lkt ln lo lt lv
  mk ml mn mr ms mt my nb ne nl nn om or pa pl ps pt ro ru se si simple sk sl smn sq sr sr_Latn sv sw ta te th tk to tr
  ug uk ur uz vi wae wo xh yi yo zh zh_Hant zu`.split(/\s+/),
);

const collationFields = struct({
  locale: required(string),
  caseLevel: bool,
  caseFirst: oneOf('upper', 'lower', 'off'),
  strength: (value, path) => {
    safeNumber(value, path);
    const number = toNumber(value);
    if (number !== undefined && !(Math.trunc(number) >= 1 && number < 6))
      throw new MongoError('BadValue', `Enumeration value '${number}' for field '${path}' is not a valid value.`);
  },
  numericOrdering: bool,
  alternate: oneOf('non-ignorable', 'shifted'),
  maxVariable: oneOf('punct', 'space'),
  normalization: bool,
  backwards: optionalBool,
  version: string,
});

/** Strings are compared by their bytes here: any collation that would compare otherwise is refused. */
export const collation: Check = (value, path) => {
  if (isDoc(value) && value.size === 0) return;
  collationFields(value, path);
  if (isDoc(value)) checkLocale(value);
};

function checkLocale(given: Doc): void {
  const locale = given.get('locale');
  const [base] = typeof locale === 'string' ? locale.split('@') : [];
  if (base === undefined || !LOCALES.has(base))
    throw new MongoError('BadValue', `Field 'locale' is invalid in: { locale: "${String(locale)}" }`);
  if (locale !== 'simple' || given.size > 1) throw notSupported('a collation other than {locale: "simple"}');
}
