import { createHash } from 'node:crypto';
import type { IBinaryData } from 'n8n-workflow';
import { invalidInput } from '../api/errors';
import { FORMATS, formatsOf, HEAD_BYTES, isText, typeOf, type FormatName } from '../media/formats';
import type { MediaKind } from '../media/media';
import type { Item } from '../parameters/item';

/** What RunComfy's own clients send at most of a file, in MiB. */
export const MAXIMUM_MIB: Record<MediaKind, number> = { image: 6, audio: 16, video: 32 };
const MIB = 2 ** 20;
const LONGEST_NAME = 40;

/** A file that goes into a request as a data URI: checked, and not held. */
export interface InputFile {
	/** Of the data URI, in characters. */
	length: number;
	/** A hash of the contents: n8n gives a file another ID when it saves an execution. */
	reference: string;
	/** Reads the file, whole; rejects with `invalidInput` when it is no longer what was checked. */
	dataUri(): Promise<string>;
}

export interface FileRules {
	/** What errors call the input. */
	label: string;
	formats: readonly FormatName[];
	/** What errors call these formats; by default they are listed. */
	formatWords?: string;
	maximumMib: number;
	minimumMib?: number;
}

/** Where the bytes of a file are. */
interface Contents {
	/** What an error calls the file. */
	name: string;
	bytes?: number;
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
	item: Item,
	field: string,
	rules: FileRules,
): Promise<InputFile> {
	const names = binaryFields(item);
	const alike = names.filter((name) => name.trim() === field.trim());
	const file = [field, ...alike]
		.flatMap((path) => [path, `_files.${path}`])
		.map((path) => findBinary(item, path))
		.find(Boolean);
	if (!file) {
		const others = names.length > 0 ? `: it has ${names.map(quoted).join(', ')}` : '';
		throw invalidInput(
			`${rules.label} must be a binary field of the item, but it has none called ${quoted(field)}${others}`,
		);
	}
	return await openStored(item, file, `the file in the binary field ${quoted(field)}`, rules);
}

/**
 * Checks a file by n8n's own data of it.
 *
 * @throws RunComfyError `invalidInput`
 */
export async function openGiven(
	item: Item,
	given: IBinaryData,
	rules: FileRules,
): Promise<InputFile> {
	const own = Object.values(item.context.getInputData()[item.index]?.binary ?? {});
	const hasContents = given.id !== undefined || Boolean(given.data);
	const files = hasContents ? [given] : own.filter((file) => isDescribedBy(file, given));
	const contents = new Set(files.map(({ id, data }) => id ?? data));
	const [file] = files;
	if (file && contents.size === 1) return await openStored(item, file, 'the file', rules);
	throw invalidInput(
		`${rules.label} cannot be read: its expression gives a file without its contents${file ? ', and the item has several like it' : ''}. Name the binary field of the item instead`,
	);
}

/** Whether all that is said of a file, but for its contents, is true of another. */
function isDescribedBy(file: IBinaryData, facts: IBinaryData): boolean {
	const own: Record<string, unknown> = { ...file };
	return Object.entries(facts).every(([name, fact]) => name === 'data' || own[name] === fact);
}

async function openStored(
	item: Item,
	{ id, data }: IBinaryData,
	name: string,
	rules: FileRules,
): Promise<InputFile> {
	if (id === undefined) return await open(rules, inMemory(name, data));
	const { getBinaryMetadata, getBinaryStream } = item.context.helpers;
	const metadata = await getBinaryMetadata(id).catch(() => undefined);
	return await open(rules, {
		name,
		...(metadata && { bytes: metadata.fileSize }),
		chunks: async () => await getBinaryStream(id),
	});
}

/** @throws RunComfyError `invalidInput` */
export async function openDataUri(text: string, rules: FileRules): Promise<InputFile> {
	const comma = text.indexOf(',');
	const base64 = text.slice(comma + 1);
	// No pattern over all of it: one of many MiB can be more than the stack of the engine holds.
	const isRight = /^\s*data:[^,]*;\s*base64\s*$/i.test(text.slice(0, Math.max(0, comma)));
	if (!isRight || /[^\w+/=\s-]/.test(base64)) {
		throw invalidInput(`${rules.label} must be a data URI in base64`);
	}
	return await open(rules, inMemory('the data URI', base64));
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

/** The names of the binary fields of an item. */
export function binaryFields(item: Item): string[] {
	const { binary = {} } = item.context.getInputData()[item.index] ?? {};
	const inJson = Object.keys((item.json._files ?? {}) as object);
	return [...Object.keys(binary), ...inJson.filter((name) => findBinary(item, `_files.${name}`))];
}

function inMemory(name: string, base64: string): Contents {
	return { name, chunks: () => [Buffer.from(base64, 'base64')] };
}

async function open(rules: FileRules, contents: Contents): Promise<InputFile> {
	const checked = await read(rules, contents, () => undefined);
	return {
		length: `data:${checked.mimeType};base64,`.length + 4 * Math.ceil(checked.bytes / 3),
		reference: checked.hash,
		async dataUri() {
			const chunks: Uint8Array[] = [];
			const { mimeType } = await read(rules, contents, (chunk) => chunks.push(chunk));
			return `data:${mimeType};base64,${Buffer.concat(chunks).toString('base64')}`;
		},
	};
}

async function read(
	rules: FileRules,
	{ name, bytes: known = 0, chunks }: Contents,
	onChunk: (chunk: Uint8Array) => void,
): Promise<{ mimeType: string; bytes: number; hash: string }> {
	const { label, maximumMib, minimumMib = 0 } = rules;
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
	if (bytes < minimumMib * MIB) {
		throw invalidInput(`${label} must be at least ${minimumMib} MiB, but ${name} is smaller`);
	}
	return { mimeType: typeOfHead(rules, name, head), bytes, hash: hash.digest('base64') };
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

function typeOfHead(
	{ label, formats, formatWords = orList(formats) }: FileRules,
	name: string,
	head: Uint8Array,
): string {
	const found = formatsOf(head);
	const format = found.find((one) => formats.some((allowed) => FORMATS[allowed] === one));
	if (format) return typeOf(format).mimeType;
	const other = head.length === 0 ? 'empty' : isText(head) ? 'text' : 'something else';
	const kind = found[0]?.endings[0] ?? other;
	throw invalidInput(`${label} must be ${formatWords}, but ${name} is ${kind}`);
}

function orList(names: readonly string[]): string {
	return names.join(', ').replace(/, (\w+)$/, ' or $1');
}

function quoted(name: string): string {
	return JSON.stringify(name.slice(0, LONGEST_NAME));
}
