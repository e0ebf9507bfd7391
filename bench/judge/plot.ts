/** Every judge on every scenario, as a picture: fine releases belong to the left, bad ones to the right. */
import type { Score } from './campaign.ts';
import { JUDGES, TANDEM } from './judges.ts';
import { type Scenario, SCENARIOS } from './scenario.ts';

const LEFT = 190;
const WIDTH = 620;
const ROW = 22;
const TOP = 78;
const COLOURS = ['#c2185b', '#616161', '#9e9e9e', '#1565c0', '#64b5f6', '#2e7d32', '#81c784', '#ef6c00'];
const HEADS: Readonly<Record<Scenario['kind'], string>> = {
  fine: 'fine releases: each failed one is a false alarm',
  'bad node': 'a fine release, one bad node',
  bad: 'bad releases: each failed one was found',
};
const KINDS: readonly Scenario['kind'][] = ['fine', 'bad node', 'bad'];

export function plot(scores: readonly Score[]): string {
  const marks: string[] = [legend()];
  let y = TOP;
  for (const kind of KINDS) {
    marks.push(text({ x: LEFT, y: y + 14, weight: 'bold' }, HEADS[kind]));
    y += ROW;
    for (const { name } of SCENARIOS.filter((one) => one.kind === kind)) {
      marks.push(row(scores, name, y));
      y += ROW;
    }
    y += 6;
  }
  marks.push(axis(y));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 40} ${y + 40}" font-family="sans-serif" font-size="12">`,
    '<title>Share of the releases that each judge fails, by scenario</title>',
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...marks,
    '</svg>\n',
  ].join('\n');
}

const at = (share: number) => LEFT + share * WIDTH;

function row(scores: readonly Score[], scenario: string, y: number): string {
  const middle = y + ROW / 2;
  const line = `<line x1="${LEFT}" x2="${LEFT + WIDTH}" y1="${middle}" y2="${middle}" stroke="#e0e0e0"/>`;
  const dots = [...JUDGES.entries()]
    .toReversed()
    .flatMap(([index, { name }]) =>
      scores
        .filter((one) => one.judge === name && one.scenario === scenario)
        .map((one) => dot({ x: at(one.failed / one.runs), y: middle }, index)),
    );
  return [line, text({ x: LEFT - 10, y: middle + 4, anchor: 'end' }, scenario), ...dots].join('\n');
}

function dot({ x, y }: { readonly x: number; readonly y: number }, judge: number): string {
  const isOurs = JUDGES[judge]?.name === TANDEM;
  return `<circle cx="${x.toFixed(1)}" cy="${y}" r="${isOurs ? 6 : 4}" fill="${COLOURS[judge] ?? '#000000'}" fill-opacity="${isOurs ? 1 : 0.8}"/>`;
}

function legend(): string {
  const columns = 4;
  return JUDGES.map(({ name }, index) => {
    const x = LEFT + (index % columns) * (WIDTH / columns);
    const y = 24 + Math.floor(index / columns) * 20;
    return `${dot({ x, y }, index)}${text({ x: x + 10, y: y + 4 }, name)}`;
  }).join('\n');
}

function axis(y: number): string {
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${at(share)}" x2="${at(share)}" y1="${TOP}" y2="${y}" stroke="#bdbdbd" stroke-dasharray="2 4"/>` +
      text({ x: at(share), y: y + 18, anchor: 'middle' }, `${100 * share} %`),
  );
  return [...ticks, text({ x: LEFT + WIDTH / 2, y: y + 34, anchor: 'middle' }, 'failed by the judge')].join('\n');
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly anchor?: 'end' | 'middle';
  readonly weight?: 'bold';
}

const text = ({ x, y, anchor, weight }: Place, words: string) =>
  `<text x="${x}" y="${y}"${anchor ? ` text-anchor="${anchor}"` : ''}${weight ? ` font-weight="${weight}"` : ''}>${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
