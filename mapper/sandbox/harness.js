// What a script finds around it. The worker evaluates this before anything hostile can run, so
// that the built-in functions that it keeps are the real ones.
(function (libraryText) {
    "use strict";
    const { parse, stringify } = JSON;
    const evaluate = eval;
    const call = Function.prototype.call;
    const sourceOf = call.bind(Function.prototype.toString);
    const join = call.bind(Array.prototype.join);
    const slice = call.bind(String.prototype.slice);

    const NAMES = [
        "originalObject", "transformedObject", "fromVendor", "isWhere", "done", "configuration",
        "CE", "console", "require",
    ];
    const CONSTANTS = NAMES.map((name, at) => `${name} = arguments[${at}]`).join(", ");
    const NEVER = { false: "done was never called", true: "the result was never finished" };
    const LOG_LINES = 100;
    const LOG_LENGTH = 1000;

    const newState = () => ({ isGiven: false, kind: "", text: "", log: "", lines: 0 });
    let state; // of the run that is going on

    const words = (value) => {
        try {
            if (typeof value === "string") return value;
            if (value instanceof Error) return `${value.name}: ${value.message}`;
            const text = stringify(value);
            return text === undefined ? `${String(value)}` : text;
        } catch {
            return "(something that has no text)";
        }
    };

    const log = (text) => {
        if (state.lines >= LOG_LINES) return;
        state.lines += 1;
        state.log += (state.log && ",") + stringify(slice(text, 0, LOG_LENGTH));
    };

    const consoleOf = () => {
        const write = (...values) => {
            let text = "";
            for (let i = 0; i < values.length && text.length < LOG_LENGTH; i += 1) {
                text += (i ? " " : "") + words(values[i]);
            }
            log(text);
        };
        return { log: write, info: write, warn: write, error: write, debug: write, trace: write };
    };

    const CE = {};
    let library;
    for (const name of [
        "randomString", "randomEmail", "md5", "b64", "decode64", "hmac", "currencyCode",
        "currencySymbol", "iso2CountryCode", "iso3CountryCode", "hmacMd5Hex", "hmacMd5Base64",
        "hmacSha1Hex", "hmacSha1Base64", "hmacSha256Hex", "hmacSha256Base64",
    ]) {
        Object.defineProperty(CE, name, {
            enumerable: true,
            get: () => (library = library || evaluate(libraryText))[name],
        });
    }

    const require = (name) => {
        throw new Error(`require(${words(name)}): the sandbox has no modules`);
    };

    // A result is text from the moment on at which it is given: what becomes of it later is nothing
    // to the caller.
    const give = (current, value) => {
        if (current.isGiven && !options.lastWins) return;
        current.isGiven = true;
        try {
            const text = stringify(value);
            if (text === undefined) current.kind = "nothing";
            else if (text.length > options.maxLength) fail(current, "size", "the result is too large");
            else {
                current.text = text;
                current.kind = "value";
            }
        } catch (error) {
            fail(current, "error", `the result has no JSON: ${words(error)}`);
        }
    };

    const fail = (current, kind, message) => {
        current.kind = message === "InternalError: out of memory" ? "memory" : kind;
        current.text = stringify(slice(message, 0, LOG_LENGTH));
    };

    // What makes the function of a run. Its text must be the whole text: a body that closes the
    // function early would otherwise run as something else.
    const compile = (body) => {
        const parameters = options.assignable ? NAMES.join(", ") : "";
        const text = `function (${parameters}) {${body}\n}`;
        const make = evaluate(`(function () {"use strict";const ${CONSTANTS};return (${text});})`);
        const made = make();
        if (typeof made !== "function" || sourceOf(made) !== text) {
            throw new SyntaxError("the script is not the body of a function");
        }
        return (...given) => make(...given)(...given);
    };

    const answer = () => {
        const { kind, text } = state;
        const result = kind === "value" ? `"value":${text}`
            : kind === "nothing" ? '"nothing":true'
            : `"failure":${stringify(kind)},"message":${text}`;
        // Joined, not added: a sum of long texts is a tree that the worker cannot read.
        return join(["{", result, ',"log":[', state.log, "]}"], "");
    };

    let script;
    let scriptError;
    let options;
    let configuration;

    return {
        load(request) {
            options = parse(request);
            configuration = stringify(options.configuration);
            try {
                script = compile(options.body);
            } catch (error) {
                scriptError = words(error);
            }
        },

        // Runs the script; whether it is finished with.
        start(callText) {
            const current = state = newState();
            if (scriptError !== undefined) {
                fail(current, "syntax", scriptError);
                return true;
            }
            const given = parse(callText);
            const done = options.legacy ? undefined : (value) => give(current, value);
            try {
                const returned = script(
                    given[0], given[1], options.fromVendor, options.isWhere, done,
                    parse(configuration), CE, consoleOf(), require,
                );
                if (options.legacy) give(current, returned);
            } catch (error) {
                if (!current.kind) fail(current, "error", words(error));
                else log(`after done: ${words(error)}`);
            }
            return current.kind !== "" && (!options.lastWins || options.legacy);
        },

        isSettled: () => state.kind !== "" && !options.lastWins,

        // The answer as JSON text. What the engine itself refused is said by the worker.
        finish(kind, message) {
            if (!state) state = newState();
            if (state.kind === "") fail(state, kind || "time", message || NEVER[state.isGiven]);
            else if (kind) log(`after done: ${message}`);
            return answer();
        },
    };
})
