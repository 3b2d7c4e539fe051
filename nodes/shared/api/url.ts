/** A part of a path as people write it; one that is not encoded rightly as it is. */
export function decodePath(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

/** Not by `URL.canParse`, which in Node 20 (20.20) refuses letters like ü once it is called often enough to be compiled. */
export function parseUrl(text: string, base?: URL): URL | undefined {
	try {
		return new URL(text, base);
	} catch {
		return undefined;
	}
}
