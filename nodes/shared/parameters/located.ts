/** What a resource locator holds; anything else as it is. */
export function locatedValue(held: unknown): unknown {
	return typeof held === 'object' && held !== null && 'value' in held ? held.value : held;
}

/** Whether a resource locator holds an expression, so that a form of it cannot be known in the editor. */
export function isByExpression(held: unknown): boolean {
	const value = locatedValue(held);
	return typeof value === 'string' && value.startsWith('=');
}

/** Whether it has a value that can be read without running the workflow. */
export function isChosen(held: unknown): boolean {
	const value = locatedValue(held);
	return typeof value === 'string' && value.trim() !== '' && !isByExpression(value);
}
