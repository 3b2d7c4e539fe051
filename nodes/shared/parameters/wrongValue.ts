const LONGEST_QUOTE = 20;

/** True for what an expression gives that gives nothing, and for a field that was emptied. */
export function isNothing(value: unknown): value is undefined | null | '' {
	return value === undefined || value === null || value === '';
}

/**
 * Says what is wrong with a value, as the rest of a sentence that starts with the name of its field.
 *
 * @param rule what it must be, as the end of "must be …"
 * @param isPrivate whether text may be the user's own, so that it stays out of errors and logs
 */
export function wrongValue(value: unknown, rule: string, isPrivate = false): string {
	return isNothing(value)
		? `has no value: set it to ${rule}, or give its expression a fallback`
		: `must be ${rule}, but is ${describe(value, isPrivate)}`;
}

function describe(value: unknown, isPrivate: boolean): string {
	if (Array.isArray(value)) return `a list of ${value.length}`;
	if (typeof value === 'object' || typeof value === 'function') return 'an object';
	if (typeof value !== 'string') return String(value);
	if (isPrivate) return 'text';
	return value.length > LONGEST_QUOTE
		? `text of ${value.length} characters`
		: `the text ${JSON.stringify(value)}`;
}
