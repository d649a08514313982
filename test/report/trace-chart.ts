/** A trace as a picture: one bar a span, in the order of time, indented below its parent. */
import type { Span } from '../../src/shared/contract/schemas/observability.ts';
import { escapeHtml } from './html-text.ts';
import type { KeptTrace } from './run-result.ts';

const rowHeight = 20;
const labelWidth = 330;
const width = 1000;
/** More are left out, and said to be. */
const mostRows = 120;
const colours: Readonly<Record<Span['component'], string>> = { interface: '#8a63d2', agent: '#2f7de1', worker: '#12906a', server: '#c77700' };

export function traceSection({ name, traceId, spans }: KeptTrace): string {
  const ordered = inOrder(spans);
  const shown = ordered.slice(0, mostRows);
  const starts = spans.map((span) => Date.parse(span.started_at));
  const first = Math.min(...starts);
  const length = Math.max(1, ...spans.map((span, at) => (starts[at] ?? first) - first + span.duration_ms));
  const rows = shown.map(({ span, depth }, at) => row(span, depth, at, first, length)).join('');
  const left = ordered.length > shown.length ? `<p>${ordered.length - shown.length} further spans are in the JSON file.</p>` : '';
  return `<details><summary><span>${escapeHtml(name)}</span><span class="number">${spans.length} spans</span><span class="number">${Math.round(length)} ms</span></summary><p>trace ${escapeHtml(traceId)}</p><svg viewBox="0 0 ${width} ${shown.length * rowHeight + 4}" role="img" aria-label="spans of the trace over time">${rows}</svg>${left}</details>`;
}

function row(span: Span, depth: number, at: number, first: number, length: number): string {
  const scale = (width - labelWidth - 80) / length;
  const x = labelWidth + (Date.parse(span.started_at) - first) * scale;
  const y = at * rowHeight;
  const label = `${span.component} · ${span.name}`;
  return `<text x="${Math.min(depth, 10) * 10}" y="${y + 14}" font-size="11" fill="currentColor">${escapeHtml(label.slice(0, 52))}</text><rect x="${x.toFixed(1)}" y="${y + 4}" width="${Math.max(1.5, span.duration_ms * scale).toFixed(1)}" height="12" rx="2" fill="${colours[span.component]}"/><text x="${width}" y="${y + 14}" font-size="11" text-anchor="end" fill="currentColor">${span.duration_ms.toFixed(1)} ms</text>`;
}

/** Parents before their children, both by time; a span whose parent is missing counts as a root. */
function inOrder(spans: readonly Span[]): { readonly span: Span; readonly depth: number }[] {
  const known = new Set(spans.map(({ span_id }) => span_id));
  const children = Map.groupBy(spans.toSorted((a, b) => a.started_at.localeCompare(b.started_at)), ({ parent_span_id: parent }) => (parent !== null && known.has(parent) ? parent : null));
  const found: { span: Span; depth: number }[] = [];
  const visit = (parent: string | null, depth: number): void => {
    for (const span of children.get(parent) ?? []) {
      found.push({ span, depth });
      visit(span.span_id, depth + 1);
    }
  };
  visit(null, 0);
  return found;
}
