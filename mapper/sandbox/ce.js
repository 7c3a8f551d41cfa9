// The CE object of scripts: hashes, base 64, and what there is to know of a few countries.
// What the platform answers for countries and currencies that are not here is not what this does:
// it throws.
(function () {
    "use strict";

    const utf8 = (text) => {
        const bytes = [];
        for (const character of String(text)) {
            let code = character.codePointAt(0);
            if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
            if (code < 0x80) bytes.push(code);
            else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
            else if (code < 0x10000) {
                bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
            } else {
                bytes.push(
                    0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63),
                    0x80 | ((code >> 6) & 63), 0x80 | (code & 63),
                );
            }
        }
        return bytes;
    };

    const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    const base64 = (bytes) => {
        let text = "";
        for (let i = 0; i < bytes.length; i += 3) {
            const [a, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]];
            text += ALPHABET[a >> 2] + ALPHABET[((a & 3) << 4) | (b >> 4)];
            text += b === undefined ? "=" : ALPHABET[((b & 15) << 2) | (c >> 6)];
            text += c === undefined ? "=" : ALPHABET[c & 63];
        }
        return text;
    };

    const fromBase64 = (text) => {
        let escaped = "";
        let bits = 0;
        let count = 0;
        for (const character of String(text)) {
            const value = ALPHABET.indexOf(character);
            if (value < 0) continue;
            bits = ((bits << 6) | value) & 0xffff;
            count += 6;
            if (count >= 8) {
                count -= 8;
                escaped += `%${((bits >> count) & 255).toString(16).padStart(2, "0")}`;
            }
        }
        return decodeURIComponent(escaped);
    };

    const hex = (bytes) => bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");

    // Merkle and Damgård's padding, as words of 32 bits.
    const blocks = (bytes, littleEndian) => {
        const length = (((bytes.length + 8) >> 6) + 1) * 64;
        const view = new DataView(new ArrayBuffer(length));
        bytes.forEach((byte, at) => view.setUint8(at, byte));
        view.setUint8(bytes.length, 0x80);
        view.setUint32(length - (littleEndian ? 8 : 4), bytes.length * 8, littleEndian);
        view.setUint32(length - (littleEndian ? 4 : 8), bytes.length / 0x20000000, littleEndian);
        const all = [];
        for (let at = 0; at < length; at += 64) {
            const words = [];
            for (let i = 0; i < 16; i += 1) words.push(view.getUint32(at + i * 4, littleEndian));
            all.push(words);
        }
        return all;
    };

    const toBytes = (words, littleEndian) => {
        const view = new DataView(new ArrayBuffer(words.length * 4));
        words.forEach((word, at) => view.setUint32(at * 4, word >>> 0, littleEndian));
        return words.flatMap((_, at) => [0, 1, 2, 3].map((i) => view.getUint8(at * 4 + i)));
    };

    const left = (word, count) => (word << count) | (word >>> (32 - count));

    const md5 = (bytes) => {
        const turns = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
        let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
        for (const words of blocks(bytes, true)) {
            let [a, b, c, d] = state;
            for (let i = 0; i < 64; i += 1) {
                const round = i >> 4;
                const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round];
                const index = [i, 5 * i + 1, 3 * i + 5, 7 * i][round] % 16;
                const constant = Math.floor(Math.abs(Math.sin(i + 1)) * 0x100000000);
                const sum = (a + mixed + constant + words[index]) | 0;
                [a, d, c, b] = [d, c, b, (b + left(sum, turns[round][i % 4])) | 0];
            }
            state = [a, b, c, d].map((word, i) => (word + state[i]) | 0);
        }
        return toBytes(state, true);
    };

    const sha1 = (bytes) => {
        let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
        for (const words of blocks(bytes, false)) {
            let [a, b, c, d, e] = state;
            for (let i = 0; i < 80; i += 1) {
                if (i > 15) {
                    words[i] = left(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
                }
                const round = Math.floor(i / 20);
                const mixed = [(b & c) | (~b & d), b ^ c ^ d, (b & c) | (b & d) | (c & d), b ^ c ^ d];
                const constant = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][round];
                const sum = (left(a, 5) + mixed[round] + e + constant + words[i]) | 0;
                [e, d, c, b, a] = [d, c, left(b, 30), a, sum];
            }
            state = [a, b, c, d, e].map((word, i) => (word + state[i]) | 0);
        }
        return toBytes(state, false);
    };

    const primes = () => {
        const found = [];
        for (let n = 2; found.length < 64; n += 1) {
            if (found.every((prime) => n % prime !== 0)) found.push(n);
        }
        return found;
    };

    const fraction = (number) => ((number - Math.floor(number)) * 0x100000000) | 0;

    const sha256 = (bytes) => {
        const constants = primes().map((prime) => fraction(Math.cbrt(prime)));
        let state = primes().slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
        for (const words of blocks(bytes, false)) {
            let [a, b, c, d, e, f, g, h] = state;
            for (let i = 0; i < 64; i += 1) {
                if (i > 15) {
                    const [near, far] = [words[i - 2], words[i - 15]];
                    const one = left(near, 15) ^ left(near, 13) ^ (near >>> 10);
                    const zero = left(far, 25) ^ left(far, 14) ^ (far >>> 3);
                    words[i] = (words[i - 16] + zero + words[i - 7] + one) | 0;
                }
                const upper = left(e, 26) ^ left(e, 21) ^ left(e, 7);
                const first = (h + upper + ((e & f) ^ (~e & g)) + constants[i] + words[i]) | 0;
                const lower = left(a, 30) ^ left(a, 19) ^ left(a, 10);
                const second = (lower + ((a & b) ^ (a & c) ^ (b & c))) | 0;
                [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
            }
            state = [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) | 0);
        }
        return toBytes(state, false);
    };

    const HASHES = { md5, sha1, sha256 };
    const ENCODINGS = { hex, base64 };

    const hmac = (algorithm) => (encoding) => (secret, text) => {
        const hash = HASHES[String(algorithm).toLowerCase()];
        const encode = ENCODINGS[String(encoding).toLowerCase()];
        if (!hash || !encode) throw new Error(`CE.hmac: no ${algorithm} in ${encoding} here`);
        let key = utf8(secret);
        if (key.length > 64) key = hash(key);
        while (key.length < 64) key.push(0);
        const inner = hash(key.map((byte) => byte ^ 0x36).concat(utf8(text)));
        return encode(hash(key.map((byte) => byte ^ 0x5c).concat(inner)));
    };

    const COUNTRIES = `
        argentina AR ARG ARS;australia AU AUS AUD;austria AT AUT EUR;belgium BE BEL EUR;brazil BR BRA BRL;
        canada CA CAN CAD;chile CL CHL CLP;china CN CHN CNY;colombia CO COL COP;denmark DK DNK DKK;
        finland FI FIN EUR;france FR FRA EUR;germany DE DEU EUR;greece GR GRC EUR;india IN IND INR;
        indonesia ID IDN IDR;ireland IE IRL EUR;israel IL ISR ILS;italy IT ITA EUR;japan JP JPN JPY;
        kenya KE KEN KES;luxembourg LU LUX EUR;malaysia MY MYS MYR;mexico MX MEX MXN;
        netherlands NL NLD EUR;new zealand NZ NZL NZD;nigeria NG NGA NGN;norway NO NOR NOK;
        philippines PH PHL PHP;poland PL POL PLN;portugal PT PRT EUR;singapore SG SGP SGD;
        south africa ZA ZAF ZAR;spain ES ESP EUR;sweden SE SWE SEK;switzerland CH CHE CHF;
        thailand TH THA THB;turkey TR TUR TRY;united arab emirates AE ARE AED;
        united kingdom GB GBR GBP;united states US USA USD`;
    const SYMBOLS = "AUD $ BRL R$ CAD $ CHF CHF CNY ¥ EUR € GBP £ ILS ₪ INR ₹ JPY ¥ MXN $ NZD $ USD $ ZAR R".split(" ");

    const country = (name, column) => {
        const wanted = String(name).trim().toLowerCase();
        for (const row of COUNTRIES.split(";")) {
            const found = /^(.*) (..) (...) (...)$/.exec(row.trim());
            if (found[1] === wanted) return found[column];
        }
        throw new Error(`CE: the sandbox does not know the country ${name}`);
    };

    const currencySymbol = (code) => {
        const at = SYMBOLS.indexOf(String(code).toUpperCase());
        if (at < 0 || at % 2) throw new Error(`CE: the sandbox does not know the currency ${code}`);
        return SYMBOLS[at + 1];
    };

    const randomString = () => {
        let text = "";
        while (text.length < 10) text += "abcdefghijklmnopqrstuvwxyz"[Math.floor(Math.random() * 26)];
        return text;
    };

    const library = {
        randomString,
        randomEmail: () => `${randomString()}@example.com`,
        md5: (text) => hex(md5(utf8(text))),
        b64: (text) => base64(utf8(text)),
        decode64: fromBase64,
        hmac,
        currencyCode: (name) => country(name, 4),
        currencySymbol,
        iso2CountryCode: (name) => country(name, 2),
        iso3CountryCode: (name) => country(name, 3),
    };
    for (const [name, algorithm] of [["Md5", "md5"], ["Sha1", "sha1"], ["Sha256", "sha256"]]) {
        library[`hmac${name}Hex`] = hmac(algorithm)("hex");
        library[`hmac${name}Base64`] = hmac(algorithm)("base64");
    }
    return library;
})()
