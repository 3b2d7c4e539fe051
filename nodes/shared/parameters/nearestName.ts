import { distance } from 'fastest-levenshtein';

/** A name with a larger share of other letters is another name. */
const NEAR = 0.5;

/** The nearest of some names to one that is none of them; undefined when none is like it. */
export function nearestName(name: string, names: string[]): string | undefined {
	const given = wordsOf(name);
	const ranked = names
		.map((other) => {
			const known = wordsOf(other);
			const [few, many] = given.length < known.length ? [given, known] : [known, given];
			const [one, two] = [given.join(''), known.join('')];
			const far = distance(one, two) / Math.max(one.length, two.length, 1);
			const isPart = few.length > 0 && few.every((word) => many.includes(word));
			return { other, far: isPart ? 0 : far };
		})
		.sort((one, two) => one.far - two.far);
	return ranked.find(({ far }) => far <= NEAR)?.other;
}

function wordsOf(name: string): string[] {
	return name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
