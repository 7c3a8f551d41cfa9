// What scripts do for the rules of a mapping: the kinds of mapper/lower.py, as mapper/interpret/
// defines them. ES2015, strict; nothing of the host.
//
// A path is a list of member names. A place is a list of names and indices from the root of the
// document; it is what an error names. Absent is undefined, null is a value.

// Reading: from a vendor object to the value of a common member, undefined for none ---------------

function read_value(vendor, path, place, unset, convert, otherwise) {
  const value = look(vendor, path, place);
  if (value === undefined || is_one_of(value, unset)) { return otherwise; }
  if (value === null) { fault("M506", place.concat(path), "is null"); }
  return converted(convert, value, place.concat(path));
}

function read_object(vendor, path, place, unset, read) {
  const value = look(vendor, path, place);
  if (value === undefined || is_one_of(value, unset)) { return undefined; }
  if (!is_object(value)) { fault("M508", place.concat(path), "is not an object"); }
  const common = read(value, place.concat(path));
  return is_empty(common) ? undefined : common;
}

function read_list(vendor, path, place, unset, read) {
  const value = look(vendor, path, place);
  if (value === undefined || is_one_of(value, unset)) { return undefined; }
  if (!Array.isArray(value)) { fault("M508", place.concat(path), "is not a list"); }
  return value.map(function (item, i) {
    const at = place.concat(path, i);
    return is_object(item) ? read(item, at) : fault("M508", at, "is not an object");
  });
}

// A list of the one item that the vendor object holds, or of none if only constants are in it.
function read_single(vendor, place, constants, read) {
  const item = read(vendor, place);
  return is_within(item, constants) ? [] : [item];
}

// Whether all that a value has, another one has too: of objects the members, at any depth.
function is_within(value, whole) {
  if (!is_object(value) || !is_object(whole)) { return same(value, whole); }
  return Object.keys(value).every(function (name) {
    const there = own(whole, name);
    return there !== undefined && is_within(value[name], there);
  });
}

// What the slots hold whose mark has a value; some members are read only if every slot is filled.
function read_slots(vendor, place, slots) {
  const held = slots.filter(function (slot) { return has_value(vendor, slot.mark, slot.unset); });
  const isFull = held.length === slots.length;
  return held.map(function (slot) {
    return (isFull && slot.read_full || slot.read)(vendor, place);
  });
}

function read_formula(vendor, place, read) {
  const value = evaluated(read, vendor, place);
  return value === null ? undefined : without_nulls(value);
}

function has_value(vendor, path, unset) {
  const value = find(vendor, path);
  return value !== undefined && !is_one_of(value, unset);
}

// What lies at a path; nothing lies inside null.
function look(vendor, path, place) {
  let value = vendor;
  for (let i = 0; i < path.length; i += 1) {
    if (value === null || value === undefined) { return undefined; }
    if (!is_object(value)) { fault("M508", place.concat(path.slice(0, i)), "is not an object"); }
    value = own(value, path[i]);
  }
  return value;
}

// Writing: from the members of a common object that a request has into a vendor object ------------

function write_value(common, path, place, vendor, target, rule) {
  const value = given(common, path);
  const at = place.concat(path);
  if (value === undefined) { return; }
  if (value === null) { clear(vendor, target, rule, at); return; }
  const written = converted(rule.convert, value, at);
  if (written === undefined) { return; }
  if (is_one_of(written, rule.unset)) { fault("M525", at, "would read as no value"); }
  if (rule.values !== undefined && !is_one_of(written, rule.values)) {
    fault("M514", at, "cannot be written with this value");
  }
  store(vendor, target, written);
}

function write_object(common, path, place, vendor, target, rule) {
  const value = given(common, path);
  const at = place.concat(path);
  if (value === undefined) { return; }
  if (value !== null && !is_object(value)) { fault("M508", at, "is not an object"); }
  if (value === null && target.length > 0 && rule.clear !== undefined) {
    store(vendor, target, rule.clear);
    return;
  }
  const present = find(vendor, target);
  const made = is_object(present) ? present : {};
  rule.write(value === null ? rule.nothing : value, at, made);
  if (made !== present && !is_empty(made)) { store(vendor, target, made); }
}

function write_list(common, path, place, vendor, target, rule) {
  const value = given(common, path);
  const at = place.concat(path);
  if (value === undefined) { return; }
  if (value === null) { clear(vendor, target, rule, at); return; }
  objects_of(value, at);
  if (rule.key !== undefined) { refuse_repeats(value, rule.key, at); }
  const items = value.map(function (item, i) {
    const made = {};
    rule.write(item, at.concat(i), made);
    return made;
  });
  if (is_one_of(items, rule.unset)) { fault("M525", at, "would read as no value"); }
  store(vendor, target, items);
}

// The key of a requested item, by which the vendor tells which item it is.
function write_key(common, path, place, vendor, target, convert) {
  const value = find(common, path);
  if (value === undefined || value === null) { return; }
  const written = converted(convert, value, place.concat(path));
  if (written !== undefined) { store(vendor, target, written); }
}

function write_single(common, path, place, vendor, rule) {
  const value = given(common, path);
  const at = place.concat(path);
  if (value === undefined) { return; }
  const items = value === null ? [] : objects_of(value, at);
  if (items.length > 1) { fault("M519", at, "holds one item at this vendor"); }
  rule.write(items.length === 1 ? items[0] : rule.nothing, at.concat(0), vendor);
  const isNone = function (item) {
    return rule.signs.every(function (sign) { return given(item, sign) === undefined; });
  };
  if (rule.signs !== undefined && items.some(isNone)) {
    fault("M520", at.concat(0), "would read as no item");
  }
}

function write_slots(common, path, place, vendor, rule) {
  const value = given(common, path);
  const at = place.concat(path);
  if (value === undefined) { return; }
  const items = value === null ? [] : objects_of(value, at);
  const isFull = items.length === rule.slots.length;
  if (items.length > rule.slots.length) { fault("M519", at, "has more items than places"); }
  items.forEach(function (item, i) {
    const mark = find(item, rule.mark);
    if (mark === undefined || mark === null) { fault("M520", at.concat(i), "lacks its mark"); }
    rule.when_full.forEach(function (member) {
      if (!isFull && find(item, member) !== undefined) {
        fault("M521", at.concat(i, member), "needs every place filled");
      }
    });
  });
  rule.slots.forEach(function (slot, i) {
    if (i < items.length) { slot.fill(items[i], at.concat(i), vendor, isFull); }
    else { slot.empty(vendor, at); }
  });
}

// Members of a slot's item that this place does not hold and another one does. Names are trees.
function refuse_misplaced(value, here, anywhere, place) {
  if (Array.isArray(value)) {
    value.forEach(function (item, i) { refuse_misplaced(item, here, anywhere, place.concat(i)); });
  }
  if (!is_object(value)) { return; }
  Object.keys(value).forEach(function (name) {
    const inner = own(here, name);
    const other = own(anywhere, name);
    if (inner === undefined) {
      if (other !== undefined) { fault("M521", place.concat(name), "has no place in this item"); }
    } else if (!is_empty(inner)) {
      refuse_misplaced(value[name], inner, other, place.concat(name));
    }
  });
}

// Whether a slot's item has a member; what it does not have is cleared in the slot.
function settles(item, path, place, vendor, target, rule) {
  if (find(item, path) !== undefined) { return false; }
  if (rule.clear === undefined) { fault("M522", place.concat(path), "is not given"); }
  store(vendor, target, rule.clear);
  return true;
}

function write_fixed(common, path, place, constant) {
  const value = given(common, path);
  if (value !== undefined && !same(value, constant)) {
    fault("M524", place.concat(path), "is always the same");
  }
}

// Whether a request has what a formula is made of: all of it or, to do nothing, none.
function has_together(common, paths, place, path) {
  const stated = paths.filter(function (each) { return given(common, each) !== undefined; });
  if (stated.length > 0 && stated.length < paths.length) {
    fault("M522", place.concat(path), "is written together with what is missing");
  }
  return stated.length > 0;
}

function write_formula(common, path, place, vendor, target, rule) {
  const written = evaluated(rule.write, common, place);
  if (written !== null) { store(vendor, target, written); return; }
  const value = find(common, path);
  const isGiven = value !== undefined && value !== null;
  const isMissing = rule.paths.some(function (each) {
    const member = find(common, each);
    return member === undefined || member === null;
  });
  const reason = isGiven ? "gives no value to write" : "cannot be cleared";
  fault(isGiven ? (isMissing ? "M522" : "M507") : "M513", place.concat(path), reason);
}

// What no rule takes. The names are a tree: a name leads to those in it, to {} if all may be.
function refuse_unknown(common, names, place) {
  if (common === null) { return; }
  if (!is_object(common)) { fault("M508", place, "is not an object"); }
  Object.keys(common).forEach(function (name) {
    const inner = own(names, name);
    if (inner === undefined) { fault("M509", place.concat(name), "is taken by no rule"); }
    if (!is_empty(inner)) { refuse_unknown(common[name], inner, place.concat(name)); }
  });
}

function refuse_repeats(items, key, place) {
  const seen = [];
  items.forEach(function (item, i) {
    const value = find(item, key);
    if (value === undefined || value === null) { return; }
    if (is_one_of(value, seen)) { fault("M518", place.concat(i, key), "is there twice"); }
    seen.push(value);
  });
}

function objects_of(value, place) {
  if (!Array.isArray(value)) { fault("M508", place, "is not a list"); }
  value.forEach(function (item, i) {
    if (!is_object(item)) { fault("M508", place.concat(i), "is not an object"); }
  });
  return value;
}

function clear(vendor, target, rule, place) {
  if (rule.clear === undefined) { fault("M513", place, "cannot be cleared"); }
  store(vendor, target, rule.clear);
}

// Sending: what of the vendor object that was written travels -------------------------------------

// In these paths and places, null stands for every item of a list.
function require_member(vendor, path, name, place) {
  at_each(vendor, path, [], function (value, indices) {
    if (is_object(value) && own(value, name) === undefined) {
      fault("M523", placed(place, indices), "is needed to create this");
    }
  });
}

function require_value(vendor, path, allowed, place) {
  at_each(vendor, path, [], function (value, indices) {
    if (!is_object(value) && !is_one_of(value, allowed)) {
      fault("M514", placed(place, indices), "cannot be written with this value");
    }
  });
}

function at_each(value, path, indices, act) {
  if (path.length === 0) {
    act(value, indices);
  } else if (path[0] !== null) {
    const member = is_object(value) ? own(value, path[0]) : undefined;
    if (member !== undefined) { at_each(member, path.slice(1), indices, act); }
  } else if (Array.isArray(value)) {
    value.forEach(function (item, i) { at_each(item, path.slice(1), indices.concat(i), act); });
  }
}

function placed(place, indices) {
  const left = indices.slice();
  return place.map(function (step) { return step === null ? left.shift() : step; });
}

// The members that can be written, under the names that they are written as.
function cut(value, policy) {
  if (Array.isArray(value) && policy.items !== undefined) {
    return value.map(function (item) { return cut(item, policy.items); });
  }
  if (!is_object(value) || policy.members === undefined) { return value; }
  const body = {};
  Object.keys(value).forEach(function (name) {
    const member = own(policy.members, name);
    if (member === undefined) { return; }
    const inner = value[name];
    const isPicked = member.pick !== undefined && Array.isArray(inner);
    const written = isPicked ? picked(inner, member.pick) : cut(inner, member);
    define(body, member.name === undefined ? name : member.name, written);
  });
  return body;
}

function picked(items, name) {
  return items.map(function (item) {
    const member = is_object(item) ? own(item, name) : undefined;
    return member === undefined ? item : member;
  });
}

// Querying: from conditions on common members to conditions that mean the same to the vendor --------

function translated(query, filters, refusal) {
  const items = is_object(query) ? query.where : undefined;
  if (!Array.isArray(items)) { return refusal; }
  const conditions = items.map(function (item) { return condition(item, filters); });
  const names = conditions.map(function (each) { return each === undefined ? "" : each.attribute; });
  const isExact = names.every(function (name, i) { return name !== "" && names.indexOf(name) === i; });
  return isExact ? conditions : refusal;
}

// The vendor's condition, undefined if there is none that means the same. A number is no text: of 7,
// nobody can tell whether 7 or 0000007 was asked for. It is a value that is converted to one, an id.
function condition(item, filters) {
  if (!is_object(item) || Object.keys(item).length !== 3) { return undefined; }
  const filter = own(filters, item.attribute + " " + item.operator);
  if (filter === undefined) { return undefined; }
  const isNumber = typeof item.value === "number" && filter.convert !== undefined;
  if (!isNumber && typeof item.value !== "string") { return undefined; }
  try {
    const value = filter.convert === undefined ? item.value : filter.convert(String(item.value));
    if (is_one_of(value, filter.unset)) { return undefined; }
    return {attribute: filter.name, operator: "=", value: String(value)};
  } catch (error) {
    return undefined;
  }
}

// Other levels' members of what the platform's own field list made --------------------------------

// The object without the members of a tree of names: a name leads to those in it, to {} for all.
function without(object, names) {
  const rest = {};
  Object.keys(is_object(object) ? object : {}).forEach(function (name) {
    const inner = own(names, name);
    if (inner === undefined) {
      define(rest, name, object[name]);
    } else if (!is_empty(inner) && is_object(object[name])) {
      const left = without(object[name], inner);
      if (!is_empty(left)) { define(rest, name, left); }
    }
  });
  return rest;
}

// The members of both, where a name leads into the objects that both have.
function joined(others, common, names) {
  Object.keys(common).forEach(function (name) {
    const inner = own(names, name);
    const other = own(others, name);
    const isInside = inner !== undefined && !is_empty(inner) && is_object(other);
    define(others, name, isInside ? joined(other, common[name], inner) : common[name]);
  });
  return others;
}

// Values and places --------------------------------------------------------------------------------

function require_object(value) {
  if (!is_object(value)) { fault("M508", [], "is not an object"); }
}

// An object that has members, but none of those that the vendor has.
function refuse_foreign(vendor, members) {
  const names = Object.keys(vendor);
  const isKnown = names.some(function (name) { return members.indexOf(name) !== -1; });
  if (names.length > 0 && !isKnown) { fault("M504", [], "has no member of this resource"); }
}

function converted(convert, value, place) {
  const result = convert === undefined ? value : guarded(convert, value, "M506", place);
  return result === null ? undefined : result;
}

function evaluated(expression, value, place) {
  return guarded(expression, value, "M507", place);
}

// Gives a refusal its code and its place.
function guarded(act, value, code, place) {
  try {
    return act(value);
  } catch (error) {
    if (error.name !== "Refusal") { throw error; }
    return fault(code, place, error.message);
  }
}

function fault(code, place, reason) {
  const error = new Error(reason);
  error.name = "Fault";
  error.code = code;
  error.at = place.map(function (step) {
    return "/" + String(step).replace(/~/g, "~0").replace(/\//g, "~1");
  }).join("");
  throw error;
}

function find(value, path) {
  let found = value;
  for (let i = 0; i < path.length; i += 1) {
    found = is_object(found) ? own(found, path[i]) : undefined;
  }
  return found;
}

// As find, but null on the way is null in all that would be inside.
function given(common, path) {
  let found = common;
  for (let i = 0; i < path.length && found !== null; i += 1) {
    found = is_object(found) ? own(found, path[i]) : undefined;
  }
  return found;
}

function store(object, path, value) {
  if (value === undefined) { return; }
  let inner = object;
  for (let i = 0; i < path.length - 1; i += 1) {
    if (!is_object(own(inner, path[i]))) { define(inner, path[i], {}); }
    inner = inner[path[i]];
  }
  define(inner, path[path.length - 1], value);
}

function without_nulls(value) {
  if (Array.isArray(value)) { return value.map(function (item) { return without_nulls(item); }); }
  if (!is_object(value)) { return value; }
  const kept = {};
  Object.keys(value).forEach(function (name) {
    if (value[name] !== null) { define(kept, name, without_nulls(value[name])); }
  });
  return kept;
}

function is_one_of(value, all) {
  return all.some(function (each) { return same(value, each); });
}

function is_empty(object) {
  return Object.keys(object).length === 0;
}

// What a script gives where it has no result.
function failure(error) {
  return {
    mapperError: {code: error.code || "", at: error.at || "", message: String(error.message)},
  };
}
