import { RunComfyError } from '../api/errors';

const MOST_FAULTS = 5;

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
	return new RunComfyError('invalidInput', { detail });
}
