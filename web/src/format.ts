// Numbers as the booth reads them.

const pad = (value: number | string, size = 2): string => String(value).padStart(size, "0");

/** Seconds as 4.2, 1:04.2, 1:02:03; "" where there is nothing to count. */
export function time(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "";
  const tenths = Math.max(0, Math.round(seconds * 10));
  const minutes = Math.floor(tenths / 600);
  const rest = (tenths % 600) / 10;
  if (minutes >= 60) return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(Math.floor(rest))}`;
  return minutes ? `${minutes}:${pad(rest.toFixed(1), 4)}` : rest.toFixed(1);
}

/** How long the show has run: 0:00:04, 1:02:03. */
export function longTime(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}

/** An age in seconds, as short as it can be said: 0.4, 12, 3:20. */
export function age(seconds: number | null): string {
  if (seconds === null) return "";
  return seconds < 10 ? seconds.toFixed(1) : seconds < 100 ? String(Math.round(seconds)) : time(Math.round(seconds)).replace(/\.0$/, "");
}

export const percent = (level: number): string => `${Math.round(level * 100)}`;

export function plain(value: number | string | boolean): string {
  if (typeof value === "number") return String(Math.round(value * 100) / 100);
  return typeof value === "boolean" ? (value ? "yes" : "no") : value || "–";
}

/** The time of day of an instant that is told in UTC, by the clock of the house: `house` is what that clock says now, with its offset. */
export function clockTime(instant: string | undefined, house: string | undefined): string {
  const at = Date.parse(instant ?? "");
  const [, sign, hours = "0", minutes = "0"] = /([+-])(\d\d):(\d\d)$/.exec(house ?? "") ?? [];
  if (Number.isNaN(at)) return "";
  const shift = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  return new Date(at + shift).toISOString().slice(11, 19);
}
