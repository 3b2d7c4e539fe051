import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { invalidInput } from '../api/errors';
import { FORMATS, typeOf, type FormatName } from './formats';
import type { MediaKind } from './media';
import { formatsOf, HEAD_BYTES, isText } from './signature';

/** What RunComfy's own clients send at most of a file, in MiB. */
export const MAXIMUM_MIB: Record<MediaKind, number> = { image: 6, audio: 16, video: 32 };
const MIB = 2 ** 20;
const LONGEST_NAME = 40;

/** A file that goes into a request as a data URI: checked, and not held. */
export interface InputFile {
	/** How many characters the data URI has. */
	length: number;
	/** What tells the file from any other: n8n's ID of it, or its contents where n8n keeps it in the item. */
	reference: string;
	/**
	 * Reads the file, whole.
	 *
	 * @throws RunComfyError `invalidInput` when it can no longer be read, or is no longer what was checked
	 */
	dataUri(): Promise<string>;
}

export interface FileRules {
	/** What the form calls the input, for errors. */
	label: string;
	/** What the file may be, by its own first bytes. */
	formats: readonly FormatName[];
	/** What errors call these formats, e.g. "an image"; by default they are listed. */
	formatWords?: string;
	maximumMib: number;
	/** Absent for any size but 0. */
	minimumMib?: number;
}

/** Where the bytes of a file are. */
interface Contents {
	/** What an error calls the file. */
	name: string;
	reference: string;
	/** How many bytes there are, if that is known without reading them. */
	bytes: number | undefined;
	chunks(): Promise<AsyncIterable<Uint8Array>> | Iterable<Uint8Array>;
}

/**
 * Checks a file of the item in the store that n8n keeps it in: memory, disk or database.
 *
 * @param field the name of the binary field; also of one that `binaryMode: combined` (n8n 2.41.1) keeps
 * in the JSON, under `_files`
 * @throws RunComfyError `invalidInput`
 */
export async function openBinaryField(
	context: IExecuteFunctions,
	itemIndex: number,
	field: string,
	rules: FileRules,
): Promise<InputFile> {
	const file = [field, field.trim()]
		.flatMap((path) => [path, `_files.${path}`])
		.map((path) => findBinary(context, itemIndex, path))
		.find(Boolean);
	if (!file) {
		const { json, binary } = context.getInputData()[itemIndex];
		const inJson = Object.keys((json._files ?? {}) as object);
		const names = [
			...Object.keys(binary ?? {}),
			...inJson.filter((name) => findBinary(context, itemIndex, `_files.${name}`)),
		];
		throw invalidInput(
			`${rules.label} must be a binary field of the item, but it has none called ${quoted(field)}${
				names.length > 0 ? `: it has ${names.map(quoted).join(', ')}` : ''
			}`,
		);
	}
	const { id, data } = file;
	const name = `the file in the binary field ${quoted(field)}`;
	if (id === undefined) return await open(rules, inMemory(name, data));
	const { getBinaryMetadata, getBinaryStream } = context.helpers;
	return await open(rules, {
		name,
		reference: id,
		bytes: await getBinaryMetadata(id).then(
			({ fileSize }) => fileSize,
			() => undefined,
		),
		chunks: async () => await getBinaryStream(id),
	});
}

/**
 * Checks what a data URI holds.
 *
 * @throws RunComfyError `invalidInput`
 */
export async function openDataUri(text: string, rules: FileRules): Promise<InputFile> {
	const [, base64] = /^\s*data:[^,]*;base64,([\w+/=\s-]*)$/i.exec(text) ?? [];
	if (base64 === undefined) throw invalidInput(`${rules.label} must be a data URI in base64`);
	return await open(rules, inMemory('the data URI', base64));
}

function findBinary(
	{ helpers }: IExecuteFunctions,
	itemIndex: number,
	path: string,
): IBinaryData | undefined {
	try {
		const file = helpers.assertBinaryData(itemIndex, path);
		// By its name n8n also finds what every object has, such as `constructor`.
		return typeof file.data === 'string' ? file : undefined;
	} catch {
		return undefined;
	}
}

function inMemory(name: string, base64: string): Contents {
	return {
		name,
		reference: base64,
		bytes: undefined,
		chunks: () => [Buffer.from(base64, 'base64')],
	};
}

async function open(rules: FileRules, contents: Contents): Promise<InputFile> {
	const { mimeType, bytes } = await read(rules, contents, () => undefined);
	return {
		length: `data:${mimeType};base64,`.length + 4 * Math.ceil(bytes / 3),
		reference: contents.reference,
		async dataUri() {
			const chunks: Uint8Array[] = [];
			const whole = { ...contents, bytes: undefined };
			const found = await read(rules, whole, (chunk) => chunks.push(chunk));
			return `data:${found.mimeType};base64,${Buffer.concat(chunks).toString('base64')}`;
		},
	};
}

/**
 * Reads a file as far as it takes to check it: to its end, unless its size is known.
 *
 * @throws RunComfyError `invalidInput`
 */
async function read(
	{ label, formats, formatWords = orList(formats), maximumMib, minimumMib = 0 }: FileRules,
	{ name, bytes: known, chunks }: Contents,
	onChunk: (chunk: Uint8Array) => void,
): Promise<{ mimeType: string; bytes: number }> {
	const tooLarge = (bytes: number) => bytes > maximumMib * MIB;
	let head = Buffer.alloc(0);
	let bytes = 0;
	try {
		if (known === undefined || !tooLarge(known)) {
			for await (const chunk of await chunks()) {
				if (head.length < HEAD_BYTES) {
					head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
				}
				bytes += chunk.length;
				onChunk(chunk);
				if (tooLarge(bytes) || (known !== undefined && head.length === HEAD_BYTES)) break;
			}
		}
	} catch {
		// n8n's message names its folders; the file may have been deleted with its execution.
		throw invalidInput(`${label} cannot be read: n8n no longer has ${name}, or cannot open it`);
	}
	bytes = known ?? bytes;
	if (tooLarge(bytes)) {
		throw invalidInput(
			`${label} must be at most ${maximumMib} MiB, but ${name} is larger: use a smaller one, or give a public https URL in its place`,
		);
	}
	if (bytes < minimumMib * MIB) {
		throw invalidInput(`${label} must be at least ${minimumMib} MiB, but ${name} is smaller`);
	}
	const format = formatsOf(head).find((candidate) =>
		formats.some((allowed) => FORMATS[allowed] === candidate),
	);
	if (!format) {
		throw invalidInput(`${label} must be ${formatWords}, but ${name} is ${kindOf(head)}`);
	}
	return { mimeType: typeOf(format).mimeType, bytes };
}

function kindOf(head: Uint8Array): string {
	const [format] = formatsOf(head);
	if (format) return format.endings[0];
	if (head.length === 0) return 'empty';
	return isText(head) ? 'text' : 'something else';
}

function orList(names: readonly string[]): string {
	return names.join(', ').replace(/, (\w+)$/, ' or $1');
}

function quoted(name: string): string {
	return JSON.stringify(name.slice(0, LONGEST_NAME));
}
