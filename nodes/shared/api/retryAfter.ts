/**
 * Reads a `Retry-After` header: whole seconds or an HTTP date (RFC 9110, 10.2.3).
 *
 * @param header the header's value, if there was one
 * @param now epoch time in ms, to measure a date against
 * @returns the wait in ms, never negative; `undefined` when the header is absent or unreadable
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
	const value = header?.trim();
	if (!value) return undefined;
	if (/^\d+$/.test(value)) return Number(value) * 1000;
	const date = /^[A-Z]/i.test(value) ? Date.parse(value) : NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
