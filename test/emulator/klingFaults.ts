import { matchesApiPage, usualDuration } from '../fixtures/klingInputSchema';
import { shapeOf } from './imageShape';

/**
 * Judges an input of Kling 3.0 by the page of its model, and by what only the text of the page says.
 *
 * @returns what is wrong, as RunComfy puts it into `detail`; nothing when nothing is
 */
export function klingFaults(model: string, input: unknown): string | object[] | undefined {
	const matches = matchesApiPage(model);
	if (!matches(input)) {
		return matches.errors?.map(({ instancePath, message }) => ({
			loc: ['body', ...instancePath.split('/').slice(1)],
			msg: message,
		}));
	}
	const { duration = usualDuration(model), multi_prompt: segments } = input as {
		duration?: number;
		multi_prompt?: Array<{ duration?: number }>;
	};
	const sum = segments?.reduce((total, segment) => total + (segment.duration ?? 5), 0);
	if (segments?.length && sum !== duration) {
		return `multi_prompt lasts ${sum} s, duration is ${duration} s`;
	}
	const { start_image_url: start, end_image_url: end } = input as Record<string, string>;
	const noImage = [start, end].find((image) => image !== undefined && !shapeOf(image));
	return noImage === undefined ? undefined : `there is no image in ${noImage.slice(0, 100)}`;
}
