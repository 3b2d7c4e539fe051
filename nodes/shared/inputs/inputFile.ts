import { createHash } from 'node:crypto';
import type { IBinaryData } from 'n8n-workflow';
import { invalidInput } from '../api/errors';
import {
	FORMATS,
	formatsOf,
	HEAD_BYTES,
	isText,
	kindOfType,
	typeOf,
	type Format,
} from '../media/formats';
import type { MediaKind } from '../media/media';
import type { Item } from '../parameters/item';
import type { FileSource } from './fileSource';
import type { FileType } from './schema';

/** What RunComfy's own clients send at most of a file, in MiB. */
const MAXIMUM_MIB: Record<MediaKind, number> = { image: 6, audio: 16, video: 32 };
const WORDS: Record<MediaKind, string> = {
	image: 'an image',
	audio: 'an audio file',
	video: 'a video',
};
export const MIB = 2 ** 20;
const LONGEST_NAME = 40;

/** A file that goes into a request as a data URI: checked, and not held. */
export interface InputFile {
	/** Of the data URI, in characters. */
	length: number;
	/** A hash of the contents: n8n gives a file another ID when it saves an execution. */
	reference: string;
	/** Reads the file, whole; rejects with `invalidInput` when it is no longer what was checked. */
	dataUri: () => Promise<string>;
}

interface Contents {
	name: string;
	bytes?: number;
	chunks(): Promise<AsyncIterable<Uint8Array>> | Iterable<Uint8Array>;
}

/**
 * Checks a file in the store that n8n keeps it in (memory, disk or database), or a data URI.
 *
 * @param label what errors call the input
 * @throws RunComfyError `invalidInput`
 */
export async function openFile(
	item: Item,
	source: FileSource,
	type: FileType,
	label: string,
): Promise<InputFile> {
	const contents = await contentsOf(item, source, label);
	const checked = await read(contents, type, label, () => undefined);
	return {
		length: `data:${checked.mimeType};base64,`.length + 4 * Math.ceil(checked.bytes / 3),
		reference: checked.hash,
		dataUri: async () => {
			const chunks: Uint8Array[] = [];
			const { mimeType } = await read(contents, type, label, (chunk) => chunks.push(chunk));
			return `data:${mimeType};base64,${Buffer.concat(chunks).toString('base64')}`;
		},
	};
}

async function contentsOf(item: Item, source: FileSource, label: string): Promise<Contents> {
	if ('dataUri' in source) return inMemory('the data URI', base64Of(source.dataUri, label));
	if ('stored' in source)
		return await stored(item, givenFile(item, source.stored, label), 'the file');
	const { binary } = source;
	const name = `the file in the binary field ${quoted(binary)}`;
	return await stored(item, fileInField(item, binary, label), name);
}

function base64Of(dataUri: string, label: string): string {
	const comma = dataUri.indexOf(',');
	const base64 = dataUri.slice(comma + 1);
	// No pattern over all of it: one of many MiB can be more than the stack of the engine holds.
	const isRight = /^\s*data:[^,]*;\s*base64\s*$/i.test(dataUri.slice(0, Math.max(0, comma)));
	if (isRight && !/[^\w+/=\s-]/.test(base64)) return base64;
	throw invalidInput(`${label} must be a data URI in base64`);
}

/** Also a file that `binaryMode: combined` (n8n 2.41.1) keeps in the JSON, under `_files`. */
function fileInField(item: Item, field: string, label: string): IBinaryData {
	const names = binaryFields(item);
	const alike = names.filter((name) => name.trim() === field.trim());
	const file = [field, ...alike]
		.flatMap((path) => [path, `_files.${path}`])
		.map((path) => findBinary(item, path))
		.find(Boolean);
	if (file) return file;
	const others = names.length > 0 ? `: it has ${names.map(quoted).join(', ')}` : '';
	throw invalidInput(
		`${label} must be a binary field of the item, but it has none called ${quoted(field)}${others}`,
	);
}

/** The file of the item that n8n's own data of it describes, with or without its contents. */
function givenFile(item: Item, given: IBinaryData, label: string): IBinaryData {
	const own = Object.values(item.context.getInputData()[item.index]?.binary ?? {});
	const facts = Object.entries(given).filter(([name]) => name !== 'data');
	const alike = own.filter((file: Record<string, unknown>) =>
		facts.every(([name, fact]) => file[name] === fact),
	);
	const hasContents = given.id !== undefined || Boolean(given.data);
	const files = hasContents ? [given] : alike;
	const contents = new Set(files.map(({ id, data }) => id ?? data));
	const [file] = files;
	if (file && contents.size === 1) return file;
	throw invalidInput(
		`${label} cannot be read: its expression gives a file without its contents${file ? ', and the item has several like it' : ''}. Name the binary field of the item instead`,
	);
}

async function stored(item: Item, { id, data }: IBinaryData, name: string): Promise<Contents> {
	if (id === undefined) return inMemory(name, data);
	const { getBinaryMetadata, getBinaryStream } = item.context.helpers;
	const metadata = await getBinaryMetadata(id).catch(() => undefined);
	return {
		name,
		...(metadata && { bytes: metadata.fileSize }),
		chunks: async () => await getBinaryStream(id),
	};
}

function findBinary({ context, index }: Item, path: string): IBinaryData | undefined {
	try {
		const file = context.helpers.assertBinaryData(index, path);
		// By its name n8n also finds what every object has, such as `constructor`.
		return typeof file.data === 'string' ? file : undefined;
	} catch {
		return undefined;
	}
}

export function binaryFields(item: Item): string[] {
	const { binary = {} } = item.context.getInputData()[item.index] ?? {};
	const inJson = Object.keys((item.json._files ?? {}) as object);
	return [...Object.keys(binary), ...inJson.filter((name) => findBinary(item, `_files.${name}`))];
}

function inMemory(name: string, base64: string): Contents {
	return { name, chunks: () => [Buffer.from(base64, 'base64')] };
}

async function read(
	{ name, bytes: known = 0, chunks }: Contents,
	type: FileType,
	label: string,
	onChunk: (chunk: Uint8Array) => void,
): Promise<{ mimeType: string; bytes: number; hash: string }> {
	const maximumMib = Math.min(MAXIMUM_MIB[type.kind ?? 'video'], type.maximumMib ?? Infinity);
	const refuseLarge = (size: number) => {
		if (size <= maximumMib * MIB) return;
		throw invalidInput(
			`${label} must be at most ${maximumMib} MiB, but ${name} is larger: use a smaller one, or give a public https URL in its place`,
		);
	};
	refuseLarge(known);
	const hash = createHash('sha256');
	let head = Buffer.alloc(0);
	let bytes = 0;
	for await (const chunk of readable(label, name, chunks)) {
		if (head.length < HEAD_BYTES) {
			head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
		}
		bytes += chunk.length;
		refuseLarge(bytes);
		hash.update(chunk);
		onChunk(chunk);
	}
	return { mimeType: mimeTypeOf(head, type, label, name), bytes, hash: hash.digest('base64') };
}

/** The chunks of a file, or an error for people: n8n's names its folders, and the file may be gone with its execution. */
async function* readable(
	label: string,
	name: string,
	chunks: Contents['chunks'],
): AsyncGenerator<Uint8Array> {
	try {
		yield* await chunks();
	} catch {
		throw invalidInput(`${label} cannot be read: n8n no longer has ${name}, or cannot open it`);
	}
}

function mimeTypeOf(
	head: Uint8Array,
	{ kind, formats }: FileType,
	label: string,
	name: string,
): string {
	const found = formatsOf(head);
	const allowed = formats?.map((one): Format => FORMATS[one]);
	const format = found.find(
		(one) => allowed?.includes(one) ?? (!kind || kindOfType(one.mimeTypes[0]) === kind),
	);
	if (format) return typeOf(format).mimeType;
	const other = head.length === 0 ? 'empty' : isText(head) ? 'text' : 'something else';
	const actual = found[0]?.endings[0] ?? other;
	const media = kind ? WORDS[kind] : 'an image, a video or an audio file';
	const rule = formats?.join(', ').replace(/, (\w+)$/, ' or $1') ?? media;
	throw invalidInput(`${label} must be ${rule}, but ${name} is ${actual}`);
}

function quoted(name: string): string {
	return JSON.stringify(name.slice(0, LONGEST_NAME));
}
