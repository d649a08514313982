/**
 * Numbers, sizes, durations and times as people read them: the only place that decides how they look.
 *
 * Sizes are decimal (1 GB is 1,000 MB) with three significant digits, four from 1 TB on; times are local.
 */
const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/** 412380 as `412,380`. */
export function formatCount(count: number | bigint): string {
  return count.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 file`, `3 files`: a count with its noun. */
export function formatCounted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** A size in bytes as `54.1 GB`. */
export function formatBytes(bytes: number | bigint): string {
  const value = Number(bytes);
  const unit = unitFor(value);
  return `${inUnit(value, unit)} ${units[unit]}`;
}

/** `54.1 of 93.2 GB`: both numbers in the unit of the total. */
export function formatBytesOf(done: number, total: number): string {
  const unit = unitFor(total);
  return `${inUnit(Math.min(done, total), unit)} of ${inUnit(total, unit)} ${units[unit]}`;
}

/** Bytes a second as `62.4 MB/s`. */
export function formatSpeed(bytesPerSecond: number): string {
  return `${formatBytes(Math.max(0, Math.round(bytesPerSecond)))}/s`;
}

function unitFor(value: number): number {
  let unit = 0;
  // 999.5 would be written as 1000, so the next unit begins there.
  while (unit < units.length - 1 && Math.abs(value) >= (unit === 0 ? 1000 : 999.5) * 1000 ** unit) unit += 1;
  return unit;
}

function inUnit(value: number, unit: number): string {
  if (unit === 0) return String(Math.round(value));
  const scaled = value / 1000 ** unit;
  const significant = unit >= 4 ? 4 : 3;
  const whole = Math.max(1, Math.floor(Math.log10(Math.max(scaled, 1)) + 1e-12) + 1);
  return scaled.toFixed(Math.max(0, significant - whole));
}

/** Seconds as `0.42 s`, `12.3 s`, `4 min 05 s`, `2 h 07 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.995) return `${Math.max(0, seconds).toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** A range of time left as `under 1 min left`, `10–13 min left`, `2–3 h left`. */
export function formatTimeLeft(fastest: number, slowest: number): string {
  if (slowest < 60) return 'under 1 min left';
  const [size, unit] = slowest < 90 * 60 ? [60, 'min'] : slowest < 48 * 3600 ? [3600, 'h'] : [86_400, 'd'];
  const low = Math.max(1, Math.floor(fastest / size));
  const high = Math.max(low, Math.ceil(slowest / size));
  return `${low === high ? high : `${low}–${high}`} ${unit} left`;
}

/** An RFC 3339 time as local `2026-11-23 15:22:24`; the text itself if it is none. */
export function formatTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  return (
    `${String(date.getFullYear()).padStart(4, '0')}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ` +
    `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
  );
}

/** The first eight digits of an id, as restic shortens it. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
