import type { IExecuteFunctions } from 'n8n-workflow';
import { RunComfyError } from '../shared/api/errors';
import { openBinaryField, openDataUri, type InputFile } from '../shared/media/inputFile';
import type { ModelInput } from '../shared/operations/mediaNode';
import { IMAGE_FIELDS, isDataUri, type ImageSource, type KlingInput } from './klingInput';

/** What RunComfy's own clients send at most, and the formats on the model's API page. */
const FORMATS = ['jpg', 'png', 'bmp', 'webp'] as const;
const MAXIMUM_IMAGE_MIB = 6;
const MAXIMUM_REQUEST_MIB = 64;
const MIB = 2 ** 20;

type ImageField = (typeof IMAGE_FIELDS)[number];
type ImageInput = Partial<Record<ImageField, ImageSource>>;

/**
 * Checks the images of an input, and says how they get into it when it is sent. URLs are sent as they
 * are; files become data URIs, which are not held until then.
 *
 * @param labelOf what errors call a field
 * @throws RunComfyError `invalidInput`
 */
export async function withImages(
	context: IExecuteFunctions,
	itemIndex: number,
	input: KlingInput,
	labelOf: (field: ImageField) => string,
): Promise<Pick<ModelInput, 'input' | 'load' | 'references'>> {
	const images = input as ImageInput;
	const urls: ImageInput = {};
	const files: Array<[ImageField, InputFile]> = [];
	const references: string[] = [];
	for (const field of IMAGE_FIELDS) {
		const source = images[field];
		if (source === undefined) continue;
		const rules = { label: labelOf(field), formats: FORMATS, maximumMib: MAXIMUM_IMAGE_MIB };
		if (typeof source === 'object') {
			const file = await openBinaryField(context, itemIndex, source.binary.trim(), rules);
			files.push([field, file]);
			references.push(file.reference);
		} else if (isDataUri(source)) {
			files.push([field, await openDataUri(source, rules)]);
		} else {
			urls[field] = source.trim();
		}
	}
	const whole = { ...input, ...urls };
	refuseOversize(whole, files);
	if (files.length === 0) return { input: whole };
	return {
		input: whole,
		references,
		async load() {
			const loaded = { ...whole };
			for (const [field, file] of files) Object.assign(loaded, { [field]: await file.dataUri() });
			return loaded;
		},
	};
}

function refuseOversize(input: object, files: Array<[ImageField, InputFile]>): void {
	const names = files.map(([field]): string => field);
	const rest = Object.entries(input).filter(([name]) => !names.includes(name));
	const bytes = files.reduce(
		(sum, [, file]) => sum + file.length,
		Buffer.byteLength(JSON.stringify(Object.fromEntries(rest))),
	);
	if (bytes <= MAXIMUM_REQUEST_MIB * MIB) return;
	throw new RunComfyError('invalidInput', {
		detail: `The request must be at most ${MAXIMUM_REQUEST_MIB} MiB with its images, but is larger: use smaller images, or give public https URLs in their place`,
	});
}
