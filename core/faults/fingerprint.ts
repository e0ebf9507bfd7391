/** What stays the same of a failure, whatever its addresses, process ids, times, numbers and folders are. */

const DATES =
  /\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +)?(?:\d{1,2}[-/ ])?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[-/ ]+\d{1,4}\b/g;
/** As mktemp and Python's tempfile name files. */
const TEMPORARY = /\btmp[._-]?\w{6,}/g;
const FOLDERS = /(?:[\w.@~+-]*\/)+(?=[\w.@~+-])/g;
const IDS = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;
const ADDRESSES = /\b(?:0x)?[0-9a-f]{8,}\b|\b0x[0-9a-f]+\b/gi;
/** Of the internet's sixth version. */
const HOSTS = /(?<![\w:])(?=[0-9a-f:]*\d)[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi;
/** And how much of what: a heap that grew has other units. */
const NUMBERS = /\d+(?:[.,]\d+)*(?: ?(?:[KMGT]i?B|kB|bytes)\b)?/g;

/** What differs from one time to the next, once folders are gone. */
const VARIABLE = [TEMPORARY, IDS, ADDRESSES, HOSTS, NUMBERS];

/** A message without what differs from one time to the next. */
export function normalize(text: string): string {
  const undated = text.replace(DATES, '#').replace(FOLDERS, '');
  const same = VARIABLE.reduce((left, pattern) => left.replace(pattern, '#'), undated);
  return same.replace(/\s+/g, ' ').trim().slice(0, 200);
}

export const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `file:line`, wherever it was built. */
export const place = (file: string, line: string | number | undefined): string => `${basename(file)}:${line ?? '?'}`;

/**
 * Of an address in a program only this is the same in every process: programs are loaded at whole pages. It is also the
 * same in both builds where the program is.
 */
export const inPage = (address: string): string => address.replace(/^0x/, '').slice(-3).padStart(3, '0').toLowerCase();

/** 64 bits as 16 hexadecimal digits. Two lanes that mix with each other (after cyrb53); nobody has to withstand an attack. */
export function fingerprintOf(key: string): string {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < key.length; at++) {
    const code = key.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  const stir = (one: number, other: number) =>
    Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909);
  [high, low] = [stir(high, low), stir(low, high)];
  const toHex = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0');
  return toHex(high) + toHex(low);
}
