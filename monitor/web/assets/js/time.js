// Instants as a person reads them: in one named zone for the whole page, relative to the instant up to which
// everything is known, never to the reader's own clock.

const DAY = 86_400_000;
const formats = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options }));
  }
  return formats.get(key);
}

export function isZone(zone) {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

export function browserZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** "UTC+0", "UTC+5:30": of that instant, as the clocks of a zone change. */
function offsetAt(zone, instant) {
  const part = format(zone, { timeZoneName: "shortOffset" })
    .formatToParts(instant)
    .find((each) => each.type === "timeZoneName")
    .value.replace("GMT", "UTC")
    .replace("−", "-");
  return part === "UTC" ? "UTC+0" : part;
}

/** "Lisbon (UTC+0)". */
export function zoneName(zone, instant = new Date()) {
  if (zone === "UTC" || zone === "Etc/UTC") return "UTC";
  return `${zone.split("/").at(-1).replaceAll("_", " ")} (${offsetAt(zone, instant)})`;
}

/** "2026-11-28" in that zone. */
export function dayOf(instant, zone) {
  const parts = format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(instant);
  const part = (type) => parts.find((each) => each.type === type).value;
  return `${part("year")}-${part("month")}-${part("day")}`;
}

function dayNumber(instant, zone) {
  return Math.round(Date.parse(dayOf(instant, zone)) / DAY);
}

/** "07:12:41". */
export function clockSeconds(instant, zone) {
  return format(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(instant);
}

/** "07:12". */
export function clock(instant, zone) {
  return format(zone, { hour: "2-digit", minute: "2-digit" }).format(instant);
}

/** "2026-11-28 07:12:41 Lisbon (UTC+0)": for a tooltip, where it must say everything. */
export function wholeInstant(instant, zone) {
  return `${dayOf(instant, zone)} ${clockSeconds(instant, zone)} ${zoneName(zone, instant)}`;
}

/** "02:04", "yesterday 02:11", "tomorrow 02:00", "26 Nov 02:00", "26 Nov 2025 02:00". */
export function moment(instant, zone, now, withSeconds = false) {
  const time = withSeconds ? clockSeconds(instant, zone) : clock(instant, zone);
  const days = dayNumber(instant, zone) - dayNumber(now, zone);
  if (days === 0) return time;
  if (days === -1) return `yesterday ${time}`;
  if (days === 1) return `tomorrow ${time}`;
  return `${date(instant, zone, now)} ${time}`;
}

/** "26 Nov", with the year where it is another. */
export function date(instant, zone, now) {
  const other = dayOf(instant, zone).slice(0, 4) !== dayOf(now, zone).slice(0, 4);
  return format(zone, { day: "numeric", month: "short", ...(other ? { year: "numeric" } : {}) }).format(
    instant,
  );
}

/** "13 s", "4 min 12 s", "31 min", "5 h 8 min", "3 d 4 h": two units at most. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "unknown";
  if (seconds < 0) return `minus ${duration(-seconds)}`;
  if (seconds > 0 && seconds < 1) return "below 1 s";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return two(whole, 60, "min", "s");
  if (whole < 3570) return `${Math.round(whole / 60)} min`;
  const minutes = Math.round(whole / 60);
  if (minutes < 1440) return two(minutes, 60, "h", "min");
  return two(Math.round(minutes / 60), 24, "d", "h");
}

function two(amount, per, big, small) {
  const rest = amount % per;
  return `${Math.floor(amount / per)} ${big}${rest ? ` ${rest} ${small}` : ""}`;
}

/** "12 min ago", "in 5 min". */
export function distance(instant, now) {
  const seconds = (now - instant) / 1000;
  return seconds >= 0 ? `${duration(seconds)} ago` : `in ${duration(-seconds)}`;
}
