import type { MediaKind } from '../../shared/media/media';
import type { Choice, JsonType, Schema } from '../../shared/inputs/schema';
import { isObject } from '../../shared/parameters/jsonText';
import { wrappedList, type WorkflowNode } from './graph';

/** What a deployment can take as a data URI: RunComfy names no limit, a gateway's usual one is 10 MB a request. */
const MAXIMUM_FILE_MIB = 7;

/** What is known of one literal input of a workflow. */
export interface InputType {
	/** What a value is checked against. */
	schema: Schema;
	/** What a form offers; more may be right, where `schema` has no choices. */
	choices?: Choice[];
	/** Whether it is text of several lines. */
	isLongText: boolean;
}

/** The types of ComfyUI that a value can be checked against. */
const TYPES: Record<string, JsonType> = {
	INT: 'integer',
	FLOAT: 'number',
	STRING: 'string',
	BOOLEAN: 'boolean',
};
const MEDIA = ['image', 'audio', 'video'] as const satisfies MediaKind[];
/** `LoadImageMask`, `VHS_LoadVideo`; what takes base64 without a head takes no data URI. */
const LOADER = /Load(Image|Audio|Video)(?!\w*Base64)/;
const LOADED = /^(?:image|audio|video|file)$/;
/** The name of a file, in a list of those on the machine that the list was made on. */
const FILE = /\.\w{2,11}$/;

/**
 * The type of an input, by what ComfyUI says of its class, or else by its saved value, which knows no whole numbers
 * from others.
 *
 * @param objectInfo ComfyUI's `object_info`, or anything: the class may be missing in it
 */
export function inputTypeOf(node: WorkflowNode, name: string, objectInfo: unknown): InputType {
	const [type, options] = specOf(node, name, objectInfo);
	const isLongText = options.multiline === true;
	const kind = mediaOf(node, name, options);
	const listed = Array.isArray(type) ? type : options.options;
	const choices = Array.isArray(listed) ? choicesIn(listed) : [];
	if (kind) {
		const schema: Schema = { types: ['string'], file: { kind, maximumMib: MAXIMUM_FILE_MIB } };
		return { schema, choices, isLongText };
	}
	if (Array.isArray(listed)) return { ...comboOf(node.inputs[name], choices, options), isLongText };
	const known = typeof type === 'string' ? TYPES[type] : undefined;
	if (known === undefined) return { schema: schemaOfValue(node.inputs[name]), isLongText };
	return { schema: { types: [known], ...rangeOf(known, options) }, isLongText };
}

/** `[type, options]`, as a class declares an input; nothing where it does not. */
function specOf(
	{ classType }: WorkflowNode,
	name: string,
	objectInfo: unknown,
): [type: unknown, options: Record<string, unknown>] {
	const input = own(own(objectInfo, classType), 'input');
	const spec = own(own(input, 'required'), name) ?? own(own(input, 'optional'), name);
	if (!Array.isArray(spec)) return [undefined, {}];
	const [type, options] = spec as unknown[];
	return [type, isObject(options) ? options : {}];
}

function own(value: unknown, name: string): unknown {
	return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function mediaOf(
	{ classType, inputs }: WorkflowNode,
	name: string,
	options: Record<string, unknown>,
): MediaKind | undefined {
	if (typeof inputs[name] !== 'string') return undefined;
	const flagged = MEDIA.find((kind) => options[`${kind}_upload`] === true);
	if (flagged || !LOADED.test(name)) return flagged;
	const [, loader] = LOADER.exec(classType) ?? [];
	// The editor's own button, for which it writes this beside the file.
	return MEDIA.find((kind) => kind === (loader?.toLowerCase() ?? inputs.upload));
}

/** ComfyUI's own combos list values, the dynamic ones an object each. */
function choicesIn(list: unknown[]): Choice[] {
	return list
		.map((entry) => (isObject(entry) ? entry.key : entry))
		.filter((entry) => ['string', 'number', 'boolean'].includes(typeof entry)) as Choice[];
}

/** A list of files, or one that is loaded later, says only what there was when it was made. */
function comboOf(
	saved: unknown,
	choices: Choice[],
	options: Record<string, unknown>,
): Pick<InputType, 'schema' | 'choices'> {
	const isOpen =
		choices.length === 0 ||
		'remote' in options ||
		options.multiselect === true ||
		[saved, ...choices].some((value) => FILE.test(String(value)));
	if (isOpen) return { schema: schemaOfValue(saved), choices };
	const all = choices.includes(saved as Choice) ? choices : [saved as Choice, ...choices];
	return { schema: { types: [], choices: all }, choices: all };
}

function schemaOfValue(saved: unknown): Schema {
	if (wrappedList(saved)) return { types: ['array'] };
	if (isObject(saved)) return { types: ['object'] };
	const type = typeof saved === 'bigint' ? 'number' : typeof saved;
	return { types: type === 'string' || type === 'number' || type === 'boolean' ? [type] : [] };
}

/** JSON rounds the largest number of 64 bits up by one. A range that holds nothing says nothing. */
function rangeOf(type: JsonType, { min, max }: Record<string, unknown>): Partial<Schema> {
	if (type !== 'integer' && type !== 'number') return {};
	if (Number(min) > Number(max)) return {};
	const isLarge = typeof max === 'number' && max > Number.MAX_SAFE_INTEGER;
	return {
		...(typeof min === 'number' && Number.isSafeInteger(Math.ceil(min)) && { minimum: min }),
		...(Number.isFinite(max) && { maximum: isLarge ? BigInt(max) - 1n : Number(max) }),
	};
}
