import { invalidInput, type RunComfyError } from '../api/errors';
import type { Item } from '../parameters/item';
import { attachFiles, type InputWithFiles } from './attachFiles';
import { checkInput, isEmpty } from './checkInput';
import { isDataUri } from '../api/dataUri';
import { isHttpsUrl } from './fileSource';
import { fileRules, findFiles } from './findFiles';
import { binaryFields } from './inputFile';
import { faultList, shownName, type InputFault } from './inputFault';
import { listed } from './inputRule';
import type { ModelInputs } from './modelInputs';
import type { Schema } from './schema';

/** How many inputs an error lists. */
const MOST_NAMES = 12;

/** What to generate, checked. */
export interface ModelInput extends InputWithFiles {
	model: string;
	/** The user's own texts in the input, which stay out of errors. */
	prompts: string[];
}

/** The input of a model as a user gives it, in the types of the schema. */
export interface GivenInput {
	model: string;
	values: Record<string, unknown>;
	/** What errors call a place in it; by default the names that lead there. */
	nameOf?: (path: InputFault['path']) => string;
	/** What else is wrong with it. */
	faults?: InputFault[];
}

/**
 * Makes of what a user gives the input that is sent: finds its files, checks it against what the model takes,
 * and attaches the files.
 *
 * @param inputs absent for a model whose schema is not known: then any input is right
 * @throws RunComfyError `invalidInput`, naming the faults
 */
export async function prepareInput(
	item: Item,
	{ model, values, nameOf = (path) => pathName(path), faults: known = [] }: GivenInput,
	inputs?: ModelInputs,
): Promise<ModelInput> {
	const schema: Schema = inputs?.schema ?? { types: ['object'] };
	const { input, files, faults } = findFiles(values, schema);
	const all = [
		...faults,
		...checkInput(input, schema),
		...known,
		...filesAsWords(binaryFields(item), input, schema),
	];
	if (all.length > 0) throw faultList(all.map(({ path, says }) => `${nameOf(path)} ${says}`));
	if (!isAnythingGiven(values, schema)) throw nothingGiven(values, nameOf, inputs);
	const attached = await attachFiles(
		item,
		input,
		files.map(({ path, source, type }) => ({ path, source, rules: fileRules(type, nameOf(path)) })),
	);
	return { model, prompts: ownTexts(values, schema), ...attached };
}

/** Whether an input says what to generate; one with nothing in it would buy whatever a model makes of that. */
function isAnythingGiven(values: Record<string, unknown>, { properties = {} }: Schema): boolean {
	return Object.entries(values).some(([name, value]) => {
		const isChoice = Object.hasOwn(properties, name) && properties[name]?.choices;
		return isChoice || !isEmpty(value);
	});
}

function nothingGiven(
	values: Record<string, unknown>,
	nameOf: (path: InputFault['path']) => string,
	inputs: ModelInputs | undefined,
): RunComfyError {
	const known = inputs?.fields.map(({ name }) => name) ?? [];
	const names = (known.length > 0 ? known : Object.keys(values)).map((name) => nameOf([name]));
	const which = names.length > 0 ? `at least one of ${listed(names, MOST_NAMES)}` : 'the inputs';
	return invalidInput(`Nothing is filled in, and an empty request would be billed: set ${which}`);
}

/** Text that is the name of a binary field, where the schema does not say whether the input is a file. */
function filesAsWords(
	fields: string[],
	value: unknown,
	schema: Schema | undefined,
	path: InputFault['path'] = [],
): InputFault[] {
	if (schema?.choices || path.at(-1) === 'prompt') return [];
	if (typeof value === 'object' && value !== null) {
		return Object.entries(value).flatMap(([name, part]) =>
			Array.isArray(value)
				? filesAsWords(fields, part, schema?.items, [...path, Number(name)])
				: filesAsWords(fields, part, ownProperty(schema, name), [...path, name]),
		);
	}
	const field = fields.find((name) => typeof value === 'string' && name.trim() === value.trim());
	if (field === undefined) return [];
	return [
		{
			path,
			says: `is the name of a binary field of the item: for the file in it, give { "binary": ${JSON.stringify(field)} }; for the word itself, rename the binary field`,
		},
	];
}

function ownProperty(
	{ properties = {} }: Schema = { types: [] },
	name: string,
): Schema | undefined {
	return Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** All texts but choices and where files are. */
function ownTexts(value: unknown, schema: Schema | undefined): string[] {
	if (schema?.choices || schema?.file || schema?.items?.file) return [];
	if (typeof value === 'string') return isDataUri(value) || isHttpsUrl(value) ? [] : [value];
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([name, part]) =>
		ownTexts(part, schema?.properties?.[name]),
	);
}

/**
 * What errors call a place in an input.
 *
 * @param labels what a form calls a name
 */
export function pathName(path: InputFault['path'], labels?: Map<string, string>): string {
	const names = path.map((part) =>
		typeof part === 'number' ? `entry ${part + 1}` : (labels?.get(part) ?? shownName(part)),
	);
	return names.join(', ');
}
