import type { IDataObject, INodeExecutionData, NodeExecutionHint } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { capital, escapeHtml } from '../errors/errorText';
import { isFailure, type Outcome } from './outcomes';

const REUSED =
	'<i>Execute step</i> on the next node reuses this output at no charge, once its required fields are filled in.';
const PICTURE_HEIGHT_PX = 160;

/**
 * What n8n shows above the output (1.79 and later): what was made and what it cost, or why
 * nothing was. Absent where that is not known.
 *
 * @param media what the node makes, as its texts call it
 */
export function resultHint(outcomes: Outcome[], media: string): NodeExecutionHint | undefined {
	const requests = outcomes.flatMap((outcome) => (isFailure(outcome) ? [] : [outcome.items]));
	const finished = requests.filter((items) => items.some(hasFile));
	const [first] = finished;
	if (!first) return reasonForNothing(requests.flat());
	const [file] = first;
	const isOne = outcomes.length === 1 && first.length === 1 && file !== undefined;
	const failed = outcomes.filter(hasFailed);
	const told = isOne ? describe(file.json) : count(outcomes, finished, failed.length, media);
	const cost = totalCost(finished, failed);
	const words = [told, cost !== undefined && `<b>$${cost}</b>`].filter(Boolean).join(', ');
	const link = isOne ? linkTo(file.json) : '';
	return { message: `${words}. ${link}${REUSED}`, type: 'info', location: 'outputPane' };
}

function reasonForNothing(items: INodeExecutionData[]): NodeExecutionHint | undefined {
	const item = items.find(({ json }) => json.count === 0 && json.message !== undefined);
	if (!item) return undefined;
	const message = escapeHtml(String(item.json.message));
	return { message, type: 'warning', location: 'outputPane' };
}

function hasFile({ json }: INodeExecutionData): boolean {
	return json.media_type !== undefined;
}

/** Not what only goes on, or is completed without a file. */
function hasFailed(outcome: Outcome): boolean {
	if (isFailure(outcome)) return true;
	return !outcome.items.some(hasFile) && outcome.items.some(({ json }) => Boolean(json.error));
}

function count(
	outcomes: Outcome[],
	requests: INodeExecutionData[][],
	failed: number,
	media: string,
): string {
	const all = outcomes.length;
	const finished = requests.length;
	const files = requests.flat().filter(hasFile).length;
	if (all === 1 && files > 1) return `${files} files`;
	const noun = all === 1 || media === 'media' ? media : `${media}s`;
	if (finished === all) return `${all} ${noun}`;
	return `${all} ${noun}: ${finished} finished${failed > 0 ? `, ${failed} failed` : ''}`;
}

function describe({ media_type: kind, duration, width, height }: IDataObject): string {
	return [
		escapeHtml(capital(String(kind))),
		typeof duration === 'number' && `${Math.round(10 * duration) / 10} s`,
		typeof width === 'number' && typeof height === 'number' && `${width} × ${height}`,
	]
		.filter(Boolean)
		.join(', ');
}

/** In US dollars, of each request once; undefined unless RunComfy has told the cost of every finished one. */
function totalCost(finished: INodeExecutionData[][], failed: Outcome[]): string | undefined {
	const told = finished.map((items) => items.find(hasFile)?.json);
	const costs = new Map(told.map((json) => [json?.request_id, json?.cost]));
	for (const { id, cost } of failed.flatMap(costsOfFailed)) {
		if (cost !== undefined) costs.set(id, cost);
	}
	if (![...costs.values()].every((cost) => typeof cost === 'number')) return undefined;
	const sum = [...costs.values()].reduce((total: number, cost) => total + Number(cost), 0);
	return sum.toFixed(4).replace(/0{1,2}$/, '');
}

/** Also of a request that has finished, but whose file was not downloaded. */
function costsOfFailed(outcome: Outcome): IDataObject[] {
	if (!isFailure(outcome)) {
		return outcome.items.map(({ json }) => {
			const { request_id: id, cost } = (json.details ?? {}) as IDataObject;
			return { id, cost };
		});
	}
	const { error } = outcome;
	const { requestId, costUsd } = error instanceof RunComfyError ? error.facts : {};
	return [{ id: requestId, cost: costUsd }];
}

function linkTo({ url, media_type: kind }: IDataObject): string {
	if (typeof url !== 'string' || !url.startsWith('https://')) return '';
	const address = escapeHtml(url);
	const picture =
		kind === 'image' ? `<br><img src="${address}" alt="" height="${PICTURE_HEIGHT_PX}"><br>` : '';
	return `<a href="${address}" target="_blank">Open the file</a>. ${picture}`;
}
