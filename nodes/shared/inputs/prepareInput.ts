import { createHash } from 'node:crypto';
import { isDataUri } from '../api/dataUri';
import { invalidInput, type RunComfyError } from '../api/errors';
import { stringifyExact } from '../api/exactJson';
import type { Item } from '../parameters/item';
import { isBlank } from '../parameters/values';
import { checkInput } from './checkInput';
import { isHttpsUrl } from './fileSource';
import { findFiles, type FoundFile } from './findFiles';
import { faultList, listed, placeNames, type InputFault, type NameOf } from './inputFault';
import { binaryFields, MIB, openFile, type InputFile } from './inputFile';
import type { ModelInputs } from './modelInputs';
import { ANY, leaves, type Leaf, type Path } from './schema';

/** What RunComfy's own clients send at most, with all files. */
const MAXIMUM_REQUEST_MIB = 64;

/** What to generate, checked. */
export interface ModelInput {
	model: string;
	/** What is sent, but for its files. */
	input: object;
	/** Gives the input as it will be sent; absent where there are no files. Rejects with `invalidInput`. */
	load?(): Promise<object>;
	/** What tells the files from others, and data URIs. */
	references?: string[];
	/** The user's own texts in the input, which stay out of errors. */
	prompts: string[];
	/** Makes of the input, with its files, the body that is sent; the input itself by default. */
	asSent?(input: object): object;
	/** What the answer says besides what RunComfy does. */
	told?: Record<string, unknown>;
}

/** The input of a model as a user gives it, in the types of the schema. */
export interface GivenInput {
	model: string;
	values: Record<string, unknown>;
	/** What errors call a place in it; by default the names that lead there. */
	nameOf?: NameOf;
	faults?: InputFault[];
	/** Whether it is of a workflow of ComfyUI, which has values for all that is not given. */
	ofWorkflow?: boolean;
	/** Whether whole numbers may have more digits than JavaScript's, such as ComfyUI's seeds of 64 bits. */
	takesBigints?: boolean;
}

/**
 * Finds the files in what a user gives, checks it against what the model takes, and attaches the files.
 *
 * @param inputs absent for a model whose schema is not known: then any input is right
 * @throws RunComfyError `invalidInput`, naming the faults
 */
export async function prepareInput(
	item: Item,
	given: GivenInput,
	inputs?: ModelInputs,
): Promise<ModelInput> {
	const { model, values, nameOf = placeNames(), faults: known = [] } = given;
	const { ofWorkflow = false, takesBigints = false } = given;
	const schema = inputs?.schema ?? ANY;
	const { input, files, faults } = findFiles(values, schema);
	const parts = leaves(input, schema);
	const named = filesAsWords(parts, binaryFields(item));
	const all = [...faults, ...checkInput(input, schema, takesBigints), ...known, ...named];
	if (all.length > 0) throw faultList(all, nameOf);
	// With nothing in it, it would buy whatever the model makes of that.
	if (!ofWorkflow && !parts.some((part) => part.schema.choices ?? !isBlank(part.value))) {
		const { fields = [] } = inputs ?? {};
		throw nothingGiven(fields[0] ? fields.map(({ name }) => name) : Object.keys(input), nameOf);
	}
	const prompts = parts.filter(isOwnText).map(({ value }) => value);
	const attached = await attachFiles(item, input, files, nameOf);
	const references = [...dataUrisIn(values), ...attached.references];
	return { model, input, prompts, ...attached, ...(references.length > 0 && { references }) };
}

function nothingGiven(names: string[], nameOf: NameOf): RunComfyError {
	const labels = names.map((name) => nameOf([name]));
	const which = labels.length > 0 ? `at least one of ${listed(labels)}` : 'the inputs';
	return invalidInput(`Nothing is filled in, and an empty request would be billed: set ${which}`);
}

/** Text that is the name of a binary field, where the schema does not say whether the input is a file. */
function filesAsWords(parts: Leaf[], fields: string[]): InputFault[] {
	return parts.flatMap(({ value, schema, path }) => {
		if (typeof value !== 'string' || schema.choices || path.includes('prompt')) return [];
		const field = fields.find((name) => name.trim() === value.trim());
		if (field === undefined) return [];
		const says = `is the name of a binary field of the item: for the file in it, give { "binary": ${JSON.stringify(field)} }; for the word itself, rename the binary field`;
		return [{ path, says }];
	});
}

function isOwnText(part: Leaf): part is Leaf & { value: string } {
	const { value, schema } = part;
	return typeof value === 'string' && !schema.choices && !isDataUri(value) && !isHttpsUrl(value);
}

/** Also where the schema calls none a file: what is known of it can be less in the next try, which is the same. */
function dataUrisIn(values: object): string[] {
	return leaves(values, ANY).flatMap(({ value }) =>
		typeof value === 'string' && isDataUri(value)
			? createHash('sha256').update(value.trim()).digest('base64')
			: [],
	);
}

/** Checks the files of an input, which get into it as data URIs when it is sent, and are not held until then. */
async function attachFiles(
	item: Item,
	input: object,
	found: FoundFile[],
	nameOf: NameOf,
): Promise<Pick<ModelInput, 'load'> & { references: string[] }> {
	const files: Array<InputFile & { path: Path }> = [];
	for (const { path, source, type } of found) {
		files.push({ path, ...(await openFile(item, source, type, nameOf(path))) });
	}
	refuseOversize(input, files);
	const ofItem = found.flatMap(({ source }, index) =>
		'dataUri' in source ? [] : (files[index]?.reference ?? []),
	);
	if (files.length === 0) return { references: ofItem };
	return {
		references: ofItem,
		async load() {
			let loaded: unknown = input;
			for (const { path, dataUri } of files) loaded = withValue(loaded, path, await dataUri());
			return loaded as object;
		},
	};
}

/** A copy of what is on the way to a place, with another value there; the rest is shared. */
function withValue(whole: unknown, [key, ...rest]: Path, value: unknown): unknown {
	if (key === undefined) return value;
	const parts = whole as Record<string | number, unknown>;
	const changed = withValue(parts[key], rest, value);
	return Array.isArray(whole) ? whole.with(Number(key), changed) : { ...parts, [key]: changed };
}

function refuseOversize(input: object, files: InputFile[]): void {
	const bytes = files.reduce(
		(sum, { length }) => sum + length,
		Buffer.byteLength(stringifyExact(input)),
	);
	if (bytes <= MAXIMUM_REQUEST_MIB * MIB) return;
	throw invalidInput(
		`The request must be at most ${MAXIMUM_REQUEST_MIB} MiB with its files, but is larger: use smaller files, or give public https URLs in their place`,
	);
}
