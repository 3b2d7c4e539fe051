/** Not by `URL.canParse`, which in Node 20 (20.20) refuses letters like ü once it is called often enough to be compiled. */
export function parseUrl(text: string, base?: URL): URL | undefined {
	try {
		return new URL(text, base);
	} catch {
		return undefined;
	}
}
