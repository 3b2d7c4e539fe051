/** True for the text of a data URI (RFC 2397), whatever it holds; not for words such as "data: one, two". */
export function isDataUri(text: string): boolean {
	return /^\s*data:(?:[\w.+-]+\/[\w.+-]+)?(?:;[^,;]*)*,/i.test(text);
}

export interface DataUri {
	/** Empty where it names no type. */
	contentType: string;
	bytes: Buffer;
}

/** Reads a data URI, in base64, percent-encoded or as it is; undefined for a text that is none. */
export function readDataUri(text: string): DataUri | undefined {
	const comma = text.indexOf(',');
	if (comma < 0 || !isDataUri(text)) return undefined;
	const head = text.slice(0, comma).trim().slice('data:'.length);
	const content = text.slice(comma + 1);
	const contentType = head.replace(/;\s*base64$/i, '');
	if (contentType !== head) return { contentType, bytes: Buffer.from(content, 'base64') };
	try {
		return { contentType, bytes: Buffer.from(decodeURIComponent(content)) };
	} catch {
		return { contentType, bytes: Buffer.from(content) };
	}
}

const INSIDE = /\bdata:([\w.+-]+\/[\w.+-]+)?(?:;[\w.=+-]*)*,[^\s"'<>)\]}]*/gi;

export function cutDataUris(text: string): string {
	const comma = isDataUri(text) ? text.indexOf(',') : -1;
	return comma < 0 ? text.replace(INSIDE, 'data:$1…') : `${text.slice(0, comma + 1)}…`;
}

export function withoutDataUris<Value>(value: Value): Value {
	const cut = (part: unknown): unknown => {
		if (typeof part === 'string') return cutDataUris(part);
		if (Array.isArray(part)) return part.map(cut);
		if (typeof part !== 'object' || part === null) return part;
		return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, cut(inner)]));
	};
	return cut(value) as Value;
}
