import type { Output, Scenario } from './scenarios';

/** A paid request as the emulator keeps it. */
export interface EmulatedRequest {
	requestId: string;
	model: string;
	input: Record<string, unknown>;
	scenario: Scenario;
	/** What the model makes. */
	makes: Output;
	createdAt: number;
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
	if (cancelledAt !== undefined) return 'cancelled';
	if (age < scenario.queuedMs) return 'in_queue';
	if (age < scenario.queuedMs + scenario.runMs) return 'in_progress';
	return scenario.ends;
}

/** What `status` answers. */
export function statusOf(request: EmulatedRequest, look: Look): Record<string, unknown> {
	const { requestId, scenario, createdAt } = request;
	const state = stateOf(request, look.now);
	const done = Math.min(1, (look.now - createdAt) / scenario.queuedMs);
	return {
		request_id: requestId,
		status: scenario.statusWords?.[state] ?? scenario.words[state] ?? state,
		...(state === 'in_queue' && {
			queue_position: Math.max(1, Math.ceil(scenario.queuePosition * (1 - done))),
		}),
		...linksOf(request, look.url),
	};
}

/** What `result` answers. */
export function resultOf(
	request: EmulatedRequest,
	look: Look,
	withCost: boolean,
): Record<string, unknown> {
	const { requestId, scenario, createdAt, model } = request;
	const state = stateOf(request, look.now);
	const head = { request_id: requestId, status: scenario.words[state] ?? state, model_id: model };
	if (state === 'failed') return { ...head, error: 'content policy' };
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
		...(withCost && { cost: 0.56 }),
	};
}

/** The URLs that `submit` and `status` name. */
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
): Record<string, unknown> {
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
		case 'nothing':
			return {};
	}
}
