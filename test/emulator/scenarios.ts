import type { FaultName } from './faults';

/**
 * The calls of the APIs that the emulator knows, and the download of a file. `models` is the catalog's
 * list, that of its categories, or that of the deployments; `model` is one model or deployment. `objectInfo` is
 * what a deployment says of its ComfyUI.
 */
export type Endpoint =
	| 'submit'
	| 'status'
	| 'result'
	| 'cancel'
	| 'models'
	| 'model'
	| 'objectInfo'
	| 'media';

/** What the output of a result names. */
export type Output =
	| 'video'
	| 'videos'
	| 'image'
	| 'images'
	| 'audio'
	| 'audios'
	| 'mixed'
	| 'nested'
	| 'url'
	| 'urls'
	| 'text'
	| 'nothing';

/** How one request fares. Times in ms. */
export interface Scenario {
	queuedMs: number;
	runMs: number;
	/** How many requests are queued before it at first. */
	queuePosition: number;
	ends: 'completed' | 'failed' | 'cancelled';
	/** What the output names, in place of what the model makes. */
	output?: Output;
	/** How `result` answers while the request goes on: with the status, or HTTP 400 and 400005. */
	unfinishedResult: 'status' | 'refused';
	/** How `result` answers for a completed request: with the output, HTTP 400, or an error beside `succeeded`. */
	finishedResult: 'output' | 'refused' | 'error';
	/** What `result` says of a failed run, beside its status. */
	failure: Record<string, unknown>;
	/** Status words in place of the documented ones, in `status` and `result`. */
	words: Record<string, string>;
	/** The same for what `status` says alone. */
	statusWords?: Record<string, string>;
	/** Names the request by a number, with more digits than a JavaScript number holds. */
	numericId?: boolean;
	/** Whether a cancel is only said to be requested. */
	oldCancel?: boolean;
	/** What goes wrong with the first, second, … call of an endpoint. */
	faults: Partial<Record<Endpoint, FaultName[]>>;
}

/** ComfyUI's own answer to a workflow that is not right, which quotes what was sent. */
const NODE_ERRORS = {
	error: { type: 'prompt_outputs_failed_validation', message: 'Prompt outputs failed validation' },
	node_errors: {
		'3': {
			class_type: 'KSampler',
			dependent_outputs: ['9'],
			errors: [
				{
					type: 'value_bigger_than_max',
					message: 'Value 900 bigger than max of 100',
					details: 'cfg',
					extra_info: { input_name: 'cfg', received_value: 'a secret prompt' },
				},
			],
		},
	},
};
const NODE_EXCEPTION = [
	{
		errorCode: 50_001,
		error: 'execution failed',
		debugInfo: JSON.stringify({
			node_id: '3',
			node_type: 'KSampler',
			exception_type: 'torch.OutOfMemoryError',
			exception_message: 'Allocation on device',
			traceback: ['File "/comfyui/execution.py", line 1'],
			current_inputs: { text: ['a secret prompt'] },
		}),
	},
];

const quick: Scenario = {
	queuedMs: 0,
	runMs: 1_000,
	queuePosition: 0,
	ends: 'completed',
	unfinishedResult: 'status',
	finishedResult: 'output',
	failure: { error: 'content policy' },
	words: {},
	faults: {},
};

/** Named scenarios: a prompt that starts with `[name]` plays one. */
export const SCENARIOS = {
	quick,
	demo: { ...quick, queuedMs: 4_000, runMs: 6_000, queuePosition: 3 },
	bench: { ...quick, runMs: 12_000 },
	instant: { ...quick, runMs: 50 },
	slow: { ...quick, queuedMs: 5_000, runMs: 180_000 },
	endless: { ...quick, runMs: Number.POSITIVE_INFINITY },
	queued: { ...quick, queuedMs: Number.POSITIVE_INFINITY, queuePosition: 7 },
	failing: { ...quick, ends: 'failed' },
	cancelled: { ...quick, ends: 'cancelled' },
	refusedUntilFinished: { ...quick, runMs: 180_000, unfinishedResult: 'refused' },
	completedButRefused: { ...quick, finishedResult: 'refused' },
	completedWithError: { ...quick, finishedResult: 'error' },
	throttled: {
		...quick,
		faults: {
			submit: ['throttled', 'throttledBare'],
			status: ['throttledBare'],
			result: ['throttled'],
		},
	},
	dropping: {
		...quick,
		faults: {
			status: ['resetBefore', 'html502'],
			result: ['resetDuring', 'json503', 'halfJson', 'json500', 'html200', 'empty200'],
			media: ['resetBefore', 'json503'],
		},
	},
	lostAnswer: { ...quick, faults: { submit: ['resetAfter'] } },
	truncated: { ...quick, faults: { media: ['short', 'short'] } },
	truncatedForever: {
		...quick,
		faults: { media: Array.from({ length: 20 }, (): FaultName => 'short') },
	},
	unknownStatus: { ...quick, runMs: 30_000, words: { in_progress: 'reticulating_splines' } },
	unknownForever: {
		...quick,
		runMs: Number.POSITIVE_INFINITY,
		words: { in_progress: 'reticulating_splines' },
	},
	otherWords: {
		...quick,
		words: { in_queue: 'pending', in_progress: 'processing', completed: 'succeeded' },
	},
	/** The words of the model's API page, in both. */
	pageWords: { ...quick, words: { completed: 'completed', failed: 'failed' } },
	failingInPageWords: { ...quick, ends: 'failed', words: { failed: 'failed' } },
	/** An end under a word that nobody knows, with its reason beside it. */
	aborted: { ...quick, ends: 'failed', words: { failed: 'aborted' } },
	nsfw: {
		...quick,
		ends: 'failed',
		words: { failed: 'nsfw' },
		failure: { finished_at: '2026-11-22T10:00:00Z', failure_reason: 'content policy' },
	},
	/** A new word for the end in `status`, while `result` has the old one. */
	newWords: { ...quick, runMs: 30_000, statusWords: { completed: 'delivered' } },
	newWordInResult: { ...quick, words: { completed: 'delivered' } },
	noWordInResult: { ...quick, words: { completed: '' } },
	errorBody200: { ...quick, faults: { submit: ['errorBody200'] } },
	noBalance: { ...quick, faults: { submit: ['noBalance200'] } },
	numericId: { ...quick, numericId: true },
	videos: { ...quick, output: 'videos' },
	image: { ...quick, output: 'image' },
	images: { ...quick, output: 'images' },
	audio: { ...quick, output: 'audio' },
	audios: { ...quick, output: 'audios' },
	mixed: { ...quick, output: 'mixed' },
	nested: { ...quick, output: 'nested' },
	url: { ...quick, output: 'url' },
	urls: { ...quick, output: 'urls' },
	text: { ...quick, output: 'text' },
	nothing: { ...quick, output: 'nothing' },
	/** A machine of a deployment that has to start first. */
	coldStart: { ...quick, queuedMs: 300_000, runMs: 20_000 },
	/** How a deployment tells that ComfyUI refused the workflow, or that a node of it failed. */
	nodeErrors: { ...quick, ends: 'failed', failure: { error: NODE_ERRORS } },
	nodeException: { ...quick, ends: 'failed', failure: { error: NODE_EXCEPTION } },
	/** A cancel as deployments told it in 2025. */
	cancelRequested: { ...quick, runMs: Number.POSITIVE_INFINITY, oldCancel: true },
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

/** What a prompt may start with to play a scenario. */
export const SCENARIO_WORDS = Object.keys(SCENARIOS).map((name) => `[${name}]`);

/** The scenario that a prompt asks for with `[name]` in front. */
export function scenarioOf(prompt: unknown, otherwise: Scenario): Scenario {
	const [, name] = /^\[(\w+)\]/.exec(String(prompt)) ?? [];
	return name && name in SCENARIOS ? SCENARIOS[name as ScenarioName] : otherwise;
}
