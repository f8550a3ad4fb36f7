import type { Figure } from './bench.ts';
import type { Machine } from './machine.ts';

export interface Report {
  readonly machine: Machine;
  readonly database: string;
  readonly rounds: number;
  readonly figures: readonly Figure[];
}

/** This server's share of what the floor takes; null where one of them was not measured. */
function ratioOf({ values: { floor, ours } }: Figure): number | null {
  return floor === null || ours === null || floor === 0 ? null : ours / floor;
}

/** Null: there is no goal, or nothing to hold against it. */
function isReached(figure: Figure): boolean | null {
  const { goal, better, values } = figure;
  if (goal === null) return null;
  const [value, limit] = 'ratio' in goal ? [ratioOf(figure), goal.ratio] : [values.ours, goal.amount];
  if (value === null) return null;
  // As they are shown: 0.996 is 1.0.
  const shown = Number(value.toFixed(2));
  return better === 'less' ? shown <= limit : shown >= limit;
}

/** As Markdown, which a terminal shows well enough. */
export function tableOf(figures: readonly Figure[]): string {
  const header = ['', 'unit', 'floor', 'floor, synced', 'Sallyport', 'ratio', 'goal', ''];
  const rows = figures.map((figure) => {
    const { title, unit, values, note } = figure;
    const ratio = ratioOf(figure);
    const reached = isReached(figure);
    return [
      note === undefined ? title : `${title} (${note})`,
      unit,
      ...[values.floor, values.synced, values.ours].map(amount),
      ratio === null ? '' : ratio.toFixed(2),
      goalText(figure),
      reached === null ? '' : reached ? 'reached' : '**missed**',
    ];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Three figures that count. */
function amount(value: number | null): string {
  if (value === null) return '';
  if (value >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function goalText({ goal, better, unit }: Figure): string {
  if (goal === null) return '';
  const sign = better === 'less' ? '≤' : '≥';
  return 'ratio' in goal ? `${sign} ${goal.ratio} ×` : `${sign} ${goal.amount} ${unit}`;
}

/** For programs: the figures with their ratios. */
export function jsonOf(report: Report): string {
  const figures = report.figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), reached: isReached(figure) }));
  return `${JSON.stringify({ ...report, figures }, null, 2)}\n`;
}
