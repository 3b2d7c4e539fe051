import type { IExecuteFunctions } from 'n8n-workflow';
import { attachFiles, type InputWithFiles } from '../shared/media/attachFiles';
import { fileSourceOf } from '../shared/media/fileSource';
import { MAXIMUM_MIB } from '../shared/media/inputFile';
import { IMAGE_FIELDS, type ImageSource, type KlingInput } from './klingInput';

/** The formats on the model's API page. */
const FORMATS = ['jpg', 'png', 'bmp', 'webp'] as const;

type ImageField = (typeof IMAGE_FIELDS)[number];

/**
 * Checks the images of an input, and says how they get into it when it is sent. URLs are sent as they
 * are, with their scheme as everybody reads it.
 *
 * @param labelOf what errors call a field
 * @throws RunComfyError `invalidInput`
 */
export async function withImages(
	context: IExecuteFunctions,
	itemIndex: number,
	input: KlingInput,
	labelOf: (field: ImageField) => string,
): Promise<InputWithFiles> {
	const images = input as Partial<Record<ImageField, ImageSource>>;
	const given = IMAGE_FIELDS.flatMap((field) => {
		const image = images[field];
		return image === undefined ? [] : [{ field, image, source: fileSourceOf(image) }];
	});
	const urls = given.flatMap(({ field, image, source }) =>
		source === undefined && typeof image === 'string'
			? [[field, image.trim().replace(/^https/i, 'https')]]
			: [],
	);
	const places = given.flatMap(({ field, source }) =>
		source === undefined
			? []
			: [
					{
						path: [field],
						source,
						rules: { label: labelOf(field), formats: FORMATS, maximumMib: MAXIMUM_MIB.image },
					},
				],
	);
	return await attachFiles(
		context,
		itemIndex,
		{ ...input, ...Object.fromEntries(urls) } as object,
		places,
	);
}
