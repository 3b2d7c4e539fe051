import { invalidInput, type RunComfyError } from '../api/errors';

const MOST_FAULTS = 5;
const LONGEST_NAME = 40;

/** One thing wrong with the input of a model. */
export interface InputFault {
	/** Where: a field's name, then what leads to a value inside it, places in a list from 0. */
	path: Array<string | number>;
	/** The fault as the rest of a sentence that starts with the field: "must be …, but is …". */
	says: string;
}

/**
 * All faults of an item as one error, each once.
 *
 * @param sentences each starts with the name of a field and has no full stop
 */
export function faultList(sentences: string[]): RunComfyError {
	const different = [...new Set(sentences)];
	const more = different.splice(MOST_FAULTS).length;
	const detail = [
		...different,
		...(more > 0 ? [`${more} more ${more === 1 ? 'field is' : 'fields are'} wrong too`] : []),
	].join('. ');
	return invalidInput(detail);
}

/** A name from JSON as errors show it: in quotes and cut, unless it is a plain one. */
export function shownName(name: string): string {
	return /^\w{1,40}$/.test(name) ? name : JSON.stringify(name.slice(0, LONGEST_NAME));
}
