// The JavaScript bodies of mapper/functions/, and the operations of expressions themselves.
// ES2015, strict; nothing of the host. Absent and null are both null here, as in JMESPath.

function jmespath_abs(value) {
  return Math.abs(number_of(value));
}

function jmespath_add_days(date, days) {
  return date === null || days === null ? null : add_days(text_of(date), number_of(days));
}

function jmespath_avg(numbers) {
  return numbers_of(numbers).length === 0 ? null : in_range(total(numbers) / numbers.length);
}

function jmespath_ceil(value) {
  return Math.ceil(number_of(value));
}

function jmespath_contains(subject, search) {
  if (typeof subject === "string") {
    return typeof search === "string" && subject.indexOf(search) !== -1;
  }
  if (!Array.isArray(subject)) { refuse("is neither a list nor text"); }
  return subject.some(function (item) { return same(item, search); });
}

function jmespath_days_between(first, last) {
  return first === null || last === null ? null : days_between(text_of(first), text_of(last));
}

function jmespath_ends_with(subject, suffix) {
  return text_of(subject).endsWith(text_of(suffix));
}

function jmespath_floor(value) {
  return Math.floor(number_of(value));
}

function jmespath_join(glue, strings) {
  text_of(glue);
  if (!list_of(strings).every(function (item) { return typeof item === "string"; })) {
    refuse("has an item that is not text");
  }
  return not_too_long(strings.join(glue));
}

function jmespath_keys(object) {
  return Object.keys(object_of(object));
}

function jmespath_length(subject) {
  if (typeof subject === "string") { return Array.from(subject).length; }
  return Array.isArray(subject) ? subject.length : Object.keys(object_of(subject)).length;
}

function jmespath_lookup(table, key, tables) {
  if (table === null || key === null) { return null; }
  if (own(tables, text_of(table)) === undefined) { refuse("names no table"); }
  return field(tables[table], text_of(key));
}

function jmespath_lower(text) {
  return text === null ? null : lower(text);
}

function jmespath_map(each, items) {
  return list_of(items).map(function (item) { return each(item); });
}

function jmespath_max(items) {
  return best(items, items, 1);
}

function jmespath_max_by(items, key) {
  return best(list_of(items), items.map(function (item) { return key(item); }), 1);
}

function jmespath_merge() {
  const merged = {};
  for (let i = 0; i < arguments.length; i += 1) {
    const object = object_of(arguments[i]);
    Object.keys(object).forEach(function (name) { define(merged, name, object[name]); });
  }
  return merged;
}

function jmespath_min(items) {
  return best(items, items, -1);
}

function jmespath_min_by(items, key) {
  return best(list_of(items), items.map(function (item) { return key(item); }), -1);
}

function jmespath_not_null() {
  for (let i = 0; i < arguments.length; i += 1) {
    if (arguments[i] !== null) { return arguments[i]; }
  }
  return null;
}

function jmespath_reverse(subject) {
  if (typeof subject === "string") { return Array.from(subject).reverse().join(""); }
  return list_of(subject).slice().reverse();
}

function jmespath_sort(items) {
  return sorted(items, items);
}

function jmespath_sort_by(items, key) {
  return sorted(list_of(items), items.map(function (item) { return key(item); }));
}

function jmespath_split(text, separator) {
  if (text === null || separator === null) { return null; }
  text_of(text);
  return text_of(separator) === "" ? refuse("is split at an empty text") : split(text, separator);
}

function jmespath_starts_with(subject, prefix) {
  return text_of(subject).startsWith(text_of(prefix));
}

function jmespath_sum(numbers) {
  return in_range(total(numbers_of(numbers)));
}

function jmespath_to_array(value) {
  return Array.isArray(value) ? value : [value];
}

function jmespath_to_number(value) {
  if (typeof value === "number") { return value; }
  const isNumber = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;
  if (typeof value !== "string" || !isNumber.test(value)) { return null; }
  return Math.abs(Number(value)) === Infinity ? null : Number(value);
}

function jmespath_to_string(value) {
  return not_too_long(typeof value === "string" ? value : JSON.stringify(value));
}

function jmespath_trim(text) {
  return text === null ? null : trim(text);
}

function jmespath_type(value) {
  if (value === null) { return "null"; }
  if (Array.isArray(value)) { return "array"; }
  return typeof value;
}

function jmespath_upper(text) {
  return text === null ? null : upper(text);
}

function jmespath_values(object) {
  return Object.keys(object_of(object)).map(function (name) { return object[name]; });
}

function number_of(value) {
  return typeof value === "number" ? value : refuse("is not a number");
}

function list_of(value) {
  return Array.isArray(value) ? value : refuse("is not a list");
}

function object_of(value) {
  return is_object(value) ? value : refuse("is not an object");
}

function numbers_of(items) {
  return are_all(list_of(items), "number") ? items : refuse("has an item that is not a number");
}

function are_all(items, type) {
  return items.every(function (item) { return typeof item === type; });
}

function total(numbers) {
  return numbers.reduce(function (sum, number) { return sum + number; }, 0);
}

function in_range(number) {
  return Math.abs(number) === Infinity ? refuse("is too large") : number;
}

function not_too_long(text) {
  return text.length > 1000000 && Array.from(text).length > 1000000 ? refuse("is too long") : text;
}

// The first item whose key is greatest (sign 1) or least (sign -1); null without items.
function best(items, keys, sign) {
  check_keys(keys);
  let found = 0;
  for (let i = 1; i < keys.length; i += 1) {
    if (sign * order(keys[i], keys[found]) > 0) { found = i; }
  }
  return items.length === 0 ? null : items[found];
}

function sorted(items, keys) {
  check_keys(keys);
  const places = keys.map(function (key, i) { return i; });
  places.sort(function (i, j) { return order(keys[i], keys[j]) || i - j; });
  return places.map(function (i) { return items[i]; });
}

function check_keys(keys) {
  if (!are_all(list_of(keys), "number") && !are_all(keys, "string")) {
    refuse("has not only numbers or only texts");
  }
}

// Texts by code points, which code units do not follow beyond the basic plane.
function order(left, right) {
  if (typeof left === "number") { return left < right ? -1 : left > right ? 1 : 0; }
  const one = Array.from(left);
  const other = Array.from(right);
  for (let i = 0; i < one.length && i < other.length; i += 1) {
    if (one[i] !== other[i]) { return one[i].codePointAt(0) - other[i].codePointAt(0); }
  }
  return one.length - other.length;
}

function field(value, name) {
  const member = is_object(value) ? own(value, name) : undefined;
  return member === undefined ? null : member;
}

function index(value, at) {
  if (!Array.isArray(value)) { return null; }
  const item = value[at < 0 ? value.length + at : at];
  return item === undefined ? null : item;
}

function slice(value, first, stop, step) {
  if (!Array.isArray(value)) { return null; }
  const by = step === null ? 1 : step;
  const low = by > 0 ? 0 : -1;
  const high = by > 0 ? value.length : value.length - 1;
  const bound = function (place, otherwise) {
    if (place === null) { return otherwise; }
    return Math.min(Math.max(place < 0 ? value.length + place : place, low), high);
  };
  const end = bound(stop, by > 0 ? high : low);
  const items = [];
  for (let i = bound(first, by > 0 ? low : high); by > 0 ? i < end : i > end; i += by) {
    items.push(value[i]);
  }
  return items;
}

function flatten(value) {
  if (!Array.isArray(value)) { return null; }
  const flat = [];
  value.forEach(function (item) {
    if (Array.isArray(item)) {
      item.forEach(function (inner) { flat.push(inner); });
    } else {
      flat.push(item);
    }
  });
  return flat;
}

function project(items, each) {
  if (!Array.isArray(items)) { return null; }
  return items.map(function (item) { return each(item); }).filter(function (result) {
    return result !== null;
  });
}

function filter(items, holds) {
  if (!Array.isArray(items)) { return null; }
  return items.filter(function (item) { return truthy(holds(item)); });
}

function values(value) {
  return is_object(value) ? jmespath_values(value) : null;
}

function pipe(value, next) {
  return next(value);
}

function unless_null(value, make) {
  return value === null ? null : make(value);
}

function or(left, right) {
  return truthy(left) ? left : right();
}

function and(left, right) {
  return truthy(left) ? right() : left;
}

function less(left, right) {
  return typeof left === "number" && typeof right === "number" ? left < right : null;
}

function at_most(left, right) {
  return typeof left === "number" && typeof right === "number" ? left <= right : null;
}

function truthy(value) {
  if (Array.isArray(value)) { return value.length > 0; }
  if (is_object(value)) { return Object.keys(value).length > 0; }
  return value !== null && value !== false && value !== "";
}

function same(left, right) {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every(function (item, i) {
      return same(item, right[i]);
    });
  }
  if (is_object(left) && is_object(right)) {
    const names = Object.keys(left);
    return names.length === Object.keys(right).length && names.every(function (name) {
      return own(right, name) !== undefined && same(left[name], right[name]);
    });
  }
  return left === right;
}

function is_object(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// The member of an object, undefined without it; never what objects inherit.
function own(object, name) {
  return Object.prototype.hasOwnProperty.call(object, name) ? object[name] : undefined;
}

// Sets a member, also one of the name __proto__, to which JavaScript gives a meaning.
function define(object, name, value) {
  Object.defineProperty(object, name, {
    value: value, writable: true, enumerable: true, configurable: true,
  });
}
