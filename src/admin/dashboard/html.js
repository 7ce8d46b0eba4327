/** Elements of the page. Text of strangers is shown with its control characters and marks of direction written out. */

import { visibleLines } from '/assets/words/plain-text.js';
import htm from '/vendor/htm.js';
import { h } from '/vendor/preact.js';

export { render, useCallback, useEffect, useRef, useState } from '/vendor/preact.js';

const shown = (child) =>
  typeof child === 'string' ? visibleLines(child) : Array.isArray(child) ? child.map(shown) : child;

const made = htm.bind((type, properties, ...children) => h(type, properties, ...children.map(shown)));
/** Also of a text that stands alone. */
export const html = (...parts) => shown(made(...parts));
