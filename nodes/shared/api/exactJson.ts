/** A string of JSON, with what follows when it is a name, or a number. */
const TOKENS = /"((?:[^"\\]|\\.)*)"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** A whole number that may be one of 64 bits, such as a seed. */
const LONG_NUMBER = /^-?\d{16,20}$/;

/**
 * Parses JSON, with a whole number of up to 20 digits that a JavaScript number does not hold as a bigint.
 *
 * @throws SyntaxError as `JSON.parse` does
 */
export function parseExact(text: string): unknown {
	const parsed: unknown = JSON.parse(text);
	if (!/\d{16}/.test(text)) return parsed;
	// Every text gets a letter in front, so that none is taken for a number, which becomes text with another one.
	const marked = text.replace(TOKENS, (token, string?: string, colon?: string) => {
		if (string !== undefined) return colon === undefined ? `"t${string}"` : token;
		return typeof exactNumber(token) === 'bigint' ? `"n${token}"` : token;
	});
	return JSON.parse(marked, (_, value: unknown) => {
		if (typeof value !== 'string') return value;
		return value.startsWith('n') ? BigInt(value.slice(1)) : value.slice(1);
	});
}

/** The number that plain decimals are; a bigint where a JavaScript number would lose digits. */
export function exactNumber(digits: string): number | bigint {
	const number = Number(digits);
	const isInexact = LONG_NUMBER.test(digits) && !Number.isSafeInteger(number);
	return isInexact ? BigInt(digits) : number;
}

/** As JSON, with a bigint as a number. A text that is cut inside an emoji becomes one that servers take. */
export function stringifyExact(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(stringifyExact).join()}]`;
	if (typeof value === 'bigint') return String(value);
	if (typeof value === 'string') return JSON.stringify(value.replace(/\p{Cs}/gu, '\ufffd'));
	if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
	const parts = Object.entries(value).filter(([, part]) => part !== undefined);
	return `{${parts.map(([name, part]) => `${JSON.stringify(name)}:${stringifyExact(part)}`).join()}}`;
}
