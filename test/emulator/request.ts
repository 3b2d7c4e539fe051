import { costOf, type Price } from './price';
import type { Output, Scenario } from './scenarios';

/** A paid request as the emulator keeps it. */
export interface EmulatedRequest {
	requestId: string;
	model: string;
	input: Record<string, unknown>;
	scenario: Scenario;
	/** What the model makes. */
	makes: Output;
	/** What it costs a unit, in US dollars. */
	price: Price;
	createdAt: number;
	/** From when on it is cancelled. */
	cancelledAt?: number;
	/** How often its result was asked for; each answer names links of its own. */
	timesAsked: number;
}

/** When a request is looked at, and where the emulator is. */
export interface Look {
	/** Epoch ms. */
	now: number;
	/** The emulator's URL. */
	url: string;
}

/** The state of a request by the clock. */
export function stateOf(
	{ createdAt, cancelledAt, scenario }: EmulatedRequest,
	now: number,
): string {
	const age = now - createdAt;
	const endsAt = createdAt + scenario.queuedMs + scenario.runMs;
	// A machine takes a moment to end what is cancelled, in which it may finish: then it stays finished.
	if (cancelledAt !== undefined && cancelledAt < endsAt && now >= cancelledAt) return 'cancelled';
	if (age < scenario.queuedMs) return 'in_queue';
	if (now < endsAt) return 'in_progress';
	return scenario.ends;
}

/** The words of the documentation where `status` and `result` have other ones for the same state. */
const STATUS_WORDS: Record<string, string> = { failed: 'completed' };
const RESULT_WORDS: Record<string, string> = { completed: 'succeeded' };

/** What `status` answers. By the documentation it has no `cancel_url`, and never says that a run has failed. */
export function statusOf(request: EmulatedRequest, look: Look): Record<string, unknown> {
	const { requestId, scenario, createdAt } = request;
	const state = stateOf(request, look.now);
	const done = Math.min(1, (look.now - createdAt) / scenario.queuedMs);
	const { cancel_url: _, ...links } = linksOf(request, look.url);
	return {
		request_id: requestId,
		status: scenario.statusWords?.[state] ?? scenario.words[state] ?? STATUS_WORDS[state] ?? state,
		...(state === 'in_queue' && {
			queue_position: Math.max(1, Math.ceil(scenario.queuePosition * (1 - done))),
		}),
		...links,
	};
}

/** What `result` answers. */
export function resultOf(
	request: EmulatedRequest,
	look: Look,
	withCost: boolean,
): Record<string, unknown> {
	const { requestId, scenario, createdAt, model, price, input } = request;
	const state = stateOf(request, look.now);
	const status = scenario.words[state] ?? RESULT_WORDS[state] ?? state;
	const head = { request_id: requestId, status, model_id: model };
	if (state === 'failed') return { ...head, ...scenario.failure };
	if (state !== 'completed') return head;
	if (scenario.finishedResult === 'error') {
		return { ...head, error: { message: 'content policy' } };
	}
	const finishedAt = createdAt + scenario.queuedMs + scenario.runMs;
	return {
		...head,
		output: outputOf(request, look),
		created_at: new Date(createdAt).toISOString(),
		finished_at: new Date(finishedAt).toISOString(),
		...(withCost && { cost: costOf(price, input) }),
	};
}

/** The URLs that `submit` names. */
export function linksOf({ requestId }: EmulatedRequest, url: string): Record<string, string> {
	const base = `${url}/v1/requests/${requestId}`;
	return {
		status_url: `${base}/status`,
		result_url: `${base}/result`,
		cancel_url: `${base}/cancel`,
	};
}

function outputOf(
	{ requestId, scenario, makes, input, timesAsked }: EmulatedRequest,
	{ url }: Look,
): unknown {
	const at = (index: number, ending: string) =>
		`${url}/media/${requestId}_${index}.${ending}?signature=${timesAsked}`;
	const video = at(0, 'mp4');
	switch (scenario.output ?? makes) {
		case 'video':
			return { video };
		case 'videos':
			return { videos: [video, at(1, 'mp4')] };
		case 'image':
			return { image: at(0, 'png') };
		case 'images':
			return {
				images: Array.from({ length: Number(input.num_images ?? 3) }, (_, index) =>
					at(index, 'png'),
				),
			};
		case 'audio':
			return { audio: at(0, 'mp3') };
		case 'audios':
			return { audios: [at(0, 'mp3'), at(1, 'mp3')] };
		case 'mixed':
			return { video, videos: [video, at(1, 'mp4')], image: at(2, 'png'), images: [at(3, 'png')] };
		case 'nested':
			return { video: { url: video }, audios: [{ url: at(1, 'wav') }, { url: at(1, 'wav') }] };
		case 'text':
			return { text: 'A red boat on a calm sea, seen from above.' };
		case 'url':
			return video;
		case 'urls':
			return [video, at(1, 'mp4')];
		case 'nothing':
			return {};
	}
}
