/** What a slow line carries upwards, in bytes a ms: 1 Mbit/s. */
const SLOW_LINE = 125;

/** How long a body may take on its way on a slow line, in ms. Its texts count: nothing else in it is long. */
export function uploadMs(body: unknown): number {
	return Math.ceil(textLength(body) / SLOW_LINE);
}

function textLength(value: unknown): number {
	if (typeof value === 'string') return value.length;
	if (typeof value !== 'object' || value === null) return 0;
	return Object.values(value).reduce<number>((sum, part) => sum + textLength(part), 0);
}
