import { createHash } from 'node:crypto';
import type { INodeProperties } from 'n8n-workflow';
import { isAgentTool } from '../errors/agentTool';
import type { ModelInput } from '../inputs/prepareInput';
import type { Item } from '../parameters/item';
import { isObject } from '../parameters/jsonText';
import type { RequestIdentity } from '../requests/requestMemory';

/**
 * What the user has asked for with an item: what is filled in, with expressions as text, for `{{ $now }}` gives
 * another value on every try. The `toolCallId` of an AI agent is new for each call (n8n 2.41.1, agent v3) and does
 * not count: a model that calls again after an error gets the request that it has made.
 */
export function readAsked(item: Item, inputFields: INodeProperties[]): string {
	const { parameters, credentials, type } = item.context.getNode();
	const { toolCallId, ...args } = item.json;
	const filledIn = filledInOf(parameters, inputFields);
	const asked = isAgentTool({ type }) || toolCallId === undefined ? args : { ...args, toolCallId };
	return hashOf([filledIn, asked, credentials?.runComfyApi?.id]);
}

/** For a tool its values count too: an expression can give another value for equal arguments. */
export function readIdentity(
	item: Item,
	inputFields: INodeProperties[],
	baseUrl: string,
	{ model, input, references }: ModelInput,
): RequestIdentity {
	const isTool = isAgentTool(item.context.getNode());
	return {
		asked: readAsked(item, inputFields),
		sent: hashOf([baseUrl, references, isTool && { model, input }]),
		call: isTool ? item.json : undefined,
	};
}

/** Without defaults: a later version may have more fields. */
function filledInOf(held: object, fields: INodeProperties[]): Record<string, unknown> {
	const given = Object.entries(held).flatMap(([name, value]: [string, unknown]) => {
		const own = fields.filter((field) => field.name === name);
		const filledIn = ownValue(value, own);
		const isUsual = own.some(
			({ default: usual }) => hashOf(ownValue(usual, [])) === hashOf(filledIn),
		);
		return own.length === 0 || isUsual ? [] : [[name, filledIn] as const];
	});
	return Object.fromEntries(given);
}

/** Without what n8n's editor (2.41.1) refreshes by itself: names from a list, the loaded form, empty fields. */
function ownValue(held: unknown, fields: INodeProperties[]): unknown {
	if (!isObject(held)) return held;
	if ('value' in held && ('__rl' in held || 'mode' in held)) return held.value;
	if ('mappingMode' in held) {
		const given = Object.entries(held.value ?? {}).filter(([, value]) => value !== null);
		return Object.fromEntries(given);
	}
	const groups = fields.flatMap(({ options = [] }) => options);
	return Object.fromEntries(
		Object.entries(held).map(([name, value]: [string, unknown]) => {
			const group = groups.find((option) => option.name === name);
			const entries = Array.isArray(value) ? value : [value];
			const isGroup = group && 'values' in group && entries.every(isObject);
			return [name, isGroup ? entries.map((entry) => filledInOf(entry, group.values)) : value];
		}),
	);
}

/** Of a value in which the order of names does not count, nor where n8n keeps a file: it renames files when it saves an execution. */
function hashOf(value: unknown): string {
	const lasting = JSON.stringify(value, (_, part: unknown) => {
		if (typeof part === 'bigint') return String(part);
		if (!isObject(part)) return part;
		const isFile = typeof part.mimeType === 'string';
		const names = Object.keys(part).filter((name) => !(isFile && name === 'id'));
		return Object.fromEntries(names.sort().map((name) => [name, part[name]]));
	});
	return createHash('sha256').update(lasting).digest('hex');
}
