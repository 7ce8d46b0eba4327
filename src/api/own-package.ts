/**
 * A module of the user's own imports `shadowread`, and may lie where no package of that name is installed: in a checkout, in
 * the image's mounted folders, beside a global installation. Then it gets the package that loads it.
 */
import { registerHooks } from 'node:module';
import { ownModule } from '../base/own-module.ts';

const EXPORTS: Readonly<Record<string, string>> = { shadowread: 'index', 'shadowread/express': 'express' };

let isRegistered = false;

/** To be called before a user's module is imported; does its work once in each thread. An installed package goes first. */
export function offerOwnPackage(): void {
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve(specifier, context, next) {
      const own = EXPORTS[specifier];
      if (own === undefined) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch {
        return { url: ownModule(own).href, shortCircuit: true };
      }
    },
  });
}
