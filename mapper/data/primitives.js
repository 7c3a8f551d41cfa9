// The JavaScript bodies of mapper/primitives.py, and below them the functions that they share.
// ES2015, strict; no Date, no Intl, nothing of the host. Each function stands alone between blank lines.

function text_integer(text) {
  text_of(text);
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) { refuse("is not an integer"); }
  return safe_integer(Number(text));
}

function integer_text(value) {
  return String(typeof value === "string" ? text_integer(value) : integer_of(value));
}

function decimal_text(value) {
  return decimal_of(typeof value === "number" ? plain_decimal(value) : value);
}

function decimal_number(text) {
  const digits = decimal_of(text).replace(/[-.]/g, "").replace(/^0+|0+$/g, "");
  if (digits.length > 15) { refuse("has more than 15 significant digits"); }
  return Number(text) || 0;
}

function decimal_shift(text, places) {
  const parts = decimal_of(text).replace("-", "").split(".");
  const fraction = parts.length === 2 ? parts[1] : "";
  const sign = text[0] === "-" ? "-" : "";
  return decimal_of(sign + with_point(parts[0] + fraction, fraction.length - places));
}

function match(text, pattern, what) {
  if (!new RegExp("^(?:" + pattern + ")$", "u").test(text_of(text))) { refuse("is not " + what); }
  return text;
}

function table(value, pairs) {
  for (let i = 0; i < pairs.length; i += 1) {
    if (pairs[i][0] === value) { return pairs[i][1]; }
  }
  return refuse("is not one of the listed values");
}

function country_of(name, countries) {
  text_of(name);
  for (let i = 0; i < countries.length; i += 1) {
    if (countries[i][0] === name) { return countries[i][1]; }
  }
  return null;
}

function present(value) {
  return value === null ? refuse("is missing") : value;
}

function of_type(value, type_name) {
  if (type_name === "array") { return Array.isArray(value) ? value : refuse("is not a list"); }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? value : refuse("is not an object");
}

function lower(text) {
  return text_of(text).replace(/[A-Z]/g, function (letter) { return letter.toLowerCase(); });
}

function upper(text) {
  return text_of(text).replace(/[a-z]/g, function (letter) { return letter.toUpperCase(); });
}

function trim(text) {
  return text_of(text).replace(/^[ \t\n\v\f\r]+/, "").replace(/[ \t\n\v\f\r]+$/, "");
}

function split(text, separator) {
  return text_of(text) === "" ? [] : text.split(separator);
}

function join_text(items, separator) {
  if (!Array.isArray(items)) { refuse("is not a list"); }
  items.forEach(function (item) {
    if (typeof item !== "string") { refuse("has an item that is not text"); }
  });
  const text = items.join(separator);
  const back = split(text, separator);
  if (back.length !== items.length || back.some(function (item, i) { return item !== items[i]; })) {
    refuse("has an item that cannot be told from the separator");
  }
  return text;
}

function date_from(text, layout) {
  return write_layout(read_layout(text, layout, "a date"), "%Y-%m-%d");
}

function date_to(date, layout) {
  return write_layout(read_layout(date, "%Y-%m-%d", "a date"), layout);
}

function days_between(first, last) {
  const start = read_layout(first, "%Y-%m-%d", "a date");
  return day_number(read_layout(last, "%Y-%m-%d", "a date")) - day_number(start);
}

function add_days(date, days) {
  const day = day_number(read_layout(date, "%Y-%m-%d", "a date")) + integer_of(days);
  if (!(day >= -719162 && day <= 2932896)) { refuse("leads out of the years 1 to 9999"); }
  return write_layout(clock_of(day * 86400), "%Y-%m-%d");
}

function instant_from(text, layout, transitions) {
  const local = seconds_of(within_years(read_layout(text, layout, "a date and time")));
  return write_layout(clock_of(local - offset_at(local, transitions, true)), "%Y-%m-%dT%H:%M:%SZ");
}

function instant_to(instant, layout, transitions) {
  const utc = seconds_of(read_layout(instant, "%Y-%m-%dT%H:%M:%SZ", "a UTC date and time"));
  return write_layout(within_years(clock_of(utc + offset_at(utc, transitions, false))), layout);
}

function epoch_from(value, digits) {
  const scale = Math.pow(10, digits);
  const seconds = Math.floor(integer_of(value) / scale);
  if (!(seconds >= -62135596800 && seconds <= 253402300799)) { refuse("leads out of the years 1 to 9999"); }
  const instant = write_layout(clock_of(seconds), "%Y-%m-%dT%H:%M:%S");
  return instant + (digits ? "." + String(scale + value - seconds * scale).slice(1) : "") + "Z";
}

function epoch_to(text, digits) {
  let instant = text;
  let parts = 0;
  if (digits) {
    const found = new RegExp("^([0-9T:-]{19})\\.([0-9]{" + digits + "})Z$").exec(text_of(text));
    if (found === null) { refuse("is not a UTC date and time with " + digits + " digits of a second"); }
    instant = found[1] + "Z";
    parts = Number(found[2]);
  }
  const clock = read_layout(instant, "%Y-%m-%dT%H:%M:%SZ", "a UTC date and time");
  return seconds_of(clock) * Math.pow(10, digits) + parts;
}

function refuse(reason) {
  const refusal = new Error(reason);
  refusal.name = "Refusal";
  throw refusal;
}

function text_of(value) {
  return typeof value === "string" ? value : refuse("is not text");
}

function integer_of(value) {
  if (typeof value !== "number" || Math.floor(value) !== value) { refuse("is not an integer"); }
  return safe_integer(value);
}

function safe_integer(number) {
  if (!(Math.abs(number) <= 9007199254740991)) { refuse("is beyond 9007199254740991"); }
  return number === 0 ? 0 : number;
}

function decimal_of(text) {
  if (typeof text !== "string" || !/^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(text)) {
    refuse("is not a decimal number");
  }
  return text.length <= 100 ? text : refuse("is longer than 100 characters");
}

function plain_decimal(number) {
  const parts = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:e([-+][0-9]+))?$/.exec(String(number));
  if (parts === null) { return refuse("is not a decimal number"); }
  const fraction = parts[3] || "";
  const digits = (parts[2] + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant.length > 15) { refuse("has more than 15 significant digits"); }
  const places = fraction.length - Number(parts[4] || 0) - (digits.length - significant.length);
  return significant === "" ? "0" : parts[1] + with_point(significant, places);
}

function with_point(digits, places) {
  if (places <= 0) { return (digits + "0".repeat(-places)).replace(/^0+(?=[0-9])/, ""); }
  const padded = "0".repeat(Math.max(0, places + 1 - digits.length)) + digits;
  const point = padded.length - places;
  return padded.slice(0, point).replace(/^0+(?=[0-9])/, "") + "." + padded.slice(point);
}

function read_layout(text, layout, what) {
  const clock = {Y: 1, m: 1, d: 1, H: 0, M: 0, S: 0};
  let at = 0;
  let fits = typeof text === "string";
  for (let i = 0; fits && i < layout.length; i += 1) {
    if (layout[i] === "%") {
      i += 1;
      const digits = text.slice(at, at + (layout[i] === "Y" ? 4 : 2));
      fits = layout[i] === "Y" ? /^[0-9]{4}$/.test(digits) : /^[0-9]{2}$/.test(digits);
      clock[layout[i]] = Number(digits);
      at += digits.length;
    } else {
      fits = text[at] === layout[i];
      at += 1;
    }
  }
  if (!fits || at !== text.length) { refuse("is not " + what + " written as " + layout); }
  if (clock.Y < 1 || clock.m < 1 || clock.m > 12 || clock.d < 1 || clock.d > month_days(clock) ||
      clock.H > 23 || clock.M > 59 || clock.S > 59) { refuse("is not on the calendar or the clock"); }
  return clock;
}

function write_layout(clock, layout) {
  return layout.replace(/%([YmdHMS])/g, function (token, name) {
    return ("000" + clock[name]).slice(name === "Y" ? -4 : -2);
  });
}

function month_days(clock) {
  if (clock.m === 2) {
    return (clock.Y % 4 === 0 && clock.Y % 100 !== 0) || clock.Y % 400 === 0 ? 29 : 28;
  }
  return clock.m === 4 || clock.m === 6 || clock.m === 9 || clock.m === 11 ? 30 : 31;
}

// Days since 1970-01-01. Years are counted from March, so that the leap day ends one.
function day_number(clock) {
  const year = clock.m > 2 ? clock.Y : clock.Y - 1;
  const month = clock.m > 2 ? clock.m - 3 : clock.m + 9;
  return year * 365 + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400) +
    Math.floor((month * 153 + 2) / 5) + clock.d - 719469;
}

function seconds_of(clock) {
  return day_number(clock) * 86400 + clock.H * 3600 + clock.M * 60 + clock.S;
}

// The inverse of seconds_of; the numbers are the days of 400, 100, 4 and 1 years from March.
function clock_of(seconds) {
  const days = Math.floor(seconds / 86400) + 719468;
  const left = seconds - Math.floor(seconds / 86400) * 86400;
  const era = Math.floor(days / 146097);
  const inEra = days - era * 146097;
  const yearOfEra = Math.floor((inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36524) -
    Math.floor(inEra / 146096)) / 365);
  const inYear = inEra - (yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((inYear * 5 + 2) / 153);
  return {
    Y: era * 400 + yearOfEra + (month < 10 ? 0 : 1),
    m: month < 10 ? month + 3 : month - 9,
    d: inYear - Math.floor((month * 153 + 2) / 5) + 1,
    H: Math.floor(left / 3600),
    M: Math.floor(left / 60) % 60,
    S: left % 60,
  };
}

// The offset of the last transition that has begun. On a local clock, the one before still holds in
// the hour that comes twice, or is skipped: until the later of the two clocks shows the transition.
function offset_at(seconds, transitions, isLocal) {
  let first = 0;
  let last = transitions.length - 1;
  while (first < last) {
    const middle = Math.ceil((first + last) / 2);
    const offset = isLocal ? Math.max(transitions[middle - 1][1], transitions[middle][1]) : 0;
    if (seconds >= transitions[middle][0] + offset) { first = middle; } else { last = middle - 1; }
  }
  return transitions[first][1];
}

function within_years(clock) {
  return clock.Y >= 1900 && clock.Y <= 2199 ? clock : refuse("is outside the years 1900 to 2199");
}
