import { parseUrl } from '../../nodes/shared/api/url';

/** Enough calls for V8 to compile the function. */
const MANY = 50_000;

it('a URL with letters beyond ASCII is one, however often it is asked for (Node 20)', () => {
	const hosts = Array.from({ length: MANY }, () => parseUrl('https://bücher.example/a')?.hostname);
	expect(new Set(hosts)).toEqual(new Set(['xn--bcher-kva.example']));
	expect(parseUrl('https://')).toBeUndefined();
});
