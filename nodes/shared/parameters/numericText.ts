/**
 * Takes text for the number that it writes out, as a sheet gives it: `5`, ` 5 `, `4.50`. Only plain
 * decimals are beyond doubt: `5s`, `1e3`, `0x5`, `4,5` and empty text stay text, as does any other value.
 */
export function readNumericText(value: unknown): unknown {
	return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
}
