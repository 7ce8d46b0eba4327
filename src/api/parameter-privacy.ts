/** Which values of a request's parameters may be shown to people, where the route or the config says that they are. */

/** Ids tell nothing about a person by themselves: ObjectId, uuid, a whole number that is no telephone number. */
const ID = /^(?:[0-9a-f]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{1,10})$/i;

export const isIdForm = (value: string): boolean => ID.test(value);

/** Names of credentials. */
const CREDENTIAL =
  /(?:^|_)(?:token|secret|passwd|password|pwd|pass|api_?key|access_?key|auth|authorization|bearer|session|sid|sig|signature|otp|jwt|credential)s?(?:_|$)/;
/** Names of personal data. */
const PERSONAL = /(?:^|_)(?:e?mail|phone|tel|mobile|ssn|iban|birthday|dob|first_?name|last_?name|full_?name)s?(?:_|$)/;

/** `accessToken`, `access-token` and `Access.Token` are one name. */
const words = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();

/** Longer texts are no slugs and no words. */
const LENGTH = 80;
/** From the beginning of a run of such letters on, so that each is read once. */
const JWT = /(?<![\w-])[\w-]{10,}\.[\w-]{4,}\.[\w-]{10,}/;
/** Digits and letters without a break, as a token is. */
const RUN = /[A-Za-z0-9+/_=]{32,}/;
const TELEPHONE = /^\+?\d[\d\s().-]{8,}$/;

/** True for what looks like a credential, by its name or form: never shown. */
export function isCredentialLike(name: string, value: string): boolean {
  return CREDENTIAL.test(words(name)) || JWT.test(value) || (RUN.test(value) && /\d/.test(value) && !isIdForm(value));
}

/** True for what looks like personal data, by its name or form: shown only with `redaction.show: all`. */
export function isPersonal(name: string, value: string): boolean {
  if (isIdForm(value)) return false;
  return PERSONAL.test(words(name)) || value.includes('@') || value.length > LENGTH || TELEPHONE.test(value);
}
